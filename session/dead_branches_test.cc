#include "session/dead_branches.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "session/session.h"
#include "session/session_test_util.h"

namespace retrograph {
namespace {

std::pair<std::string, AttrValue> T(DataType dtype) { return Attr("T", dtype); }

class DeadBranchesTest : public testing::Test {
 protected:
  DeadBranchesTest() : registry_(StandardRegistryForTesting()) {}

  std::unique_ptr<Session> NewSession(const GraphDefWriter& def) {
    return *Session::Create(def.Build(registry_.get()), {});
  }

  std::unique_ptr<OpRegistry> registry_;
};

// As TensorFlow: "m" asks for the branch not taken only if it is fetched or run
// itself, or if what decides may be another value.
TEST_F(DeadBranchesTest, ABranchThatAConstantRulesOutNeedsNothing) {
  GraphDefWriter w;
  w.Node("unset", "VariableV2", {},
         {Attr("dtype", DT_INT32), Attr("shape", TensorShape())});
  w.Node("v", "Identity", {"unset"}, {T(DT_INT32)});
  w.Value("one", Tensor::Scalar<int32_t>(1));
  w.Value("no", Tensor::Scalar(false));
  w.Node("p", "Identity", {"no"}, {T(DT_BOOL)});
  w.Node("sw", "Switch", {"v", "p"}, {T(DT_INT32)});
  w.Node("neg", "Neg", {"sw:1"}, {T(DT_INT32)});
  w.Node("other", "Switch", {"one", "p"}, {T(DT_INT32)});
  w.Node("m", "Merge", {"neg", "other"}, {T(DT_INT32), Attr("N", 2)});
  w.Node("out", "Neg", {"m"}, {T(DT_INT32)});
  w.Node("dead", "Merge", {"neg", "neg"}, {T(DT_INT32), Attr("N", 2)});
  w.Node("dead_out", "Neg", {"dead"}, {T(DT_INT32)});
  const auto uninitialized = StatusIs(absl::StatusCode::kFailedPrecondition,
                                      testing::HasSubstr("value unset"));
  const auto session = NewSession(w);
  RG_ASSERT_OK_AND_ASSIGN(auto value, RunOne(session.get(), "out:0"));
  EXPECT_EQ(value.scalar<int32_t>(), -1);
  EXPECT_THAT(RunOne(session.get(), "m:0"), uninitialized);
  EXPECT_THAT(session->RunByName({}, {"out:0"}, {"m"}), uninitialized);
  EXPECT_THAT(RunOne(session.get(), "dead_out:0"), uninitialized);
  EXPECT_THAT(
      RunOne(session.get(), "out:0", {{"no:0", Tensor::Scalar(true)}}),
      uninitialized);
  RG_ASSERT_OK_AND_ASSIGN(
      value, RunOne(session.get(), "out:0",
                    {{"v:0", Tensor::Scalar<int32_t>(7)},
                     {"p:0", Tensor::Scalar(true)}}));
  EXPECT_EQ(value.scalar<int32_t>(), 7);
}

// What is left of a Merge after that may still be dead, by another Switch.
TEST_F(DeadBranchesTest, ABranchInABranchNotTakenIsDead) {
  GraphDefWriter w;
  w.Node("p", "Placeholder", {},
         {Attr("dtype", DT_BOOL), Attr("shape", TensorShape())});
  w.Value("v", Tensor::Scalar<int32_t>(5));
  w.Value("no", Tensor::Scalar(false));
  w.Node("outer", "Switch", {"v", "p"}, {T(DT_INT32)});
  w.Node("inner", "Switch", {"outer:1", "no"}, {T(DT_INT32)});
  w.Node("m", "Merge", {"inner", "inner:1"}, {T(DT_INT32), Attr("N", 2)});
  w.Node("neg", "Neg", {"m"}, {T(DT_INT32)});
  w.Node("out", "Merge", {"outer", "neg"}, {T(DT_INT32), Attr("N", 2)});
  const auto session = NewSession(w);
  for (bool p : {true, false}) {
    RG_ASSERT_OK_AND_ASSIGN(
        auto value,
        RunOne(session.get(), "out:0", {{"p:0", Tensor::Scalar(p)}}));
    EXPECT_EQ(value.scalar<int32_t>(), p ? -5 : 5);
  }
}

}  // namespace
}  // namespace retrograph
