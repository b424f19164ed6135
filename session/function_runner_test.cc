// Functions of a graph's library, called by the datasets that name them.
#include <string>

#include "absl/strings/str_cat.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "graph/import.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "session/session.h"

namespace retrograph {
namespace {

using testing::HasSubstr;

const char kTypes[] = R"pb(
  attr {
    key: "output_types"
    value { list { type: DT_INT64 } }
  }
  attr {
    key: "output_shapes"
    value { list { shape {} } }
  })pb";

std::string Int64Const(const std::string& name, int value) {
  return absl::StrCat(
      "{ name: '", name, "' op: 'Const' attr { key: 'dtype' value { type: ",
      "DT_INT64 } } attr { key: 'value' value { tensor { dtype: DT_INT64 ",
      "tensor_shape {} int64_val: ", value, " } } } }");
}

// A dataset of 0 and 1 under an op with a function, its iterator, and the
// function itself.
std::shared_ptr<Graph> Pipeline(const std::string& op_type,
                                const std::string& attr,
                                const std::string& function,
                                const std::string& shared_name = "") {
  RegisterStandardOps();
  const std::string text = absl::StrCat(
      "node ", Int64Const("start", 0), "node ", Int64Const("stop", 2), "node ",
      Int64Const("step", 1),
      "node { name: 'range' op: 'RangeDataset' input: ['start', 'stop', "
      "'step']",
      kTypes, "} node { name: 'mapped' op: '", op_type,
      "' input: 'range' attr { key: 'Targuments' value { list {} } } attr { "
      "key: '",
      attr, "' value { func { name: 'f' } } }", kTypes,
      "} node { name: 'iterator' op: 'IteratorV2' attr { key: 'shared_name' "
      "value { s: '", shared_name,
      "' } } attr { key: 'container' value { s: '' } }", kTypes,
      "} node { name: 'start_it' op: 'MakeIterator' input: ['mapped', "
      "'iterator'] } node { name: 'next' op: 'IteratorGetNext' input: "
      "'iterator'",
      kTypes, "} library { function { ", function, " } }");
  GraphDef graph_def;
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(text, &graph_def));
  std::shared_ptr<Graph> graph = Graph::Create();
  ImportOptions options;
  options.name = "";
  EXPECT_OK(ImportGraphDef(graph.get(), graph_def, options));
  return graph;
}

const char kSignature[] = R"pb(
  signature {
    name: "f"
    input_arg { name: "x" type: DT_INT64 }
    output_arg { name: "y" type: %s }
  })pb";

std::string Signature(const std::string& type) {
  std::string text = kSignature;
  text.replace(text.find("%s"), 2, type);
  return text;
}

class FunctionRunnerTest : public testing::Test {
 protected:
  void Start(std::shared_ptr<Graph> graph) {
    auto session = Session::Create(std::move(graph));
    ASSERT_OK(session);
    session_ = *std::move(session);
  }
  absl::Status Begin() {
    return session_->RunByName({}, {}, {"start_it"}).status();
  }
  absl::StatusOr<std::vector<Tensor>> Next() {
    return session_->RunByName({}, {"next:0"});
  }

  std::unique_ptr<Session> session_;
};

TEST_F(FunctionRunnerTest, MapsEachElement) {
  Start(Pipeline("MapDataset", "f",
                 Signature("DT_INT64") + R"pb(
                   node_def {
                     name: "sum"
                     op: "AddV2"
                     input: "x"
                     input: "x"
                     attr {
                       key: "T"
                       value { type: DT_INT64 }
                     }
                   }
                   ret { key: "y" value: "sum:z:0" })pb"));
  ASSERT_OK(Begin());
  for (int64_t expected : {0, 2}) {
    const auto next = Next();
    ASSERT_OK(next);
    EXPECT_EQ((*next)[0].scalar<int64_t>(), expected);
  }
  EXPECT_THAT(Next(), StatusIs(absl::StatusCode::kOutOfRange,
                               HasSubstr("End of sequence")));
}

TEST_F(FunctionRunnerTest, AnErrorNamesTheFunctionItsNodeAndTheCaller) {
  Start(Pipeline("MapDataset", "f",
                 Signature("DT_INT64") + R"pb(
                   node_def {
                     name: "division"
                     op: "FloorDiv"
                     input: "x"
                     input: "x"
                     attr {
                       key: "T"
                       value { type: DT_INT64 }
                     }
                   }
                   ret { key: "y" value: "division:z:0" })pb"));
  ASSERT_OK(Begin());
  EXPECT_THAT(Next(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("\n\t [[{{node division}}]]\n\t "
                                         "[[next]]")));
}

TEST_F(FunctionRunnerTest, AFunctionThatIsNotThereIsNotFound) {
  Start(Pipeline("MapDataset", "f", "signature { name: 'g' }"));
  EXPECT_THAT(Begin(), StatusIs(absl::StatusCode::kNotFound,
                                HasSubstr("Function f is not defined.")));
}

TEST_F(FunctionRunnerTest, AResultOfAnotherTypeIsAnError) {
  Start(Pipeline("FilterDataset", "predicate",
                 Signature("DT_INT64") + "ret { key: 'y' value: 'x' }"));
  ASSERT_OK(Begin());
  EXPECT_THAT(Next(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("must return a scalar bool")));
}

// Each dataset of the function asks the next one, for ever.
TEST_F(FunctionRunnerTest, DatasetsWithoutAnEndAreStopped) {
  std::string function = Signature("DT_VARIANT");
  absl::StrAppend(
      &function, "node_def ", Int64Const("zero", 0), "node_def ",
      Int64Const("one", 1),
      "node_def { name: 'range' op: 'RangeDataset' input: ['zero:output:0', "
      "'one:output:0', 'one:output:0']",
      kTypes,
      "} node_def { name: 'flat' op: 'FlatMapDataset' input: "
      "'range:handle:0' attr { key: 'Targuments' value { list {} } } attr { "
      "key: 'f' value { func { name: 'f' } } }",
      kTypes, "} ret { key: 'y' value: 'flat:handle:0' }");
  Start(Pipeline("FlatMapDataset", "f", function));
  ASSERT_OK(Begin());
  EXPECT_THAT(Next(), StatusIs(absl::StatusCode::kResourceExhausted,
                               HasSubstr("without an end")));
}

// The factory of the iterator in the function is the function.
TEST_F(FunctionRunnerTest, FunctionsThatCallThemselvesAreStopped) {
  std::string function = Signature("DT_INT64");
  absl::StrAppend(
      &function,
      "node_def { name: 'shot' op: 'OneShotIterator' attr { key: "
      "'dataset_factory' value { func { name: 'g' } } }",
      kTypes,
      "} node_def { name: 'next' op: 'IteratorGetNext' input: "
      "'shot:handle:0'",
      kTypes,
      "} ret { key: 'y' value: 'next:components:0' } } function { signature { "
      "name: 'g' output_arg { name: 'd' type: DT_VARIANT } } node_def { name: "
      "'shot' op: 'OneShotIterator' attr { key: 'dataset_factory' value { "
      "func { name: 'g' } } }",
      kTypes,
      "} node_def { name: 'next' op: 'IteratorGetNext' input: "
      "'shot:handle:0' attr { key: 'output_types' value { list { type: "
      "DT_VARIANT } } } attr { key: 'output_shapes' value { list { shape {} } "
      "} } } ret { key: 'd' value: 'next:components:0' }");
  Start(Pipeline("MapDataset", "f", function));
  ASSERT_OK(Begin());
  EXPECT_THAT(Next(), StatusIs(absl::StatusCode::kResourceExhausted,
                               HasSubstr("call one another")));
}

// The function takes the next element of the very iterator that calls it.
TEST_F(FunctionRunnerTest, AnIteratorInItsOwnFunctionIsAnError) {
  std::string function = Signature("DT_INT64");
  absl::StrAppend(
      &function,
      "node_def { name: 'it' op: 'IteratorV2' attr { key: 'shared_name' value "
      "{ s: 'same' } } attr { key: 'container' value { s: '' } }",
      kTypes,
      "} node_def { name: 'next' op: 'IteratorGetNext' input: "
      "'it:handle:0'",
      kTypes, "} ret { key: 'y' value: 'next:components:0' }");
  Start(Pipeline("MapDataset", "f", function, "same"));
  ASSERT_OK(Begin());
  EXPECT_THAT(Next(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("function that it calls itself")));
}

}  // namespace
}  // namespace retrograph
