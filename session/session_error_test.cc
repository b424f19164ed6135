// What a run says when it fails: codes and texts as TensorFlow 1.15.5 has them.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "session/session.h"
#include "session/session_test_util.h"

namespace retrograph {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SessionErrorTest : public GraphSessionTest {};

TEST_F(SessionErrorTest, AKernelsErrorNamesTheNodeAndItsPlace) {
  registry_->Op("Fails")
      .Output("y: float")
      .Kernel({}, LambdaKernelFactory([](KernelContext* ctx) {
                ctx->SetStatus(absl::NotFoundError("it is gone"));
              }));
  const ScopedTraceback place(PlaceInFile("train.py", 12));
  const Output f = b_.Op("Fails", {}, {}, "a/f");
  const absl::Status status = NewSession()->Run({}, {f}, {}).status();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kNotFound,
                       "it is gone\n\t [[node a/f (defined at train.py:12) "
                       "]]"));
  EXPECT_EQ(ErrorOpName(status), "a/f");
  EXPECT_EQ(ErrorClassName(status), "NotFoundError");
}

TEST_F(SessionErrorTest, AKernelThatCannotBeMadeNamesTheNode) {
  registry_->Op("Refuses")
      .Output("y: float")
      .Kernel({},
              [](const Operation&) -> absl::StatusOr<std::unique_ptr<Kernel>> {
                return absl::InvalidArgumentError("bad attr");
              });
  const ScopedTraceback place(PlaceInFile("train.py", 3));
  const Output f = b_.Op("Refuses", {}, {}, "r");
  EXPECT_THAT(NewSession()->Run({}, {f}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "bad attr\n\t [[node r (defined at train.py:3) ]]"));
}

TEST_F(SessionErrorTest, AnOutputThatAKernelForgetsIsAnInternalError) {
  registry_->Op("Forgets")
      .Output("y: float")
      .Kernel({}, LambdaKernelFactory([](KernelContext*) {}));
  const Output f = b_.Op("Forgets", {}, {}, "f");
  EXPECT_THAT(NewSession()->Run({}, {f}, {}),
              StatusIs(absl::StatusCode::kInternal,
                       StartsWith("Missing 0-th output from node f ")));
}

TEST_F(SessionErrorTest, OfSeveralErrorsTheFirstIsReported) {
  int failed = 0;
  registry_->Op("FailsIn")
      .Input("x: float")
      .Output("y: float")
      .Attr("number: int")
      .Kernel({}, LambdaKernelFactory([&failed](KernelContext* ctx) {
                ++failed;
                ctx->SetStatus(absl::AbortedError(
                    absl::StrCat("error of ", ctx->op().name())));
              }));
  const Output c = Const(1, "c");
  const Output one = b_.Op("FailsIn", {c}, {Attr("number", int64_t{1})}, "one");
  const Output two = b_.Op("FailsIn", {c}, {Attr("number", int64_t{2})}, "two");
  // As on TensorFlow: the thread that ran `c` goes on with the last of them.
  EXPECT_THAT(NewSession()->Run({}, {two, one}, {}),
              StatusIs(absl::StatusCode::kAborted,
                       StartsWith("error of two\n\t [[node two ")));
  EXPECT_EQ(failed, 2);
}

// TensorFlow computes equal nodes once, under the name of the first.
TEST_F(SessionErrorTest, TheFirstOfEqualNodesIsNamed) {
  registry_->Op("FailsWith")
      .Input("x: float")
      .Output("y: float")
      .Attr("how: int")
      .Kernel({}, LambdaKernelFactory([](KernelContext* ctx) {
                ctx->SetStatus(absl::AbortedError("no"));
              }));
  const Output d = Const(2, "d");
  const Output c = Const(1, "c");
  const auto fails = [&](const Output& x, int64_t how, const char* name) {
    return b_.Op("FailsWith", {b_.Op("Neg", {x})}, {Attr("how", how)}, name);
  };
  const Output first = fails(c, 1, "first");
  const Output equal = fails(c, 1, "equal");
  const Output other_attr = fails(c, 2, "other_attr");
  const Output other_input = fails(d, 1, "other_input");
  EXPECT_THAT(NewSession()->Run({}, {equal, first}, {}).status(),
              StatusIs(absl::StatusCode::kAborted,
                       StartsWith("no\n\t [[node first ")));
  for (const Output& different : {other_attr, other_input}) {
    EXPECT_THAT(NewSession()->Run({}, {first, different}, {}).status(),
                StatusIs(absl::StatusCode::kAborted,
                         StartsWith(absl::StrCat("no\n\t [[node ",
                                                 different.op->name(), " "))));
  }
  // Alone, it is the first.
  EXPECT_THAT(NewSession()->Run({}, {equal}, {}).status(),
              StatusIs(absl::StatusCode::kAborted,
                       StartsWith("no\n\t [[node equal ")));
}

TEST_F(SessionErrorTest, AnUnfedPlaceholderSaysSo) {
  const ScopedTraceback place(PlaceInFile("t.py", 7));
  const Output p = Placeholder({2}, "p");
  const Output y = b_.Op("Neg", {p});
  EXPECT_THAT(
      NewSession()->Run({}, {y}, {}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "You must feed a value for placeholder tensor 'p' with dtype "
               "float and shape [2]\n\t [[node p (defined at t.py:7) ]]"));
}

TEST_F(SessionErrorTest, ATargetThatIsAFedPlaceholderRunsAllTheSame) {
  const Output p = Placeholder(PartialTensorShape(), "p");
  EXPECT_THAT(NewSession()->Run({{p, Tensor::Scalar(1.0f)}}, {}, {p.op}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("You must feed a value for placeholder "
                                  "tensor 'p' with dtype float\n")));
}

TEST_F(SessionErrorTest, AFetchedUninitialisedVariableIsNamedByARetval) {
  const Output v = RefVariable("v");
  const Output w = RefVariable("w");
  Operation* const set_v = b_.AddOp("Assign", {v, Const(1, "c")});
  auto session = NewSession();
  absl::Status status = session->Run({}, {v}, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "Attempting to use uninitialized value v\n\t "
                               "[[{{node _retval_v_0_0}}]]"));
  EXPECT_EQ(ErrorOpName(status), "");
  // Retvals are numbered by name, not in the order they are asked for.
  ASSERT_OK(session->Run({}, {}, {set_v}));
  EXPECT_THAT(session->Run({}, {w, v}, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "Attempting to use uninitialized value w\n\t "
                       "[[{{node _retval_w_0_1}}]]"));
}

TEST_F(SessionErrorTest, AReadOfAnUninitialisedVariableIsItsConsumersError) {
  const ScopedTraceback place(PlaceInFile("t.py", 7));
  const Output v = RefVariable("v");
  const Output read = b_.Op("Identity", {v}, {}, "v/read");
  const Output add = b_.Op("AssignAdd", {v, Const(1, "c")}, {}, "AssignAdd");
  auto session = NewSession();
  EXPECT_THAT(session->Run({}, {read}, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "Attempting to use uninitialized value v\n\t "
                       "[[node v/read (defined at t.py:7) ]]"));
  const absl::Status status = session->Run({}, {add}, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "Attempting to use uninitialized value v\n\t "
                               "[[node AssignAdd (defined at t.py:7) ]]"));
  EXPECT_EQ(ErrorOpName(status), "AssignAdd");
}

TEST_F(SessionErrorTest, AnUninitialisedVariableMayBeAskedAbout) {
  const Output v = RefVariable("v");
  const Output is = b_.Op("IsVariableInitialized", {v});
  RG_ASSERT_OK_AND_ASSIGN(auto values, NewSession()->Run({}, {is}, {}));
  EXPECT_FALSE(values[0].scalar<bool>());
}

TEST_F(SessionErrorTest, AFedVariableCannotBeWritten) {
  const Output v = RefVariable("v");
  Operation* const assign =
      b_.AddOp("Assign", {v, Const(1, "c")}, {}, "v/Assign");
  EXPECT_THAT(NewSession()->Run({{v, Tensor::Scalar(2.0f)}}, {}, {assign}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Input 0 of node v/Assign was passed float from "
                       "_arg_v_0_0:0 incompatible with expected float_ref."));
}

TEST_F(SessionErrorTest, AFeedOfAnotherShapeIsAValueError) {
  const Output p = Placeholder({2, 3}, "p");
  const Output q = Placeholder(PartialTensorShape({-1, 3}), "q");
  auto session = NewSession();
  EXPECT_THAT(
      session->Run({{p, Tensor(DT_FLOAT, TensorShape({3, 2}))}}, {p}, {}),
      PythonErrorIs("ValueError",
                    "Cannot feed value of shape (3, 2) for Tensor 'p:0', "
                    "which has shape '(2, 3)'"));
  EXPECT_THAT(session->Run({{q, Tensor(DT_FLOAT, TensorShape({2}))}}, {q}, {}),
              PythonErrorIs("ValueError",
                            "Cannot feed value of shape (2,) for Tensor 'q:0', "
                            "which has shape '(?, 3)'"));
}

TEST_F(SessionErrorTest, AFeedOfAnotherTypeIsRefused) {
  const Output p = Placeholder({}, "p");
  const Output y = b_.Op("Neg", {p});
  EXPECT_THAT(NewSession()->Run({{p, Tensor::Scalar<int32_t>(1)}}, {y}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Expects arg[0] to be float but int32 is provided"));
}

TEST_F(SessionErrorTest, AnElementOfAnotherGraphIsRefused) {
  const Output mine = Const(1, "mine");
  auto other = Graph::Create(registry_.get());
  GraphBuilder b(other.get());
  const Output a = b.Op(
      "Placeholder", {},
      {Attr("dtype", DT_FLOAT), Attr("shape", PartialTensorShape({2}))}, "a");
  Operation* const n = b.AddOp("NoOp", {}, {}, "n");
  ASSERT_OK(b.status());
  auto session = NewSession();
  EXPECT_THAT(
      session->Run({}, {a}, {}),
      PythonErrorIs("ValueError",
                    "Fetch argument <tf.Tensor 'a:0' shape=(2,) "
                    "dtype=float32> cannot be interpreted as a Tensor. "
                    "(Tensor Tensor(\"a:0\", shape=(2,), dtype=float32) is "
                    "not an element of this graph.)"));
  EXPECT_THAT(
      session->Run({}, {}, {n}),
      PythonErrorIs("ValueError",
                    "Fetch argument <tf.Operation 'n' type=NoOp> cannot be "
                    "interpreted as a Tensor. (Operation name: \"n\"\nop: "
                    "\"NoOp\"\n is not an element of this graph.)"));
  EXPECT_THAT(
      session->Run({{a, Tensor(DT_FLOAT, TensorShape({2}))}}, {mine}, {}),
      PythonErrorIs("TypeError",
                    "Cannot interpret feed_dict key as Tensor: Tensor "
                    "Tensor(\"a:0\", shape=(2,), dtype=float32) is not an "
                    "element of this graph."));
}

TEST_F(SessionErrorTest, AnOutputThatWasNeverMadeIsNone) {
  Const(1, "c");
  auto session = NewSession();
  EXPECT_THAT(session->Run({}, {Output()}, {}),
              PythonErrorIs("TypeError",
                            "Fetch argument None has invalid type <class "
                            "'NoneType'>"));
  EXPECT_THAT(session->Run({}, {}, {nullptr}),
              PythonErrorIs("TypeError",
                            "Fetch argument None has invalid type <class "
                            "'NoneType'>"));
}

TEST_F(SessionErrorTest, AnOutputThatTheOpDoesNotHaveIsRefused) {
  const Output c = Const(1, "c");
  auto session = NewSession();
  for (int index : {-1, 1}) {
    const Output bad{c.op, index};
    EXPECT_THAT(session->Run({}, {bad}, {}),
                PythonErrorIs("ValueError", HasSubstr("exists but only has 1 "
                                                      "outputs.\")")));
    EXPECT_THAT(session->Run({{bad, Tensor::Scalar(1.0f)}}, {c}, {}),
                PythonErrorIs("TypeError",
                              HasSubstr("exists but only has 1 outputs.")));
  }
}

TEST_F(SessionErrorTest, WhatMayNotBeFedOrFetchedIsNot) {
  const Output p = Placeholder(PartialTensorShape(), "a");
  const Output c = Const(1, "c");
  graph_->PreventFeeding(p);
  graph_->PreventFetching(c.op);
  auto session = NewSession();
  EXPECT_THAT(session->Run({{p, Tensor::Scalar(1.0f)}}, {p}, {}),
              PythonErrorIs("ValueError",
                            "Tensor Tensor(\"a:0\", dtype=float32) may not be "
                            "fed."));
  const std::string not_fetchable =
      "Operation 'c' has been marked as not fetchable. Typically this happens "
      "when it is defined in another function or code block. Use return values,"
      "explicit Python locals or TensorFlow collections to access it.";
  EXPECT_THAT(session->Run({}, {c}, {}),
              PythonErrorIs("InaccessibleTensorError", not_fetchable));
  EXPECT_THAT(session->Run({}, {}, {c.op}),
              PythonErrorIs("InaccessibleTensorError", not_fetchable));
}

TEST_F(SessionErrorTest, AnEmptyGraphCannotBeRun) {
  EXPECT_THAT(NewSession()->RunByName({}, {"a"}),
              PythonErrorIs("RuntimeError",
                            "The Session graph is empty.  Add operations to "
                            "the graph before calling run()."));
}

TEST_F(SessionErrorTest, UnknownNamesAreExplained) {
  Const(1, "c");
  auto session = NewSession();
  const struct {
    std::string name, error;
  } cases[] = {
      {"nope:0",
       "Fetch argument 'nope:0' cannot be interpreted as a Tensor. (\"The name "
       "'nope:0' refers to a Tensor which does not exist. The operation, "
       "'nope', does not exist in the graph.\")"},
      {"no'pe:0",
       "Fetch argument \"no'pe:0\" cannot be interpreted as a Tensor. ('The "
       "name \"no\\'pe:0\" refers to a Tensor which does not exist. The "
       "operation, \"no\\'pe\", does not exist in the graph.')"},
      {"nope",
       "Fetch argument 'nope' cannot be interpreted as a Tensor. (\"The name "
       "'nope' refers to an Operation not in the graph.\")"},
      {"c:1",
       "Fetch argument 'c:1' cannot be interpreted as a Tensor. (\"The name "
       "'c:1' refers to a Tensor which does not exist. The operation, 'c', "
       "exists but only has 1 outputs.\")"},
      {"a:b:c",
       "Fetch argument 'a:b:c' cannot be interpreted as a Tensor. (The name "
       "'a:b:c' looks a like a Tensor name, but is not a valid one. Tensor "
       "names must be of the form \"<op_name>:<output_index>\".)"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(session->RunByName({}, {c.name}),
                PythonErrorIs("ValueError", c.error));
  }
  EXPECT_THAT(
      session->RunByName({{"save/Const:0", Tensor::Scalar(1.0f)}}, {"c:0"}),
      PythonErrorIs("TypeError",
                    "Cannot interpret feed_dict key as Tensor: The name "
                    "'save/Const:0' refers to a Tensor which does not exist. "
                    "The operation, 'save/Const', does not exist in the "
                    "graph."));
  EXPECT_THAT(
      session->RunByName({{"c", Tensor::Scalar(1.0f)}}, {"c:0"}),
      PythonErrorIs("TypeError",
                    "Cannot interpret feed_dict key as Tensor: The name 'c' "
                    "refers to an Operation, not a Tensor. Tensor names must "
                    "be of the form \"<op_name>:<output_index>\"."));
}

TEST_F(SessionErrorTest, AMissingKernelIsReportedWithTheKernelsThereAre) {
  registry_->Op("FloatOnly")
      .Input("x: T")
      .Output("y: T")
      .Attr("T: type")
      .Kernel({{"T", {DT_FLOAT}}}, LambdaKernelFactory([](KernelContext* ctx) {
                ctx->set_output(0, ctx->TakeInput(0));
              }));
  const Output x = b_.Op("Const", {},
                         {Attr("dtype", DT_STRING),
                          Attr("value", Tensor::Scalar(std::string("s")))});
  const ScopedTraceback place(PlaceInFile("t.py", 7));
  const Output y = b_.Op("FloatOnly", {x}, {}, "c");
  const absl::Status status = NewSession()->Run({}, {y}, {}).status();
  EXPECT_THAT(
      status,
      StatusIs(absl::StatusCode::kInvalidArgument,
               "No OpKernel was registered to support Op 'FloatOnly' used by "
               "node c (defined at t.py:7) with these attrs: [T=DT_STRING]\n"
               "Registered devices: [CPU, XLA_CPU]\nRegistered kernels:\n  "
               "device='CPU'; T in [DT_FLOAT]\n\n\t [[c]]"));
  EXPECT_EQ(ErrorOpName(status), "");
}

// ---- InterpolateNodeNames ----

TEST_F(SessionErrorTest, TagsOfKnownNodesAreReplaced) {
  const ScopedTraceback place(PlaceInFile("t.py", 7));
  Const(1, "a/b.c-d_1");
  EXPECT_EQ(InterpolateNodeNames(*graph_, "x {{node a/b.c-d_1}} y"),
            "x node a/b.c-d_1 (defined at t.py:7)  y");
  EXPECT_EQ(InterpolateNodeNames(*graph_, "[[{{node nope}}]]"),
            "[[{{node nope}}]]");
  EXPECT_EQ(InterpolateNodeNames(*graph_, "{{function_node f}} x"), " x");
  for (const char* untouched :
       {"", "{{", "{{}}", "{{node}}", "{{node a", "{{ node a/b.c-d_1}}",
        "{{node  a/b.c-d_1}}", "{{node -a}}", "{{{"}) {
    EXPECT_EQ(InterpolateNodeNames(*graph_, untouched), untouched);
  }
  EXPECT_EQ(InterpolateNodeNames(*graph_, "{{{{node a/b.c-d_1}}"),
            "{{node a/b.c-d_1 (defined at t.py:7) ");
}

}  // namespace
}  // namespace retrograph
