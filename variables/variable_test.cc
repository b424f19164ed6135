// tf.Variable against the graphs that TensorFlow 1.15 built (see
// testdata/cases.py; a case here does the same, line by line).
#include "variables/variable.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "graph/control_flow.h"
#include "ops/builders.h"
#include "variables/recorded_test_util.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

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
    r_.SayBool(y->trainable());
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
  {
    NameScope ns(g, "ns");
    DeviceScope job_a(g, "/job:a");
    v->InitializedValue(b);
    ControlDependencies after(g, {v->initializer()});
    res->InitializedValue(b);
  }
  for (const auto& item : g->GetCollection(graph_keys::kCondContext)) {
    const auto context = std::dynamic_pointer_cast<ControlFlowContext>(
        std::get<std::shared_ptr<CollectionObject>>(item));
    ASSERT_NE(context, nullptr);
    ControlFlowContextDef def;
    ASSERT_TRUE(context->ToProto("", &def));
    r.Say(def.cond_ctxt().ShortDebugString());
  }
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
          b.Op("Pack", {Input(std::vector<Input>{l->AsInput(), h->AsInput()})},
               {}, "stack"),
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
  // An operator reads its variable before it opens a name scope.
  MakeVar(b, b.Op("Mul", {res->Value(b), 3.0f}, {}, "mul"), "from_r");
  GetVariableOptions from_v = Get("g");
  from_v.initial_value = v->AsInput();
  GetVariable(b, from_v);
}

std::string Names(const std::vector<Var>& variables) {
  std::string text =
      absl::StrJoin(variables, ", ", [](std::string* out, const Var& v) {
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

TEST(VariableTest, RefVariablesHaveTensorFlowsNodes) {
  ExpectRecorded("ref_variables", RefVariables);
}
TEST(VariableTest, ResourceVariablesHaveTensorFlowsNodes) {
  ExpectRecorded("resource_variables", ResourceVariables);
}
TEST(VariableTest, RefVariablesAreReadAndAssignedAsInTensorFlow) {
  ExpectRecorded("ref_uses", RefUses);
}
TEST(VariableTest, ResourceVariablesAreReadAndAssignedAsInTensorFlow) {
  ExpectRecorded("resource_uses", ResourceUses);
}
TEST(VariableTest, InitializedValueIsTensorFlowsCond) {
  ExpectRecorded("initialized_values", InitializedValues);
}
TEST(VariableTest, InitialValuesUseInitializedVariables) {
  ExpectRecorded("guarded_initial_values", GuardedInitialValues);
}
TEST(VariableTest, InitializersAreGroupedByDevice) {
  ExpectRecorded("initializing_ops", InitializingOps);
}
TEST(VariableTest, ReportOfNoVariablesIsAnEmptyConst) {
  ExpectRecorded("report_none", ReportNone);
}
TEST(VariableTest, ReportMasksTheNamesOfAllVariables) {
  ExpectRecorded("report_uninitialized", ReportUninitialized);
}
TEST(VariableTest, ProtosKeepEverythingButTheConstraint) {
  ExpectRecorded("protos", Protos);
}

}  // namespace
}  // namespace retrograph
