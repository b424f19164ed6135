// Builds with retrograph what testdata/cases.py builds with TensorFlow 1.15 and
// compares whole graphs: nodes in order, attrs, devices, collections, texts.
// A case here has the name of its case there and does the same, line by line.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "variables/recorded_test_util.h"
#include "variables/variable.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

using Var = std::shared_ptr<Variable>;

Tensor Floats(std::vector<float> values) {
  return Tensor::Vector<float>(values);
}
Tensor Ints(std::vector<int32_t> values) {
  return Tensor::Vector<int32_t>(values);
}

VariableOptions Named(const std::string& name) {
  VariableOptions options;
  options.name = name;
  return options;
}

Var MakeVar(GraphBuilder& b, Input value, VariableOptions options) {
  options.initial_value = std::move(value);
  return Variable::Create(b, std::move(options));
}
Var MakeVar(GraphBuilder& b, Input value, const std::string& name = "",
            bool use_resource = false) {
  VariableOptions options = Named(name);
  options.use_resource = use_resource;
  return MakeVar(b, std::move(value), options);
}

GetVariableOptions Get(const std::string& name,
                       absl::optional<PartialTensorShape> shape = {},
                       DataType dtype = DT_INVALID) {
  GetVariableOptions options;
  options.name = name;
  options.shape = std::move(shape);
  options.dtype = dtype;
  return options;
}
GetVariableOptions Get(const std::string& name, PartialTensorShape shape,
                       Initializer initializer, DataType dtype = DT_INVALID) {
  GetVariableOptions options = Get(name, std::move(shape), dtype);
  options.initializer = std::move(initializer);
  return options;
}

VariableScopeOptions Scope(const std::string& name,
                           absl::optional<Reuse> reuse = {}) {
  VariableScopeOptions options;
  options.name = name;
  options.reuse = reuse;
  return options;
}
VariableScopeOptions Scope(const VariableScope& scope,
                           absl::optional<Reuse> reuse = {}) {
  VariableScopeOptions options;
  options.scope = &scope;
  options.reuse = reuse;
  return options;
}
VariableScopeOptions DefaultScope(const std::string& name) {
  VariableScopeOptions options;
  options.default_name = name;
  return options;
}

// An initialiser that is just a function: tf.Variable(lambda: ...).
std::function<Output(GraphBuilder&)> ZerosOf(TensorShape shape) {
  return [=](GraphBuilder& b) { return Zeros(b, shape, DT_FLOAT); };
}
std::function<Output(GraphBuilder&)> OnesOf(TensorShape shape) {
  return [=](GraphBuilder& b) { return Ones(b, shape, DT_FLOAT); };
}

// ---- tf.Variable ----

class VariableForms {
 public:
  VariableForms(Recorder& r, bool use_resource)
      : r_(r), b_(r.b), g_(r.graph()), use_resource_(use_resource) {}

  void Run() {
    Plain();
    Scopes();
    Devices();
    Shapes();
  }

 private:
  Var Make(Input value, VariableOptions options) {
    options.use_resource = use_resource_;
    return MakeVar(b_, std::move(value), std::move(options));
  }
  Var Make(Input value, const std::string& name) {
    return Make(std::move(value), Named(name));
  }
  Var MakeFn(std::function<Output(GraphBuilder&)> fn, VariableOptions options) {
    options.use_resource = use_resource_;
    options.initializer = std::move(fn);
    return Variable::Create(b_, std::move(options));
  }
  Var MakeFn(std::function<Output(GraphBuilder&)> fn, const std::string& name) {
    return MakeFn(std::move(fn), Named(name));
  }
  Var Cached(const std::string& name, const std::string& device) {
    VariableOptions options = Named(name);
    options.caching_device = device;
    return Make(1.0f, options);
  }
  void Say(const Var& v) { r_.Say(v ? v->ReprString() : "null"); }

  void Plain() {
    Say(Make(Floats({1, 2}), ""));
    Say(Make(3, "i"));
    VariableOptions not_trainable = Named("b");
    not_trainable.trainable = false;
    Say(Make(true, not_trainable));
    Say(Make("text", "s"));
    VariableOptions as_double = Named("d");
    as_double.dtype = DT_DOUBLE;
    Say(Make(1, as_double));
    Say(Make(Tensor::Vector<int64_t>({1, 2}), "n"));
    Say(MakeFn(ZerosOf({2, 3}), "c"));
    VariableOptions as_float = Named("e");
    as_float.dtype = DT_FLOAT;
    Say(MakeFn(
        [](GraphBuilder& b) {
          return b.Convert(5.0f, DT_FLOAT, "initial_value");
        },
        as_float));
    Say(Make(Constant(b_, Ints({1}), "k"), "t"));
  }

  void Scopes() {
    Make(1.0f, "v");
    Make(2.0f, "V");
    {
      NameScope ns(g_, "ns");
      VariableOptions mine = Named("v");
      mine.collections = {"mine", "mine"};
      Make(1.0f, mine);
      VariableOptions local = Named("w");
      local.collections = {graph_keys::kLocalVariables};
      local.trainable = false;
      Make(1.0f, local);
    }
    Make(1.0f, "a/b");
    before_ = Constant(b_, Tensor::Scalar<float>(0), "before");
    ControlDependencies after(g_, {before_.op});
    Make(1.0f, "dep");
    MakeFn(OnesOf({}), "dep_fn");
  }

  void Devices() {
    {
      DeviceScope ps(g_, "/job:ps/task:1");
      Make(1.0f, "dev");
      MakeFn(OnesOf({1}), "dev_fn");
      {
        DeviceScope cpu(g_, "/device:CPU:0");
        Cached("dev_cache", "/job:worker");
      }
      Cached("dev_cache_same", "/device:CPU:0");
    }
    {
      ColocateWith colocate(g_, before_.op);
      Make(1.0f, "col");
      MakeFn(OnesOf({1}), "col_fn");
      Cached("col_cache", "/job:worker");
    }
    Output x;
    {
      DeviceScope job_a(g_, "/job:a");
      x = Constant(b_, Tensor::Scalar<float>(1), "x");
    }
    DeviceScope job_b(g_, "/job:b");
    ColocateWith colocate(g_, x.op);
    Make(1.0f, "col_dev");
    MakeFn(OnesOf({1}), "col_dev_fn");
  }

  void Shapes() {
    Output p = Placeholder(b_, DT_FLOAT, PartialTensorShape(), "p");
    Output q = Placeholder(b_, DT_FLOAT, PartialTensorShape({-1, 2}), "q");
    VariableOptions free = Named("free");
    free.validate_shape = false;
    Say(Make(p, free));
    VariableOptions half = Named("half");
    half.validate_shape = false;
    Say(Make(q, half));
    VariableOptions shaped = Named("shaped");
    shaped.shape = PartialTensorShape({-1});
    Say(Make(Floats({1}), shaped));
    g_->EnterContainer("box");
    Make(1.0f, "boxed");
    g_->ExitContainer();
    VariableOptions on_read = Named("y");
    on_read.synchronization = Synchronization::kOnRead;
    on_read.aggregation = Aggregation::kMean;
    Var y = Make(Floats({1}), on_read);
    r_.Say(y->trainable());
  }

  Recorder& r_;
  GraphBuilder& b_;
  Graph* g_;
  bool use_resource_;
  Output before_;
};

void RefVariables(Recorder& r) { VariableForms(r, false).Run(); }
void ResourceVariables(Recorder& r) { VariableForms(r, true).Run(); }

void VariableUses(Recorder& r, bool use_resource) {
  GraphBuilder& b = r.b;
  Graph* g = r.graph();
  Var v = MakeVar(b, Floats({1, 2}), "v", use_resource);
  Var i = MakeVar(b, 3, "i", use_resource);
  VariableOptions cached = Named("c");
  cached.use_resource = use_resource;
  cached.caching_device = "/job:w";
  Var c = MakeVar(b, Floats({1}), cached);
  v->Assign(b, Floats({3, 4}));
  v->AssignAdd(b, Floats({3, 4}), "plus");
  v->AssignSub(b, Constant(b, Floats({5, 6})), "", /*use_locking=*/true);
  i->Assign(b, 4, "set");
  i->AssignAdd(b, 1);
  {
    NameScope ns(g, "ns");
    v->ReadValue(b);
    v->Value(b);
    c->Value(b);
    c->ReadValue(b);
    c->AssignAdd(b, Floats({1}));
    v->IsInitialized(b);
  }
  {
    ControlDependencies after(g, {i->initializer()});
    Identity(b, v->AsInput(), "id");
    c->AssignSub(b, Floats({1}));
  }
  b.Op("Mul", {v->AsInput(), 2.0f}, {}, "twice");
  b.Op("Mul", {v->AsInput(), v->AsInput()}, {}, "square");
  // tf.add_n converts outside of the op's name scope.
  Output v_1 = b.Convert(v->AsInput());
  Output v_2 = b.Convert(v->AsInput());
  b.Op("AddN", {Input::List({v_1, v_2})}, {}, "sum");
  DeviceScope job_x(g, "/job:x");
  ColocateWith colocate(g, i->op());
  v->ReadValue(b);
  v->Value(b);
  b.Convert(v->AsInput());
}

void RefUses(Recorder& r) { VariableUses(r, false); }
void ResourceUses(Recorder& r) { VariableUses(r, true); }

void InitializedValues(Recorder& r) {
  GraphBuilder& b = r.b;
  Graph* g = r.graph();
  Var v = MakeVar(b, Floats({1, 2}), "v");
  Var res = MakeVar(b, Floats({1, 2}), "r", true);
  v->InitializedValue(b);
  res->InitializedValue(b);
  NameScope ns(g, "ns");
  DeviceScope job_a(g, "/job:a");
  v->InitializedValue(b);
  ControlDependencies after(g, {v->initializer()});
  res->InitializedValue(b);
}

void GuardedInitialValues(Recorder& r) {
  GraphBuilder& b = r.b;
  Graph* g = r.graph();
  Var v = MakeVar(b, Floats({1, 2}), "v");
  VariableOptions local = Named("l");
  local.trainable = false;
  local.collections = {graph_keys::kLocalVariables};
  Var l = MakeVar(b, Floats({1, 2}), local);
  VariableOptions hidden = Named("h");
  hidden.trainable = false;
  hidden.collections = std::vector<std::string>();
  Var h = MakeVar(b, Floats({1, 2}), hidden);
  Output x = b.Op("Mul", {v->AsInput(), 2.0f}, {}, "mul");
  MakeVar(b, b.Op("AddV2", {x, v->AsInput()}, {}, "add"), "w");
  MakeVar(b, b.Op("Mul", {v->InitializedValue(b), 2.0f}, {}, "mul"), "iv");
  MakeVar(b, x, "res", true);
  MakeVar(b, v->AsInput(), "direct");
  MakeVar(b,
          b.Op("Pack",
               {Input(std::vector<Input>{l->AsInput(), h->AsInput()})}, {},
               "stack"),
          "other");
  {
    NameScope ns(g, "ns");
    DeviceScope job_a(g, "/job:a");
    for (bool use_resource : {false, true}) {
      VariableOptions fn = Named(use_resource ? "fnr" : "fn");
      fn.use_resource = use_resource;
      fn.initializer = [&](GraphBuilder& b) {
        return b.Op("Neg", {v->AsInput()});
      };
      Variable::Create(b, fn);
    }
  }
  Var res = MakeVar(b, Floats({1, 2}), "r", true);
  MakeVar(b, b.Op("Mul", {res->AsInput(), 3.0f}, {}, "mul"), "from_r");
  GetVariableOptions from_v = Get("g");
  from_v.initial_value = v->AsInput();
  GetVariable(b, from_v);
}

std::string Names(const std::vector<Var>& variables) {
  std::string text = absl::StrJoin(
      variables, ", ", [](std::string* out, const Var& v) {
        absl::StrAppend(out, "'", v->name(), "'");
      });
  return absl::StrCat("[", text, "]");
}

void InitializingOps(Recorder& r) {
  GraphBuilder& b = r.b;
  GlobalVariablesInitializer(b);
  MakeVar(b, 1.0f, "v");
  {
    DeviceScope job_a(r.graph(), "/job:a");
    MakeVar(b, 1.0f, "w");
    MakeVar(b, 1.0f, "r", true);
  }
  VariableOptions local = Named("l");
  local.collections = {graph_keys::kLocalVariables};
  local.trainable = false;
  MakeVar(b, 1.0f, local);
  GlobalVariablesInitializer(b);
  LocalVariablesInitializer(b);
  VariablesInitializer(b, TrainableVariables(*r.graph()), "some");
  r.Say(Names(VariablesIn(*r.graph(), graph_keys::kGlobalVariables, "[vr]")));
  r.Say(Names(VariablesIn(*r.graph(), graph_keys::kGlobalVariables, "r$")));
}

void ReportNone(Recorder& r) { ReportUninitializedVariables(r.b); }

void ReportUninitialized(Recorder& r) {
  GraphBuilder& b = r.b;
  MakeVar(b, 1.0f, "v");
  MakeVar(b, 1.0f, "r", true);
  VariableOptions local = Named("l");
  local.collections = {graph_keys::kLocalVariables};
  local.trainable = false;
  MakeVar(b, 1.0f, local);
  ReportUninitializedVariables(b);
  DeviceScope job_a(r.graph(), "/job:a");
  ReportUninitializedVariables(b, LocalVariables(*r.graph()), "again");
}

// ---- tf.get_variable ----

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
  fn.initializer = Initializer{
      [](GraphBuilder& b, const TensorShape&, DataType, const PartitionInfo*) {
        return Ones(b, {2}, DT_FLOAT);
      },
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
    ControlDependencies after(
        g, {Constant(b, Tensor::Scalar<int32_t>(1)).op});
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
    r.Say(GetVariable(b, again).partitioned == v);
    again.partitioner = FixedSizePartitioner(2);
    r.Say(GetVariable(b, again).partitioned == v);
  }
  vs.reuse = Reuse::kAuto;
  ScopedVariableScope scope(b, vs);
  r.Say(GetVariable(b, Get("v", TensorShape({4}))).partitioned == v);
}

void Partitioners(Recorder& r) {
  auto parts = [&](const Partitioner& partitioner, TensorShape shape,
                   DataType dtype = DT_FLOAT) {
    auto result = partitioner(shape, dtype);
    r.Say(result.ok()
              ? absl::StrCat("[", absl::StrJoin(*result, ", "), "]")
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

// ---- tf.variable_scope ----

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
  void In(absl::string_view label, VariableScopeOptions options,
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
    r.Say(constrained(get2("v")));
    VariableOptions plain;  // follows the scope's use_resource
    MakeVar(b, 1.0f, plain);
    GetVariableOptions f =
        Get("f", TensorShape({2}), ZerosInitializer(), DT_FLOAT);
    f.use_resource = false;
    GetVariable(b, f);
    {
      ScopedVariableScope sub(b, Scope("sub"));
      r.Say(constrained(get2("v")));
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
    r.Say(constrained(get2("again")));
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

// ---- Initialisers ----

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

// ---- Errors ----

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
    r_.Fails("no value", [](GraphBuilder& b) {
      Variable::Create(b, Named("x"));
    });
    r_.Fails("unknown shape", [](GraphBuilder& b) {
      MakeVar(b, Placeholder(b, DT_FLOAT), "x");
    });
    r_.Fails("half shape", [](GraphBuilder& b) {
      MakeVar(b, Placeholder(b, DT_FLOAT, PartialTensorShape({-1, 2})), "x");
    });
    r_.Fails("bad name",
             [](GraphBuilder& b) { MakeVar(b, 1.0f, "a b"); });
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
    GetFails("value shape",
             Split(Value(Get("w", TensorShape({3})),
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
    r_.Fails("scale", [](GraphBuilder& b) {
      b.Take(VarianceScalingInitializer(0));
    });
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
    r_.Fails("assign shape",
             [&](GraphBuilder& b) { v->Assign(b, Floats({1, 2, 3})); });
    r_.Fails("assign shape resource",
             [&](GraphBuilder& b) { res->Assign(b, Floats({1, 2, 3})); });
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

// ---- VariableDef ----

void Protos(Recorder& r) {
  GraphBuilder& b = r.b;
  Var v = MakeVar(b, Floats({1}), "v");
  Var w, res;
  {
    NameScope a(r.graph(), "a");
    VariableOptions not_trainable = Named("w");
    not_trainable.trainable = false;
    w = MakeVar(b, Floats({1}), not_trainable);
    VariableOptions cached = Named("r");
    cached.use_resource = true;
    cached.caching_device = "/job:x";
    res = MakeVar(b, Floats({1}), cached);
  }
  GetVariableOptions parts = Get("a/p", TensorShape({3}));
  parts.partitioner = FixedSizePartitioner(2);
  std::vector<Var> p = GetVariable(b, parts).partitioned->parts();
  VariableOptions on_read = Named("s");
  on_read.use_resource = true;
  on_read.synchronization = Synchronization::kOnRead;
  on_read.aggregation = Aggregation::kSum;
  Var s = MakeVar(b, Floats({1}), on_read);

  auto show = [&](const VariableDef& proto) {
    r.Say(proto.variable_name().empty() ? "None" : proto.ShortDebugString());
  };
  for (const Var& x : {v, w, res, s, p[0], p[1]}) show(x->ToProto());
  for (const Var& x : {v, w, res, p[0], p[1]}) show(x->ToProto("a"));
  for (const Var& x : {v, w, res, s, p[0], p[1]}) {
    Var y = b.Take(Variable::FromProto(r.graph(), x->ToProto()));
    r.Say(y->ReprString());
    show(y->ToProto());
  }
  for (const Var& x : {w, p[1]}) {
    show(b.Take(Variable::FromProto(r.graph(), x->ToProto("a"), "a"))
             ->ToProto());
  }
}

struct Case {
  const char* name;
  void (*run)(Recorder&);
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

class RecordedTest : public testing::TestWithParam<Case> {};

TEST_P(RecordedTest, BuildsWhatTensorFlowBuilds) {
  RegisterStandardOps();
  Recorder recorder;
  GetParam().run(recorder);
  EXPECT_TRUE(recorder.b.ok()) << recorder.b.status();
  const std::vector<std::string> expected = ReadRecorded()[GetParam().name];
  ASSERT_FALSE(expected.empty());
  const std::vector<std::string> actual = recorder.Lines();
  for (size_t i = 0; i < std::max(actual.size(), expected.size()); ++i) {
    EXPECT_EQ(i < actual.size() ? actual[i] : "(nothing)",
              i < expected.size() ? expected[i] : "(nothing)")
        << "line " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RecordedTest,
    testing::Values(Case{"ref_variables", RefVariables},
                    Case{"resource_variables", ResourceVariables},
                    Case{"ref_uses", RefUses},
                    Case{"resource_uses", ResourceUses},
                    Case{"initialized_values", InitializedValues},
                    Case{"guarded_initial_values", GuardedInitialValues},
                    Case{"initializing_ops", InitializingOps},
                    Case{"report_none", ReportNone},
                    Case{"report_uninitialized", ReportUninitialized},
                    Case{"get_variables", GetVariables},
                    Case{"regularizers", Regularizers},
                    Case{"partitioned", Partitioned},
                    Case{"partitioners", Partitioners},
                    Case{"scopes", RunScopes},
                    Case{"scope_defaults", ScopeDefaults},
                    Case{"custom_getters", CustomGetters},
                    Case{"initializers", Initializers},
                    Case{"errors", RunErrors}, Case{"protos", Protos}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace retrograph
