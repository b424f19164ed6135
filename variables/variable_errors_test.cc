// The errors of variables and scopes against TensorFlow 1.15's classes and
// texts (see testdata/cases.py).
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "graph/traceback.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "variables/initializers.h"
#include "variables/recorded_test_util.h"
#include "variables/variable.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

class Errors {
 public:
  explicit Errors(Recorder& r) : r_(r), b_(r.b) {}

  void Run() {
    Setup();
    Variables();
    Existing();
    Values();
    PartitionErrors();
    ScopesAndInitializers();
    Assignments();
  }

 private:
  void GetFails(absl::string_view label, GetVariableOptions options,
                absl::optional<Reuse> reuse = {}) {
    r_.Fails(label, [&](GraphBuilder& b) {
      ScopedVariableScope scope(
          b, Scope(*CurrentVariableScope(r_.graph()), reuse));
      GetVariable(b, options);
    });
  }
  static GetVariableOptions Split(GetVariableOptions options,
                                  Partitioner partitioner) {
    options.partitioner = std::move(partitioner);
    return options;
  }
  static Partitioner Returning(std::vector<int> parts) {
    return [=](const TensorShape&, DataType) { return parts; };
  }
  static GetVariableOptions Value(GetVariableOptions options, Input value) {
    options.initial_value = std::move(value);
    return options;
  }

  void Setup() {
    GetVariable(b_, Get("v", TensorShape({2, 3})));
    GetVariableOptions resource = Get("r", TensorShape({2}));
    resource.use_resource = true;
    GetVariable(b_, resource);
    GetVariable(b_, Split(Get("p", TensorShape({4})), two_));
    GetVariable(b_, Get("q/part_0", TensorShape({4})));
    GetVariable(b_, Get("q/part_2", TensorShape({4})));
  }

  void Variables() {
    r_.Fails("no value",
             [](GraphBuilder& b) { Variable::Create(b, Named("x")); });
    r_.Fails("unknown shape", [](GraphBuilder& b) {
      MakeVar(b, Placeholder(b, DT_FLOAT), "x");
    });
    r_.Fails("half shape", [](GraphBuilder& b) {
      MakeVar(b, Placeholder(b, DT_FLOAT, PartialTensorShape({-1, 2})), "x");
    });
    r_.Fails("bad name", [](GraphBuilder& b) { MakeVar(b, 1.0f, "a b"); });
    VariableOptions as_float = Named("x");
    as_float.dtype = DT_FLOAT;
    r_.Fails("dtype", [&](GraphBuilder& b) {
      MakeVar(b, Constant(b, Tensor::Scalar<int32_t>(1)), as_float);
    });
    r_.Fails("dtype fn", [&](GraphBuilder& b) {
      VariableOptions fn = as_float;
      fn.name = "y";
      fn.initializer = [](GraphBuilder& b) {
        return Constant(b, Tensor::Scalar<int32_t>(1));
      };
      Variable::Create(b, fn);
    });
    r_.Fails("shape argument", [](GraphBuilder& b) {
      VariableOptions shaped = Named("x");
      shaped.shape = TensorShape({2});
      shaped.use_resource = true;
      MakeVar(b, Floats({1}), shaped);
    });
    r_.Fails("device", [](GraphBuilder& b) {
      VariableOptions cached;
      cached.caching_device = "/nonsense:x";
      MakeVar(b, Floats({1}), cached);
    });
  }

  void Existing() {
    GetFails("exists", Get("v", TensorShape({2, 3})));
    GetFails("exists resource", Get("r", TensorShape({2})));
    GetFails("other shape", Get("v", TensorShape({3, 2})), Reuse::kYes);
    GetFails("other rank", Get("v", TensorShape({2})), Reuse::kYes);
    GetFails("partial shape ok", Get("v", PartialTensorShape({-1, 3})),
             Reuse::kYes);
    GetFails("other dtype", Get("v", TensorShape({2, 3}), DT_INT32),
             Reuse::kYes);
    GetFails("other dtype resource", Get("r", TensorShape({2}), DT_INT32),
             Reuse::kYes);
    GetFails("missing", Get("w", TensorShape({1})), Reuse::kYes);
  }

  void Values() {
    GetFails("no shape", Get("w"));
    GetFails("partial shape", Get("w", PartialTensorShape({-1, 2})));
    GetFails("shape and value",
             Value(Get("w", TensorShape({2})), Constant(b_, Floats({1, 2}))));
    GetFails("value dtype", Value(Get("w", {}, DT_INT32), Floats({1, 2})));
    GetFails("no default", Get("w", TensorShape({2}), DT_COMPLEX64));
    GetFails("no default quantized", Get("w", TensorShape({2}), DT_QINT8));
    GetFails("too many values", Get("w", TensorShape({2}),
                                    ConstantInitializer(Floats({1, 2, 3}))));
    GetFails("verify shape",
             Get("w", TensorShape({3, 4}),
                 ConstantInitializer(Floats({1, 2}), /*verify_shape=*/true)));
    GetFails("wrong dtype of initializer",
             Get("w2", TensorShape({2}),
                 Initializer{[](GraphBuilder& b, const TensorShape& shape,
                                DataType, const PartitionInfo*) {
                   return Zeros(b, shape, DT_INT32);
                 }}));
    GetFails("uniform int",
             Get("w3", TensorShape({2}), RandomUniformInitializer(), DT_INT32));
    GetFails("bad name get", Get("a b", TensorShape({1})));
  }

  void PartitionErrors() {
    const TensorShape square({4, 4});
    const TensorShape four({4});
    GetFails("partitioner rank 0", Split(Get("w"), two_));
    GetFails("partitioner partial",
             Split(Get("w", PartialTensorShape({-1, 2})), two_));
    GetFails("partitioner length", Split(Get("w", square), Returning({2})));
    GetFails("partitioner zero", Split(Get("w", square), Returning({2, 0})));
    GetFails("partitioner two axes",
             Split(Get("w", square), Returning({2, 2})));
    GetFails("partitioned exists", Split(Get("p", four), two_));
    GetFails("partitioned shape", Split(Get("p", TensorShape({5})), two_),
             Reuse::kYes);
    GetFails("partitioned dtype", Split(Get("p", four, DT_INT32), two_),
             Reuse::kYes);
    GetFails("partitioned parts",
             Split(Get("p", four), FixedSizePartitioner(4)), Reuse::kYes);
    GetFails("partitioned missing", Split(Get("w", four), two_), Reuse::kYes);
    GetFails("not partitioned", Split(Get("v", TensorShape({2, 3})), two_));
    GetFails("is partitioned", Get("p", four));
    GetFails("is partitioned auto", Get("p", four), Reuse::kAuto);
    GetFails("parts missing", Split(Get("q", four), two_));
    GetFails("extra part", Split(Get("q", four), FixedSizePartitioner(1)));
    GetFails("empty axis",
             Split(Get("w", TensorShape({0, 2})), Returning({1, 1})));
    GetFails("value shape", Split(Value(Get("w", TensorShape({3})),
                                        Constant(b_, Floats({1, 2}))),
                                  two_));
    GetFails("value without shape",
             Split(Value(Get("w"), Floats({1, 2})), two_));
  }

  void ScopesAndInitializers() {
    auto scope_fails = [&](absl::string_view label,
                           VariableScopeOptions options) {
      r_.Fails(label,
               [&](GraphBuilder& b) { ScopedVariableScope scope(b, options); });
    };
    scope_fails("scope none", VariableScopeOptions());
    VariableScopeOptions reuse = DefaultScope("x");
    reuse.reuse = Reuse::kYes;
    scope_fails("scope reuse", reuse);
    scope_fails("scope name", Scope("a b"));
    r_.Fails("scale",
             [](GraphBuilder& b) { b.Take(VarianceScalingInitializer(0)); });
    r_.Fails("mode", [](GraphBuilder& b) {
      b.Take(VarianceScalingInitializer(1, "fan"));
    });
    r_.Fails("distribution", [](GraphBuilder& b) {
      b.Take(VarianceScalingInitializer(1, "fan_in", "Bad"));
    });
  }

  void Assignments() {
    Var v = GetVariable(b_, Value(Get("av"), Floats({1, 2}))).variable;
    GetVariableOptions resource = Value(Get("ar"), Floats({1, 2}));
    resource.use_resource = true;
    Var res = GetVariable(b_, resource).variable;
    r_.Fails("assign shape", [&](GraphBuilder& b) {
      v->Assign(b, Floats({1, 2, 3}));
    });
    r_.Fails("assign shape resource", [&](GraphBuilder& b) {
      res->Assign(b, Floats({1, 2, 3}));
    });
    r_.Fails("assign dtype", [&](GraphBuilder& b) {
      v->Assign(b, Constant(b, Ints({1, 2})));
    });
    r_.Fails("assign dtype resource", [&](GraphBuilder& b) {
      res->Assign(b, Constant(b, Ints({1, 2})));
    });
    r_.Fails("assign_add dtype resource", [&](GraphBuilder& b) {
      res->AssignAdd(b, Constant(b, Ints({1, 2})));
    });
    r_.Fails("use dtype", [&](GraphBuilder& b) {
      b.Op("Add", {Constant(b, Ints({1, 2})), v->AsInput()});
    });
    r_.Fails("use dtype resource", [&](GraphBuilder& b) {
      b.Op("Add", {Constant(b, Ints({1, 2})), res->AsInput()});
    });
  }

  Recorder& r_;
  GraphBuilder& b_;
  const Partitioner two_ = FixedSizePartitioner(2);
};

void RunErrors(Recorder& r) { Errors(r).Run(); }

TEST(VariableErrorsTest, ErrorsAreTensorFlows) {
  ExpectRecorded("errors", RunErrors);
}

TEST(VariableErrorsTest, ExistingVariableIsShownWhereItWasDefined) {
  RegisterStandardOps();
  Recorder r;
  {
    ScopedTraceback where(std::make_shared<const std::vector<Frame>>(
        std::vector<Frame>{{"train.py", 3, "", "build()"},
                           {"model.py", 7, "build", "get_variable('v', [1])"},
                           {"layer.py", 9, "weights", ""}}));
    GraphBuilder b(r.graph());
    GetVariable(b, Get("v", TensorShape({1})));
    ASSERT_TRUE(b.ok()) << b.status();
  }
  GetVariable(r.b, Get("v", TensorShape({1})));
  EXPECT_EQ(ErrorClassName(r.b.status()), "ValueError");
  EXPECT_EQ(r.b.status().message(),
            "Variable v already exists, disallowed. Did you mean to set "
            "reuse=True or reuse=tf.AUTO_REUSE in VarScope? Originally defined "
            "at:\n\n"
            "  File \"layer.py\", line 9, in weights\n"
            "  File \"model.py\", line 7, in build\n"
            "    get_variable('v', [1])\n"
            "  File \"train.py\", line 3, in <module>\n"
            "    build()\n");
}

}  // namespace
}  // namespace retrograph
