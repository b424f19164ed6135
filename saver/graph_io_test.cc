#include "saver/graph_io.h"

#include <string>

#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "google/protobuf/text_format.h"

namespace retrograph {
namespace {

GraphDef Graph() {
  GraphDef graph_def;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "node { name: 'a' op: 'Const' attr { key: 'dtype' "
      "value { type: DT_FLOAT } } attr { key: 'value' value { tensor { "
      "dtype: DT_FLOAT tensor_shape { } float_val: 0.1 } } } } "
      "versions { producer: 134 }",
      &graph_def));
  return graph_def;
}

// The text is TensorFlow 1.15.5's: of tf.constant(0.1, name="a").
TEST(WriteGraphTest, WritesTensorFlowsText) {
  MemFileSystem fs;
  EXPECT_EQ(WriteGraph(&fs, Graph(), "/x/y", "g.pbtxt").value(),
            "/x/y/g.pbtxt");
  EXPECT_EQ(ReadFileToString(&fs, "/x/y/g.pbtxt").value(),
            R"(node {
  name: "a"
  op: "Const"
  attr {
    key: "dtype"
    value {
      type: DT_FLOAT
    }
  }
  attr {
    key: "value"
    value {
      tensor {
        dtype: DT_FLOAT
        tensor_shape {
        }
        float_val: 0.10000000149011612
      }
    }
  }
}
versions {
  producer: 134
}
)");
}

TEST(WriteGraphTest, WritesBinaryThatIsTheSameEachTime) {
  MemFileSystem fs;
  EXPECT_EQ(WriteGraph(&fs, Graph(), "/x/", "g.pb", /*as_text=*/false).value(),
            "/x/g.pb");
  const std::string bytes = ReadFileToString(&fs, "/x/g.pb").value();
  GraphDef parsed;
  ASSERT_TRUE(parsed.ParseFromString(bytes));
  EXPECT_EQ(parsed.DebugString(), Graph().DebugString());
  RG_ASSERT_OK_AND_ASSIGN(const std::string again,
                          WriteGraph(&fs, parsed, "/x", "h.pb", false));
  EXPECT_EQ(ReadFileToString(&fs, again).value(), bytes);
}

TEST(WriteGraphTest, AFileWhereTheFolderShouldBeIsAnError) {
  MemFileSystem fs;
  ASSERT_OK(WriteStringToFile(&fs, "/x", ""));
  EXPECT_FALSE(WriteGraph(&fs, Graph(), "/x", "g").ok());
}

}  // namespace
}  // namespace retrograph
