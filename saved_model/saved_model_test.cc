// What TensorFlow writes and reads is compared in python/tests; here is what a
// C++ caller sees.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "saved_model/builder.h"
#include "saved_model/constants.h"
#include "saved_model/loader.h"
#include "saved_model/signature_def.h"
#include "variables/variable.h"

namespace retrograph {
namespace saved_model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// y = x * v, where v is 2.
class SavedModelTest : public testing::Test {
 protected:
  SavedModelTest() {
    RegisterStandardOps();
    graph_ = Graph::Create();
    GraphBuilder b(graph_.get());
    x_ = Placeholder(b, DT_FLOAT, PartialTensorShape({-1}), "x");
    VariableOptions options;
    options.name = "v";
    options.initial_value = Input(Tensor::Scalar<float>(2));
    auto variable = Variable::Create(b, std::move(options));
    y_ = b.Op("Mul", {x_, variable->AsInput()}, {}, "y");
    EXPECT_OK(b.status());
    session_ = NewSession(graph_);
    EXPECT_OK(session_->Run({}, {}, {variable->initializer()}).status());
    builder_options_.file_system = &fs_;
    builder_options_.log = [this](LogLevel, absl::string_view line) {
      lines_.emplace_back(line);
    };
    signature_ = *PredictSignatureDef({{"in", BuildTensorInfo(x_)}},
                                      {{"out", BuildTensorInfo(y_)}});
  }

  std::unique_ptr<Session> NewSession(std::shared_ptr<Graph> graph) {
    SessionOptions options;
    options.file_system = &fs_;
    return *Session::Create(std::move(graph), options);
  }
  std::unique_ptr<SavedModelBuilder> Builder(const std::string& folder) {
    auto builder = SavedModelBuilder::Create(folder, builder_options_);
    EXPECT_OK(builder.status());
    return *std::move(builder);
  }
  AddMetaGraphOptions Options() const {
    AddMetaGraphOptions options;
    options.signature_def_map[kDefaultServingSignatureDefKey] = signature_;
    return options;
  }
  Output PathConstant(const std::string& path) {
    GraphBuilder b(graph_.get());
    return Constant(b, Tensor::Scalar<std::string>(path), "path");
  }
  std::string ErrorOf(const AddMetaGraphOptions& options) {
    return std::string(Builder("m" + std::to_string(++folders_))
                           ->AddMetaGraphAndVariables(
                               session_.get(), graph_.get(), {"serve"}, options)
                           .message());
  }

  MemFileSystem fs_;
  std::vector<std::string> lines_;
  int folders_ = 0;
  SavedModelBuilderOptions builder_options_;
  std::shared_ptr<Graph> graph_;
  Output x_, y_;
  std::unique_ptr<Session> session_;
  SignatureDef signature_;
};

TEST_F(SavedModelTest, ALoadedModelIsCalledByItsSignature) {
  for (const bool as_text : {false, true}) {
    const std::string folder = as_text ? "text" : "binary";
    auto builder = Builder(folder);
    ASSERT_OK(builder->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                                {kServing}, Options()));
    RG_ASSERT_OK_AND_ASSIGN(const std::string path, builder->Save(as_text));
    EXPECT_EQ(path, folder + (as_text ? "/saved_model.pbtxt"
                                      : "/saved_model.pb"));
    EXPECT_TRUE(ContainsSavedModel(&fs_, folder));

    RG_ASSERT_OK_AND_ASSIGN(const auto loader,
                            SavedModelLoader::Open(folder, &fs_));
    auto graph = Graph::Create();
    auto session = NewSession(graph);
    RG_ASSERT_OK_AND_ASSIGN(const MetaGraphDef* meta_graph,
                            loader.Load(session.get(), {kServing}));
    const SignatureDef& signature =
        meta_graph->signature_def().at(kDefaultServingSignatureDefKey);
    RG_ASSERT_OK_AND_ASSIGN(
        const auto values,
        session->RunByName({{signature.inputs().at("in").name(),
                             Tensor::Vector<float>({1, 3})}},
                           {signature.outputs().at("out").name()}));
    EXPECT_THAT(values[0].flat<float>(), ElementsAre(2, 6));
  }
}

TEST_F(SavedModelTest, TheLogIsTensorFlows) {
  ASSERT_OK(fs_.CreateDirectories("in"));
  ASSERT_OK(WriteStringToFile(&fs_, "in/a.txt", "hello"));
  auto builder = Builder("m");
  AddMetaGraphOptions options = Options();
  ASSERT_OK(builder->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                              {"a"}, options));
  options.assets = {PathConstant("in/a.txt")};
  ASSERT_OK(builder->AddMetaGraph(graph_.get(), {"b"}, options));
  options.assets->clear();
  ASSERT_OK(builder->AddMetaGraph(graph_.get(), {"c"}, options));
  ASSERT_OK(builder->Save().status());
  EXPECT_THAT(lines_,
              ElementsAre("No assets to save.", "No assets to write.",
                          "Assets added to graph.",
                          "Assets written to: m/assets",
                          "Assets added to graph.", "No assets to write.",
                          "SavedModel written to: m/saved_model.pb"));
}

TEST_F(SavedModelTest, AssetsOfOneNameAreToldApart) {
  ASSERT_OK(fs_.CreateDirectories("a"));
  ASSERT_OK(fs_.CreateDirectories("b"));
  ASSERT_OK(fs_.CreateDirectories("c"));
  ASSERT_OK(WriteStringToFile(&fs_, "a/f", "one"));
  ASSERT_OK(WriteStringToFile(&fs_, "b/f", "two"));
  ASSERT_OK(WriteStringToFile(&fs_, "c/f", "one"));
  auto builder = Builder("m");
  AddMetaGraphOptions options = Options();
  options.assets = {PathConstant("a/f"), PathConstant("b/f"),
                    PathConstant("c/f")};
  ASSERT_OK(builder->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                              {"serve"}, options));
  EXPECT_THAT(*fs_.ListDirectory("m/assets"), ElementsAre("f", "f_1"));
  EXPECT_EQ(*ReadFileToString(&fs_, "m/assets/f"), "one");
  EXPECT_EQ(*ReadFileToString(&fs_, "m/assets/f_1"), "two");
  EXPECT_THAT(
      AssetFeeds("m", builder->saved_model().meta_graphs(0), "s"),
      ElementsAre(std::make_pair("s/path:0", "m/assets/f"),
                  std::make_pair("s/path_1:0", "m/assets/f_1"),
                  std::make_pair("s/path_2:0", "m/assets/f")));
}

TEST_F(SavedModelTest, WhatIsNoAssetIsATypeError) {
  AddMetaGraphOptions options = Options();
  options.assets = {x_};
  EXPECT_EQ(ErrorOf(options), "Asset path tensor must be of type constant.");
  GraphBuilder b(graph_.get());
  options.assets = {Constant(b, Tensor::Scalar<float>(1), "c")};
  EXPECT_EQ(ErrorOf(options), "Asset path tensor must be of dtype string.");
  options.assets = {PathConstant("")};
  EXPECT_THAT(ErrorOf(options), HasSubstr("Invalid asset filepath tensor"));
  options.assets = {PathConstant("gone")};
  EXPECT_EQ(ErrorOf(options), "gone; No such file or directory");
}

TEST_F(SavedModelTest, TheMainOpRunsAfterALoadWithTheAssetsFed) {
  ASSERT_OK(WriteStringToFile(&fs_, "table.txt", "content"));
  GraphBuilder b(graph_.get());
  const Output path = PathConstant("table.txt");
  VariableOptions local;
  local.name = "where";
  local.initial_value = Input(path);
  local.collections = {graph_keys::kLocalVariables};
  auto where = Variable::Create(b, std::move(local));
  ASSERT_OK(b.status());
  AddMetaGraphOptions options = Options();
  options.assets = {path};
  options.main_op = where->initializer();
  auto builder = Builder("m");
  ASSERT_OK(builder->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                              {"serve"}, options));
  ASSERT_OK(builder->Save().status());
  // A graph has one main op.
  EXPECT_EQ(ErrorOf(options),
            "Graph already contains one or more main ops under the collection "
            "saved_model_main_op.");

  RG_ASSERT_OK_AND_ASSIGN(const auto loader, SavedModelLoader::Open("m", &fs_));
  auto session = NewSession(Graph::Create());
  ImportMetaGraphOptions scoped;
  scoped.import_scope = "s";
  ASSERT_OK(loader.Load(session.get(), {"serve"}, scoped).status());
  RG_ASSERT_OK_AND_ASSIGN(const auto values,
                          session->RunByName({}, {"s/where:0"}));
  EXPECT_EQ(values[0].scalar<std::string>(), "m/assets/table.txt");
}

TEST_F(SavedModelTest, OrderOfCallsAndFoldersAreChecked) {
  auto builder = Builder("m");
  EXPECT_THAT(builder->AddMetaGraph(graph_.get(), {"a"}, Options()).message(),
              HasSubstr("has not been saved yet. Please invoke "
                        "`add_meta_graph_and_variables()` first."));
  ASSERT_OK(builder->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                              {"a"}, Options()));
  EXPECT_THAT(builder
                  ->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                             {"a"}, Options())
                  .message(),
              HasSubstr("already been saved. Please invoke `add_meta_graph()` "
                        "instead."));
  EXPECT_EQ(ErrorClassName(
                SavedModelBuilder::Create("m", builder_options_).status()),
            "AssertionError");
}

TEST_F(SavedModelTest, TensorInfosMustBeWhole) {
  AddMetaGraphOptions options = Options();
  TensorInfo& info =
      (*options.signature_def_map[kDefaultServingSignatureDefKey]
            .mutable_inputs())["in"];
  info.clear_dtype();
  EXPECT_THAT(ErrorOf(options),
              HasSubstr("must have the dtype field set: name: \"x:0\""));
  info.clear_name();
  EXPECT_THAT(ErrorOf(options), HasSubstr("'encoding' fields"));
  options = Options();
  options.signature_def_map[kInitOpSignatureKey] = signature_;
  EXPECT_THAT(ErrorOf(options), HasSubstr("is reserved for initialization"));
}

TEST_F(SavedModelTest, ASparseTensorIsThreeTensors) {
  GraphBuilder b(graph_.get());
  const auto placeholder = [&b](const std::string& name, DataType dtype) {
    return b.Op("Placeholder", {},
                {Attr("dtype", dtype), Attr("shape", PartialTensorShape())},
                name);
  };
  const Output indices = placeholder("indices", DT_INT64);
  const Output values = placeholder("values", DT_FLOAT);
  const Output shape = Constant(b, Tensor::Vector<int64_t>({3, 4}), "shape");
  ASSERT_OK(b.status());
  TensorInfo info = BuildSparseTensorInfo(indices, values, shape);
  EXPECT_EQ(info.dtype(), DT_FLOAT);
  EXPECT_EQ(info.tensor_shape().dim(1).size(), 4);
  RG_ASSERT_OK_AND_ASSIGN(const std::vector<Output> parts,
                          GetTensorFromTensorInfo(info, *graph_));
  EXPECT_THAT(parts, ElementsAre(indices, values, shape));
  info.mutable_coo_sparse()->set_values_tensor_name("gone:0");
  EXPECT_EQ(ErrorClassName(GetTensorFromTensorInfo(info, *graph_).status()),
            "KeyError");
}

TEST_F(SavedModelTest, MetaGraphsAreFoundByExactlyTheirTags) {
  auto builder = Builder("m");
  ASSERT_OK(builder->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                              {"serve", "gpu"}, Options()));
  ASSERT_OK(builder->AddMetaGraph(graph_.get(), {"train"}, Options()));
  ASSERT_OK(builder->Save().status());
  RG_ASSERT_OK_AND_ASSIGN(const auto loader, SavedModelLoader::Open("m", &fs_));
  EXPECT_OK(loader.GetMetaGraphDefFromTags({"gpu", "serve"}).status());
  const auto missing = loader.GetMetaGraphDefFromTags({"serve"}).status();
  EXPECT_EQ(ErrorClassName(missing), "RuntimeError");
  EXPECT_EQ(missing.message(),
            "MetaGraphDef associated with tags 'serve' could not be found in "
            "SavedModel. To inspect available tag-sets in the SavedModel, "
            "please use the SavedModel CLI: `saved_model_cli`\n"
            "available_tags: [{'gpu', 'serve'}, {'train'}]");
}

TEST_F(SavedModelTest, WhatIsNoSavedModelIsAnOSError) {
  EXPECT_FALSE(ContainsSavedModel(&fs_, "m"));
  const auto missing = SavedModelLoader::Open("m", &fs_).status();
  EXPECT_EQ(ErrorClassName(missing), "OSError");
  EXPECT_EQ(missing.message(),
            "SavedModel file does not exist at: "
            "m/{saved_model.pbtxt|saved_model.pb}");
  ASSERT_OK(fs_.CreateDirectories("m"));
  ASSERT_OK(WriteStringToFile(&fs_, "m/saved_model.pbtxt", "meta_graphs {"));
  EXPECT_THAT(SavedModelLoader::Open("m", &fs_).status().message(),
              HasSubstr("Cannot parse file b'm/saved_model.pbtxt': 1:14"));
  ASSERT_OK(WriteStringToFile(&fs_, "m/saved_model.pb", "\xff"));
  EXPECT_EQ(SavedModelLoader::Open("m", &fs_).status().message(),
            "Cannot parse file b'm/saved_model.pb': Error parsing message with "
            "type 'tensorflow.SavedModel'.");
}

TEST_F(SavedModelTest, AFailedWriteLeavesNoSavedModelAndNoTemporaryFile) {
  auto builder = Builder("m");
  ASSERT_OK(builder->AddMetaGraphAndVariables(session_.get(), graph_.get(),
                                              {"serve"}, Options()));
  // Where the message should go is a folder: the rename fails.
  ASSERT_OK(fs_.CreateDirectories("m/saved_model.pb/x"));
  EXPECT_FALSE(builder->Save().ok());
  EXPECT_THAT(*fs_.ListDirectory("m"),
              ElementsAre("saved_model.pb", "variables"));
}

TEST(SignatureDefTest, WhatServingTakesIsValid) {
  TensorInfo text, number;
  text.set_name("a:0");
  text.set_dtype(DT_STRING);
  number.set_name("b:0");
  number.set_dtype(DT_FLOAT);
  EXPECT_TRUE(IsValidSignature(*RegressionSignatureDef(text, number)));
  EXPECT_TRUE(
      IsValidSignature(*ClassificationSignatureDef(text, text, number)));
  EXPECT_TRUE(IsValidSignature(*PredictSignatureDef({{"a", text}},
                                                    {{"b", number}})));
  EXPECT_FALSE(IsValidSignature(SignatureDef()));
  EXPECT_FALSE(IsValidSignature(
      BuildSignatureDef({{"inputs", number}}, {{"outputs", number}},
                        kRegressMethodName)));
  EXPECT_FALSE(IsValidSignature(BuildSignatureDef(
      {{"inputs", text}}, {{"scores", number}, {"more", number}},
      kClassifyMethodName)));
  EXPECT_FALSE(
      IsValidSignature(BuildSignatureDef({}, {{"y", number}},
                                         kPredictMethodName)));
  EXPECT_EQ(RegressionSignatureDef(number, number).status().message(),
            "Regression examples must be a string Tensor.");
  EXPECT_EQ(ClassificationSignatureDef(text, number, number).status().message(),
            "Classification classes must be a string Tensor.");
}

}  // namespace
}  // namespace saved_model
}  // namespace retrograph
