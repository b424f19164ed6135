#include "tools/show_saved_model.h"

#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "saved_model/builder.h"
#include "saved_model/signature_def.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

using ::testing::HasSubstr;

class ShowSavedModelTest : public testing::Test {
 protected:
  // y = x * v with an asset and a main op, as 'serve'; and as 'train', 'gpu'.
  ShowSavedModelTest() {
    RegisterStandardOps();
    EXPECT_OK(WriteStringToFile(&fs_, "vocabulary.txt", "words"));
    auto graph = Graph::Create();
    GraphBuilder b(graph.get());
    const Output x = Placeholder(b, DT_FLOAT, PartialTensorShape({-1, 2}), "x");
    VariableOptions variable_options;
    variable_options.name = "v";
    variable_options.initial_value = Input(Tensor::Vector<float>({1, 2}));
    auto v = Variable::Create(b, std::move(variable_options));
    const Output y = b.Op("Mul", {x, v->AsInput()}, {}, "y");
    const Output path =
        Constant(b, Tensor::Scalar<std::string>("vocabulary.txt"), "path");
    Operation* ready = NoOp(b, "ready");
    EXPECT_OK(b.status());
    SessionOptions session_options;
    session_options.file_system = &fs_;
    auto session = *Session::Create(graph, session_options);
    EXPECT_OK(session->Run({}, {}, {v->initializer()}).status());

    saved_model::SavedModelBuilderOptions builder_options;
    builder_options.file_system = &fs_;
    auto builder = *saved_model::SavedModelBuilder::Create("m", builder_options);
    saved_model::AddMetaGraphOptions options;
    options.signature_def_map["serving_default"] =
        *saved_model::PredictSignatureDef(
            {{"pixels", saved_model::BuildTensorInfo(x)}},
            {{"scores", saved_model::BuildTensorInfo(y)}});
    options.assets = {path};
    options.main_op = ready;
    EXPECT_OK(builder->AddMetaGraphAndVariables(session.get(), graph.get(),
                                                {"serve"}, options));
    EXPECT_OK(builder->AddMetaGraph(graph.get(), {"train", "gpu"}, {}));
    EXPECT_OK(builder->Save().status());
  }

  MemFileSystem fs_;
  std::ostringstream out_;
};

TEST_F(ShowSavedModelTest, PrintsTagsSignaturesAssetsInitOpAndVariables) {
  ASSERT_OK(ShowSavedModel(&fs_, "m", {}, out_));
  const std::string text = out_.str();
  EXPECT_THAT(text, HasSubstr("meta graph 'serve': "));
  EXPECT_THAT(text, HasSubstr("meta graph 'train', 'gpu': "));
  EXPECT_THAT(
      text, HasSubstr(
                "  signature 'serving_default', tensorflow/serving/predict\n"
                "    input   'pixels'  float32  [?,2]  x:0\n"
                "    output  'scores'  float32  [?,2]  y:0\n"
                "  asset  m/assets/vocabulary.txt  path:0\n"
                "  runs after a load: ready\n"));
  EXPECT_THAT(text, HasSubstr("variables in m/variables/variables\n"
                              "v  float32    [2]            8 bytes\n"));
}

TEST_F(ShowSavedModelTest, PrintsTheSameAsJson) {
  ListOptions options;
  options.json = true;
  ASSERT_OK(ShowSavedModel(&fs_, "m", options, out_));
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["schema_version"], 1);
  ASSERT_EQ(json["meta_graphs"].size(), 2u);
  const auto& serve = json["meta_graphs"][0];
  EXPECT_EQ(serve["tags"], nlohmann::json({"serve"}));
  EXPECT_EQ(serve["init_op"], "ready");
  EXPECT_EQ(serve["assets"]["path:0"], "m/assets/vocabulary.txt");
  EXPECT_EQ(serve["signatures"]["serving_default"]["inputs"]["pixels"]["dtype"],
            "float32");
  EXPECT_EQ(json["variables"][0]["name"], "v");
}

TEST_F(ShowSavedModelTest, AFolderIsListedAndShownByItsVariables) {
  EXPECT_EQ(ResolvePrefix(&fs_, "m"), "m/variables/variables");
  ASSERT_OK(ShowTensor(&fs_, "m", "v", {}, out_));
  EXPECT_EQ(out_.str(), "v  float32 [2]\n[1. 2.]\n");
}

TEST_F(ShowSavedModelTest, AnotherFolderIsAnError) {
  EXPECT_THAT(ShowSavedModel(&fs_, "gone", {}, out_).message(),
              HasSubstr("SavedModel file does not exist at: gone/"));
}

}  // namespace
}  // namespace retrograph
