// tf.variable_scope against what TensorFlow 1.15 did (see testdata/cases.py).
#include "variables/variable_scope.h"

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "variables/initializers.h"
#include "variables/recorded_test_util.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

const char* ReuseText(Reuse reuse) {
  switch (reuse) {
    case Reuse::kNo:
      return "False";
    case Reuse::kYes:
      return "True";
    case Reuse::kAuto:
      break;
  }
  return "_ReuseMode.AUTO_REUSE";
}

class Scopes {
 public:
  explicit Scopes(Recorder& r) : r_(r), b_(r.b), g_(r.graph()) {}

  void Run() {
    Here("root");
    Nested();
    AgainByName();
    InNameScope();
    Defaults();
    Reuses();
    Odd();
    Here("end");
  }

 private:
  void Here(absl::string_view label) {
    const VariableScope& scope = *CurrentVariableScope(g_);
    r_.Say(absl::StrCat(label, ": '", scope.name, "' '",
                        scope.original_name_scope, "' ",
                        ReuseText(scope.reuse)));
  }
  void Get1(const std::string& name) {
    GetVariable(b_, Get(name, TensorShape({1})));
  }
  // Enters a scope, says where it is and runs `body` there.
  void In(
      absl::string_view label, VariableScopeOptions options,
      const std::function<void()>& body = [] {}) {
    ScopedVariableScope scope(b_, std::move(options));
    if (!label.empty()) Here(label);
    body();
  }

  void Nested() {
    ScopedVariableScope a(b_, Scope("a"));
    a_ = *a.scope();
    Here("a");
    NoOp(b_);
    Get1("v");
    MakeVar(b_, 1.0f, "w");
    In("a/b", Scope("b"), [&] {
      Get1("v");
      In("a in a/b", Scope(a_), [&] {
        Get1("again");
        NoOp(b_);
      });
    });
  }

  void AgainByName() {
    In("a by name", Scope("a"), [&] {
      Get1("x");
      NoOp(b_);
    });
    In("a reused", Scope(a_, Reuse::kYes), [&] {
      Get1("v");
      NoOp(b_);
      In("a/b reused", Scope("b"), [&] { Get1("v"); });
    });
    VariableScopeOptions bare = Scope(a_);
    bare.auxiliary_name_scope = false;
    In("a without a name scope", bare, [&] {
      NoOp(b_, "bare");
      NameScope original(g_, a_.original_name_scope);
      NoOp(b_, "original");
    });
  }

  void InNameScope() {
    NameScope ns(g_, "ns");
    VariableScopeOptions c = Scope("c");
    c.auxiliary_name_scope = false;
    In("c", c, [&] {
      NoOp(b_, "in_c");
      Get1("v");
    });
    In("d", Scope("d"), [&] { Get1("v"); });
    In("a in ns", Scope(a_), [&] { NoOp(b_); });
  }

  void Defaults() {
    for (int i = 0; i < 3; ++i) {
      In("layer", DefaultScope("layer"), [&] {
        Get1("v");
        In("sub", DefaultScope("sub"));
        In("sub", DefaultScope("sub"));
      });
    }
    for (int i = 0; i < 2; ++i) {
      In("", Scope("outer"),
         [&] { In("layer in outer", DefaultScope("layer")); });
    }
    In("", Scope("layer_7"));
    VariableScopeOptions given = Scope("given");
    given.default_name = "unused";
    In("given", given);
    for (int i = 0; i < 2; ++i) {
      In("", Scope(a_), [&] { In("sub of a", DefaultScope("sub")); });
    }
  }

  void Reuses() {
    In("m", Scope("m", Reuse::kAuto), [&] {
      Get1("v");
      Get1("v");
      In("m/n", Scope("n"));
      In("m/n not reused", Scope("n", Reuse::kNo));
      In("m/n reused", Scope("n", Reuse::kYes));
    });
  }

  void Odd() {
    In("empty", Scope(""), [&] {
      NoOp(b_);
      In("in_empty", Scope("in_empty"));
    });
    In("root reused", Scope(*CurrentVariableScope(g_), Reuse::kYes), [&] {
      Get1("a/v");
      NoOp(b_);
    });
    In("a/b/c", Scope("a/b/c"));
    In("", Scope("r"), [&] {
      Get1("v");
      CurrentVariableScope(g_)->reuse = Reuse::kYes;
      Here("r");
      r_.Say(GetVariable(b_, Get("v", TensorShape({1}))).variable->name());
    });
    In("r again", Scope("r"));
    In("slash", Scope("slash/"));
  }

  Recorder& r_;
  GraphBuilder& b_;
  Graph* g_;
  VariableScope a_;
};

void RunScopes(Recorder& r) { Scopes(r).Run(); }

void ScopeDefaults(Recorder& r) {
  GraphBuilder& b = r.b;
  auto get2 = [&](const std::string& name) {
    return GetVariable(b, Get(name, TensorShape({2}))).variable;
  };
  auto constrained = [](const Var& v) { return bool{v->constraint()}; };
  VariableScopeOptions s = Scope("s");
  s.initializer = OnesInitializer();
  s.dtype = DT_DOUBLE;
  s.use_resource = true;
  s.caching_device = "/job:c";
  s.constraint = [](GraphBuilder&, Output value) { return value; };
  VariableScope kept;
  {
    ScopedVariableScope scope(b, s);
    kept = *scope.scope();
    r.SayBool(constrained(get2("v")));
    VariableOptions plain;  // follows the scope's use_resource
    MakeVar(b, 1.0f, plain);
    GetVariableOptions f =
        Get("f", TensorShape({2}), ZerosInitializer(), DT_FLOAT);
    f.use_resource = false;
    GetVariable(b, f);
    {
      ScopedVariableScope sub(b, Scope("sub"));
      r.SayBool(constrained(get2("v")));
    }
    VariableScopeOptions off = Scope("off");
    off.use_resource = false;
    off.dtype = DT_INT32;
    off.caching_device = "/job:d";
    ScopedVariableScope off_scope(b, off);
    get2("v");
  }
  {
    VariableScopeOptions again = Scope(kept);
    again.dtype = DT_FLOAT;
    ScopedVariableScope scope(b, again);
    r.SayBool(constrained(get2("again")));
  }
  ScopedVariableScope set(b, Scope("set"));
  set.scope()->initializer = ConstantInitializer(Tensor::Scalar<int32_t>(4));
  set.scope()->dtype = DT_INT32;
  set.scope()->use_resource = true;
  get2("v");
}

void CustomGetters(Recorder& r) {
  GraphBuilder& b = r.b;
  CustomGetter outer = [&](GetVariableFn getter, GraphBuilder& b,
                           GetVariableOptions options) {
    r.Say(absl::StrCat("outer ", options.name, " ", ReuseText(*options.reuse),
                       " ", *options.trainable ? "True" : "False", " ",
                       DTypePythonName(options.dtype)));
    return getter(b, std::move(options));
  };
  CustomGetter inner = [&](GetVariableFn getter, GraphBuilder& b,
                           GetVariableOptions options) {
    r.Say(absl::StrCat("inner ", options.name));
    options.trainable = false;
    options.name += "_in";
    return getter(b, std::move(options));
  };
  CustomGetter own = [&](GetVariableFn getter, GraphBuilder& b,
                         GetVariableOptions options) {
    r.Say(absl::StrCat("own ", options.name));
    return getter(b, std::move(options));
  };
  VariableScope kept;
  {
    VariableScopeOptions s = Scope("s");
    s.custom_getter = outer;
    ScopedVariableScope s_scope(b, s);
    GetVariable(b, Get("v", TensorShape({1})));
    VariableScopeOptions t = Scope("t");
    t.custom_getter = inner;
    ScopedVariableScope t_scope(b, t);
    kept = *t_scope.scope();
    GetVariable(b, Get("v", TensorShape({1})));
    GetVariableOptions o = Get("o", TensorShape({1}));
    o.custom_getter = own;
    GetVariable(b, o);
  }
  {
    ScopedVariableScope scope(b, Scope(kept, Reuse::kAuto));
    GetVariable(b, Get("v", TensorShape({1})));
  }
  VariableScopeOptions again = Scope(kept, Reuse::kAuto);
  again.custom_getter = own;
  ScopedVariableScope scope(b, again);
  GetVariable(b, Get("v", TensorShape({1})));
}

TEST(VariableScopeTest, NamesCountsAndReuseFollowTensorFlow) {
  ExpectRecorded("scopes", RunScopes);
}
TEST(VariableScopeTest, DefaultsAreInheritedExceptTheConstraint) {
  ExpectRecorded("scope_defaults", ScopeDefaults);
}
TEST(VariableScopeTest, CustomGettersNestFromTheInnermost) {
  ExpectRecorded("custom_getters", CustomGetters);
}

TEST(VariableScopeTest, ThreadsShareVariablesButNotScopes) {
  RegisterStandardOps();
  Recorder r;
  ScopedVariableScope a(r.b, Scope("a"));
  Var v = GetVariable(r.b, Get("v", TensorShape({1}))).variable;
  ASSERT_NE(v, nullptr);
  std::thread([&] {
    GraphBuilder b(r.graph());
    EXPECT_EQ(CurrentVariableScope(r.graph())->name, "");
    ScopedVariableScope again(b, Scope("a", Reuse::kYes));
    EXPECT_EQ(GetVariable(b, Get("v", TensorShape({1}))).variable, v);
    EXPECT_EQ(CurrentVariableScope(r.graph())->reuse, Reuse::kYes);
  }).join();
  EXPECT_EQ(CurrentVariableScope(r.graph())->reuse, Reuse::kNo);
}

TEST(VariableScopeTest, GraphsHaveVariablesOfTheirOwn) {
  RegisterStandardOps();
  for (int i = 0; i < 200; ++i) {  // more than are kept after their graphs
    Recorder r;
    ScopedVariableScope a(r.b, DefaultScope("a"));
    EXPECT_EQ(a.scope()->name, "a");
    GetVariable(r.b, Get("v", TensorShape({1})));
    EXPECT_TRUE(r.b.ok()) << r.b.status();
  }
}

}  // namespace
}  // namespace retrograph
