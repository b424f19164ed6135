// The bytes are those of deterministic serialisation of the message.
#include <limits>
#include <string>

#include "core/message_bytes.h"
#include "google/protobuf/text_format.h"
#include "graph/builder.h"
#include "graph/import.h"
#include "graph/node_bytes.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

// Of every kind: devices, shapes, outputs but the first, control inputs out of order,
// functions with attrs, one of them in a list, a library.
constexpr char kGraphDef[] = R"(
node { name: 'p' op: 'Placeholder' device: '/device:CPU:0'
       attr { key: 'dtype' value { type: DT_FLOAT } }
       attr { key: 'shape' value { shape { dim { size: -1 } dim { size: 3 } } } } }
node { name: 'u' op: 'Strange' input: 'p'
       attr { key: 'z' value { func { name: 'f'
         attr { key: 'y' value { i: 1 } } attr { key: 'b' value { i: 2 } }
         attr { key: 'a' value { i: 3 } } attr { key: 'x' value { i: 4 } } } } }
       attr { key: 'l' value { list { func { name: 'f'
         attr { key: 'q' value { s: 'text' } } attr { key: 'c' value { } } } } } }
       attr { key: 'empty' value { } }
       attr { key: '_first' value { b: true } } }
node { name: 'c10' op: 'NoOp' } node { name: 'c9' op: 'NoOp' }
node { name: 'c1' op: 'NoOp' input: '^c9' }
node { name: 'i' op: 'Identity' input: 'u:11' input: '^c9' input: '^c10'
       input: '^c1' attr { key: 'T' value { type: DT_FLOAT } } }
node { name: 's' op: 'Placeholder'
       attr { key: 'dtype' value { type: DT_FLOAT } }
       attr { key: 'shape' value { shape { } } } }
node { name: 'e' op: 'Placeholder'
       attr { key: 'dtype' value { type: DT_FLOAT } }
       attr { key: 'shape' value { shape { dim { size: 0 } dim { size: 300 } } } } }
node { name: 'r' op: 'Placeholder'
       attr { key: 'dtype' value { type: DT_FLOAT } }
       attr { key: 'shape' value { shape { unknown_rank: true } } } }
library { function { signature { name: 'f' } } }
versions { producer: 134 })";

class NodeBytesTest : public testing::Test {
 protected:
  NodeBytesTest() : graph_(Graph::Create(TestOps())) {
    GraphDef graph_def;
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(kGraphDef, &graph_def));
    ImportOptions options;
    options.name = "";
    options.keep_unknown_ops = true;
    EXPECT_EQ(Raised(ImportGraphDef(graph_.get(), graph_def, options)), "OK");
  }

  void ExpectSame() {
    for (const bool add_shapes : {false, true}) {
      for (const int first : {-1, 0, 1, 3, 100}) {
        EXPECT_EQ(GraphDefBytes(*graph_, add_shapes, first),
                  SerializeDeterministically(graph_->ToGraphDef(add_shapes, first)))
            << add_shapes << " " << first;
      }
    }
  }

  std::shared_ptr<Graph> graph_;
};

TEST_F(NodeBytesTest, AreThoseOfTheMessage) {
  const GraphDef graph_def = graph_->ToGraphDef();
  ASSERT_EQ(graph_def.node_size(), 9);
  EXPECT_EQ(graph_def.node(5).input(0), "u:11");
  EXPECT_EQ(graph_def.library().function_size(), 1);
  ExpectSame();
}

TEST_F(NodeBytesTest, ShapesComeAfterThoseThatAreThere) {
  AttrValue shapes;
  shapes.mutable_list()->add_shape()->set_unknown_rank(true);
  graph_->FindOperation("i")->SetAttr("_output_shapes", shapes);
  EXPECT_EQ(graph_->ToGraphDef(/*add_shapes=*/true)
                .node(5)
                .attr()
                .at("_output_shapes")
                .list()
                .shape_size(),
            2);
  ExpectSame();
}

TEST_F(NodeBytesTest, LongNamesAndValuesHaveLongLengths) {
  GraphBuilder b(graph_.get());
  const Output constant =
      TestConstant(b, Tensor::Vector<float>(std::vector<float>(5000, 1.5f)),
                   std::string(20000, 'n'));
  b.AddOp("Identity", {constant}, {}, std::string(200, 'i'));
  ASSERT_EQ(Raised(b.status()), "OK");
  ExpectSame();
}

TEST_F(NodeBytesTest, WithoutNodesVersionsAndLibraryAreLeft) {
  const GraphDef rest = GraphDefWithoutNodes(*graph_);
  EXPECT_EQ(rest.node_size(), 0);
  EXPECT_EQ(rest.library().function(0).signature().name(), "f");
  EXPECT_EQ(rest.versions().producer(), graph_->versions().producer());
}

}  // namespace
}  // namespace retrograph
