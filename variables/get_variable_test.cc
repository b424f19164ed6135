// tf.get_variable, partitions and initialisers against the graphs that
// TensorFlow 1.15 built (see testdata/cases.py).
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "variables/initializers.h"
#include "variables/recorded_test_util.h"
#include "variables/variable.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

void GetVariables(Recorder& r) {
  GraphBuilder& b = r.b;
  Graph* g = r.graph();
  r.Say(GetVariable(b, Get("f", TensorShape({2, 3}))).variable->ReprString());
  GetVariable(b, Get("i", TensorShape({2}), DT_INT32));
  GetVariable(b, Get("b", TensorShape({2}), DT_BOOL));
  GetVariable(b, Get("s", TensorShape({}), DT_STRING));
  GetVariable(b, Get("d", TensorShape({3}), DT_DOUBLE));
  GetVariable(b, Get("h", TensorShape({3}), DT_HALF));
  GetVariable(b, Get("u", TensorShape({2}), DT_UINT8));
  GetVariable(b, Get("big", TensorShape({1000}), DT_INT64));
  GetVariableOptions value = Get("value");
  value.initial_value = Input(Floats({1, 2}));
  GetVariable(b, value);
  GetVariableOptions tensor = Get("tensor");
  tensor.initial_value = Input(Constant(b, Ints({1, 2})));
  GetVariable(b, tensor);
  GetVariableOptions typed = Get("typed", {}, DT_FLOAT);
  typed.initial_value = Input(Floats({1, 2}));
  GetVariable(b, typed);
  GetVariableOptions fn = Get("fn");
  fn.initializer =
      Initializer{[](GraphBuilder& b, const TensorShape&, DataType,
                     const PartitionInfo*) { return Ones(b, {2}, DT_FLOAT); },
                  /*takes_shape=*/false};
  GetVariable(b, fn);
  GetVariableOptions resource = Get("r", TensorShape({2}));
  resource.use_resource = true;
  GetVariable(b, resource);
  {
    NameScope ns(g, "ns");
    DeviceScope job_a(g, "/job:a");
    GetVariableOptions cached =
        Get("cached", TensorShape({1}), ZerosInitializer());
    cached.caching_device = "/job:b";
    GetVariable(b, cached);
    cached.name = "cached_r";
    cached.use_resource = true;
    GetVariable(b, cached);
    GetVariableOptions mine = Get("mine", TensorShape({1}), OnesInitializer());
    mine.collections = {"mine"};
    mine.trainable = false;
    GetVariable(b, mine);
    GetLocalVariable(b, Get("local", TensorShape({1}), OnesInitializer()));
  }
  {
    ControlDependencies after(g, {Constant(b, Tensor::Scalar<int32_t>(1)).op});
    GetVariable(b, Get("dep", TensorShape({1})));
  }
  MakeVar(b, 1.0f, "taken");
  r.Say(GetVariable(b, Get("taken", TensorShape({}))).variable->name());
  {
    ColocateWith colocate(g, Constant(b, Tensor::Scalar<int32_t>(2)).op);
    GetVariable(b, Get("col", TensorShape({1})));
  }
  GetVariableOptions free = Get("free");
  free.initial_value = Input(Placeholder(b, DT_FLOAT));
  free.validate_shape = false;
  GetVariable(b, free);
}

Output SquareLoss(GraphBuilder& b, const Variable& v) {
  return b.Op("Mul", {v.AsInput(), v.AsInput()}, {}, "square");
}

void Regularizers(Recorder& r) {
  GraphBuilder& b = r.b;
  GetVariableOptions v = Get("v", TensorShape({1}));
  v.regularizer = SquareLoss;
  GetVariable(b, v);
  v.name = "r";
  v.use_resource = true;
  GetVariable(b, v);
  VariableScopeOptions s = Scope("s");
  s.regularizer = SquareLoss;
  {
    DeviceScope job_a(r.graph(), "/job:a");
    ScopedVariableScope scope(b, s);
    GetVariable(b, Get("v", TensorShape({1})));
    GetVariableOptions none = Get("none", TensorShape({1}));
    none.regularizer = [](GraphBuilder&, const Variable&) { return Output(); };
    GetVariable(b, none);
    GetVariableOptions p = Get("p", TensorShape({3, 1}));
    p.partitioner = FixedSizePartitioner(2);
    GetVariable(b, p);
  }
  s.reuse = Reuse::kYes;
  {
    ScopedVariableScope scope(b, s);
    GetVariable(b, Get("v", TensorShape({1})));
  }
  MakeVar(b, 1.0f, "taken");
  GetVariableOptions taken = Get("taken", TensorShape({}));
  taken.regularizer = SquareLoss;
  GetVariable(b, taken);
}

void SayParts(Recorder& r, const PartitionedVariable& p, bool with_repr) {
  std::vector<std::string> reprs, specs;
  for (const Var& part : p.parts()) {
    reprs.push_back(absl::StrCat("\"", part->ReprString(), "\""));
    specs.push_back(absl::StrCat("'", part->save_slice_info()->spec(), "'"));
  }
  if (with_repr) r.Say(absl::StrCat("[", absl::StrJoin(reprs, ", "), "]"));
  r.Say(absl::StrCat("[", absl::StrJoin(specs, ", "), "]"));
}

void Partitioned(Recorder& r) {
  GraphBuilder& b = r.b;
  Graph* g = r.graph();
  GetVariableOptions p = Get("p", TensorShape({5, 2}), ZerosInitializer());
  p.partitioner = FixedSizePartitioner(3);
  auto p_var = GetVariable(b, p).partitioned;
  SayParts(r, *p_var, true);
  b.Convert(p_var->AsInput());
  GetVariableOptions q = Get("q", TensorShape({2, 4}));
  q.use_resource = true;
  q.partitioner = FixedSizePartitioner(2, 1);
  auto q_var = GetVariable(b, q).partitioned;
  b.Op("Mul", {q_var->AsInput(), 2.0f}, {}, "twice");
  GetVariableOptions one = Get("one", TensorShape({3}), OnesInitializer());
  one.partitioner = FixedSizePartitioner(1);
  auto one_var = GetVariable(b, one).partitioned;
  SayParts(r, *one_var, false);
  {
    ControlDependencies after(g, {NoOp(b)});
    Identity(b, one_var->AsInput(), "id");
  }
  GetVariableOptions t = Get("t");
  t.initial_value = Input(Constant(b, Floats({1, 2, 3})));
  t.partitioner = FixedSizePartitioner(2);
  GetVariable(b, t);
  GetVariableOptions l = Get("l", TensorShape({3}));
  l.initial_value = Input(Floats({1, 2, 3}));
  l.partitioner = FixedSizePartitioner(2);
  GetVariable(b, l);
  {
    DeviceScope job_a(g, "/job:a");
    GetVariableOptions i = Get("i", TensorShape({3}), DT_INT32);
    i.regularizer = SquareLoss;
    i.partitioner = FixedSizePartitioner(2);
    i.use_resource = true;
    GetVariable(b, i);
  }
  VariableScopeOptions vs = Scope("vs");
  vs.partitioner = FixedSizePartitioner(2);
  std::shared_ptr<PartitionedVariable> v;
  {
    NameScope ns(g, "ns");
    ScopedVariableScope scope(b, vs);
    v = GetVariable(b, Get("v", TensorShape({4}))).partitioned;
    GetVariable(b, Get("scalar", TensorShape({})));
    b.Op("Mul", {v->AsInput(), 2.0f});
  }
  {
    ScopedVariableScope scope(b, Scope("vs", Reuse::kYes));
    GetVariableOptions again = Get("v", TensorShape({4}));
    r.SayBool(GetVariable(b, again).partitioned == v);
    again.partitioner = FixedSizePartitioner(2);
    r.SayBool(GetVariable(b, again).partitioned == v);
  }
  vs.reuse = Reuse::kAuto;
  ScopedVariableScope scope(b, vs);
  r.SayBool(GetVariable(b, Get("v", TensorShape({4}))).partitioned == v);
}

void Partitioners(Recorder& r) {
  auto parts = [&](const Partitioner& partitioner, TensorShape shape,
                   DataType dtype = DT_FLOAT) {
    auto result = partitioner(shape, dtype);
    r.Say(result.ok() ? absl::StrCat("[", absl::StrJoin(*result, ", "), "]")
                      : absl::StrCat(ErrorClassName(result.status()), ": ",
                                     result.status().message()));
  };
  parts(FixedSizePartitioner(3), {2, 2});
  parts(FixedSizePartitioner(3, -1), {2, 5});
  parts(FixedSizePartitioner(3, 2), {2, 5});
  parts(VariableAxisSizePartitioner(64), {10, 10});
  parts(VariableAxisSizePartitioner(64, 1), {10, 20});
  parts(VariableAxisSizePartitioner(7), {10});
  parts(VariableAxisSizePartitioner(1), {10, 10});
  parts(VariableAxisSizePartitioner(64, 0, 16, 3), {10, 10});
  parts(VariableAxisSizePartitioner(64), {10}, DT_STRING);
  parts(VariableAxisSizePartitioner(64, 0, 1), {100}, DT_STRING);
  parts(MinMaxVariablePartitioner(100), {1024, 1024});
  parts(MinMaxVariablePartitioner(10), {1024, 1024});
  parts(MinMaxVariablePartitioner(10, 0, 16), {4, 9});
  parts(MinMaxVariablePartitioner(10, 2), {4, 9});
  parts(MinMaxVariablePartitioner(10, 0, 100), {40}, DT_STRING);
}

void Initializers(Recorder& r) {
  GraphBuilder& b = r.b;
  auto get = [&](const std::string& name, TensorShape shape,
                 Initializer initializer, DataType dtype = DT_INVALID,
                 Partitioner partitioner = nullptr) {
    GetVariableOptions options = Get(name, shape, initializer, dtype);
    options.partitioner = partitioner;
    GetVariable(b, options);
  };
  auto constant = [](Tensor value) { return ConstantInitializer(value); };
  auto scaling = [&](double scale, const char* mode, const char* distribution,
                     absl::optional<int64_t> seed = {}) {
    return b.Take(VarianceScalingInitializer(scale, mode, distribution, seed));
  };
  get("zeros", {2, 0}, ZerosInitializer());
  get("zeros_big", {1000}, ZerosInitializer());
  get("ones", {2}, OnesInitializer());
  get("const", {2, 2}, constant(Tensor::Scalar<float>(1.5)));
  get("const_int", {2}, constant(Tensor::Scalar<int32_t>(7)), DT_INT64);
  get("const_list", {2, 2}, constant(Floats({1, 2, 3, 4})));
  get("const_short", {2, 2}, constant(Floats({1, 2})));
  get("const_one", {1}, constant(Tensor::Scalar<float>(2)));
  get("const_scalar", {}, constant(Tensor::Scalar<float>(2)));
  get("const_np", {2, 1},
      constant(Floats({1, 2}).Reshaped(TensorShape({2, 1}))), DT_DOUBLE);
  get("const_half", {2}, constant(Tensor::Scalar<float>(1.5)), DT_HALF);
  get("const_bool", {2}, constant(Tensor::Scalar<bool>(true)), DT_BOOL);
  get("const_text", {2}, constant(Tensor::Scalar<std::string>("a")), DT_STRING);
  get("uniform", {2}, RandomUniformInitializer());
  get("uniform_range", {2}, RandomUniformInitializer(-1, 2.5, 3));
  get("uniform_int", {2}, RandomUniformInitializer(-1, 9, 3), DT_INT32);
  get("uniform_double", {2}, RandomUniformInitializer(-1.1, 1.1), DT_DOUBLE);
  get("normal", {2}, RandomNormalInitializer(1, 2));
  get("truncated", {2}, TruncatedNormalInitializer(0, 0.1, 1));
  get("scaling_unit", {3, 4, 5}, UniformUnitScalingInitializer(1.43));
  get("scaling_unit_zero", {0, 4}, UniformUnitScalingInitializer());
  get("scaling", {3, 4}, scaling(1, "fan_in", "truncated_normal"));
  get("scaling_out", {3, 4}, scaling(2, "fan_out", "uniform", 4));
  get("scaling_avg", {5}, scaling(3, "fan_avg", "untruncated_normal"));
  get("scaling_normal", {}, scaling(1, "fan_in", "NORMAL"));
  get("glorot", {2, 3, 4, 5}, GlorotUniformInitializer(2));
  get("glorot_normal", {2, 3}, GlorotNormalInitializer());
  get("glorot_zero", {0, 0}, GlorotUniformInitializer());
  get("glorot_part", {4, 3}, GlorotUniformInitializer(), DT_INVALID,
      FixedSizePartitioner(2));
  get("unit_part", {4, 3}, UniformUnitScalingInitializer(), DT_INVALID,
      FixedSizePartitioner(2));
  r.graph()->SetSeed(5);
  get("seeded", {2}, RandomNormalInitializer());
  get("seeded_both", {2}, RandomNormalInitializer(0, 1, 8));
  GetVariableOptions resource = Get("seeded_resource", TensorShape({2}));
  resource.use_resource = true;
  GetVariable(b, resource);
}

TEST(GetVariableTest, VariablesHaveTensorFlowsNodes) {
  ExpectRecorded("get_variables", GetVariables);
}
TEST(GetVariableTest, RegularizersRunOnceForANewVariable) {
  ExpectRecorded("regularizers", Regularizers);
}
TEST(GetVariableTest, PartitionsHaveTensorFlowsNodesAndSlices) {
  ExpectRecorded("partitioned", Partitioned);
}
TEST(PartitionerTest, SplitsAsInTensorFlow) {
  ExpectRecorded("partitioners", Partitioners);
}
TEST(InitializerTest, InitializersHaveTensorFlowsNodesAndSeeds) {
  ExpectRecorded("initializers", Initializers);
}

}  // namespace
}  // namespace retrograph
