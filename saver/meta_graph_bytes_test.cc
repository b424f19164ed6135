#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/message_bytes.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "saver/meta_graph.h"
#include "saver/saver.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

void AddVariable(Graph* graph, const std::string& name) {
  GraphBuilder b(graph);
  VariableOptions options;
  options.name = name;
  options.initial_value = Input(Tensor::Scalar<int32_t>(7));
  Variable::Create(b, std::move(options));
  EXPECT_OK(b.status());
}

TEST(MetaGraphBytesTest, AreThoseOfTheMessage) {
  RegisterStandardOps();
  const auto graph = Graph::Create();
  AddVariable(graph.get(), "a/v");
  {
    const DeviceScope device(graph.get(), "/cpu:0");
    AddVariable(graph.get(), "w");
  }
  const auto saver = Saver::Create(graph.get());
  ASSERT_OK(saver.status());
  graph->AddToCollection("numbers", int64_t{3});
  MetaGraphDef::MetaInfoDef info;
  info.set_meta_graph_version("mine");
  ExportMetaGraphOptions plain;
  plain.saver_def = (*saver)->saver_def();
  plain.meta_info_def = &info;
  std::vector<ExportMetaGraphOptions> many(6, plain);
  many[1].clear_devices = true;
  many[2].strip_default_attrs = true;
  many[3].export_scope = "a";
  many[4].clear_extraneous_savers = true;
  many[5].collection_list = std::vector<std::string>{"numbers"};
  for (const ExportMetaGraphOptions& options : many) {
    const auto message = ExportMetaGraph(graph.get(), options);
    ASSERT_OK(message.status());
    const auto bytes = ExportMetaGraphBytes(graph.get(), options);
    ASSERT_OK(bytes.status());
    EXPECT_EQ(*bytes, SerializeDeterministically(*message));
  }
}

TEST(MetaGraphBytesTest, OpsThatAreNotRegisteredAreTheSameError) {
  RegisterStandardOps();
  const auto graph = Graph::Create();
  NodeSpec spec;
  spec.name = "n";
  spec.type = "Strange";
  spec.keep_unknown = true;
  ASSERT_OK(graph->CreateOp(std::move(spec)).status());
  const absl::Status error = ExportMetaGraph(graph.get(), {}).status();
  EXPECT_EQ(error.message(),
            "Op Strange is used by the graph, but is not registered");
  EXPECT_EQ(ExportMetaGraphBytes(graph.get(), {}).status(), error);
}

}  // namespace
}  // namespace retrograph
