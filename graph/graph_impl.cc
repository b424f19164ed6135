#include "graph/graph_impl.h"

#include <algorithm>
#include <new>
#include <set>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/observer.h"
#include "graph/node_validation.h"
#include "graph/op_signature.h"
#include "graph/shape_inference.h"
#include "graph/unique_id.h"

namespace retrograph {
namespace {

constexpr size_t kBlockOps = 128;

// Numbers for threads that are never used again, unlike thread ids.
uint64_t ThreadNumber() {
  static std::atomic<uint64_t> next{1};
  static thread_local const uint64_t number = next.fetch_add(1);
  return number;
}

// The scopes that this thread asked for last.
struct LastScopes {
  int64_t graph_key = 0;
  GraphScopes* scopes = nullptr;
};
LastScopes& ThreadLastScopes() {
  static thread_local LastScopes last;
  return last;
}

// The C++ layer's InvalidArgument is Python's ValueError.
absl::Status AsValueError(absl::Status status) {
  if (ABSL_PREDICT_TRUE(status.ok())) return status;
  if (status.code() != absl::StatusCode::kInvalidArgument ||
      ErrorClassName(status) != "InvalidArgumentError") {
    return status;
  }
  return ValueError(status.message());
}

const std::string* EmptyString() {
  static const std::string* const empty = new std::string;
  return empty;
}

}  // namespace

Graph::Impl::~Impl() {
  const int size = graph->num_operations();
  for (int i = 0; i < size; ++i) operations.at(i)->~Operation();
  for (void* block : blocks_) ::operator delete(block);
}

Operation* Graph::Impl::Allocate() {
  void* place;
  if (!free_.empty()) {
    place = free_.back();
    free_.pop_back();
  } else {
    if (blocks_.empty() || block_used_ == kBlockOps) {
      blocks_.push_back(::operator new(kBlockOps * sizeof(Operation)));
      block_used_ = 0;
    }
    place =
        static_cast<char*>(blocks_.back()) + block_used_++ * sizeof(Operation);
  }
  Operation* op = new (place) Operation;
  op->graph_ = graph;
  op->device_ = EmptyString();
  return op;
}

void Graph::Impl::Free(Operation* op) {
  op->~Operation();
  WriterLock lock(&mu);
  free_.push_back(op);
}

const std::string* Graph::Impl::Intern(absl::string_view text) {
  if (text.empty()) return EmptyString();
  WriterLock lock(&mu);
  return &*strings_.insert(std::string(text)).first;
}

absl::Status Graph::Impl::FillIn(Operation* op, NodeSpec* spec) {
  const OpRegistration* registration = graph->registry_->Find(spec->type);
  if (registration == nullptr && !spec->keep_unknown) {
    return graph->registry_->LookUp(spec->type).status();
  }
  for (const Output& input : spec->inputs) {
    if (input.graph() != graph) {
      return ValueError(absl::StrCat("Tensor ", input.DebugString(),
                                     " is not an element of this graph."));
    }
  }
  op->registration_ = registration;
  op->traceback_ = CurrentTraceback();
  if (registration == nullptr) {
    op->type_ = Intern(spec->type);
    op->attrs_ = std::move(spec->attrs);
    std::sort(op->attrs_.begin(), op->attrs_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    op->output_types_.assign(spec->output_types.begin(),
                             spec->output_types.end());
  } else {
    op->type_ = &registration->def.name();
    const OpSignature& signature = registration->signature();
    RG_RETURN_IF_ERROR(
        AsValueError(CompleteAttrs(signature, op->name_, &spec->attrs)));
    op->attrs_ = std::move(spec->attrs);
    TypeList types;
    RG_RETURN_IF_ERROR(AsValueError(
        ArgTypes(signature, signature.inputs, op->attrs_, &types)));
    RG_RETURN_IF_ERROR(AsValueError(
        CheckInputTypes(signature, op->name_, types, spec->inputs)));
    RG_RETURN_IF_ERROR(AsValueError(ArgTypes(signature, signature.outputs,
                                             op->attrs_, &op->output_types_)));
  }
  op->inputs_.assign(spec->inputs.begin(), spec->inputs.end());
  op->output_shapes_.resize(op->output_types_.size());
  AddControls(op, spec->control_inputs);
  return absl::OkStatus();
}

absl::Status Graph::Impl::InferShapes(Operation* op) {
  if (op->registration_ == nullptr || !op->registration_->shape_fn) {
    return absl::OkStatus();
  }
  InferenceContext context(op);
  RG_RETURN_IF_ERROR(AsValueError(context.Run(op->registration_->shape_fn)));
  for (int i = 0; i < op->num_outputs(); ++i) {
    op->output_shapes_[i] = context.outputs()[i];
  }
  for (auto& data : context.output_handle_data()) {
    op->SetHandleData(data.first, std::move(data.second));
  }
  return absl::OkStatus();
}

void Graph::Impl::AddScopeControlInputs(Operation* op,
                                        const GraphScopes* scopes) {
  if (scopes == nullptr) return;
  ControlInputs controls;
  scopes->AddControlInputsFor(op->inputs_, &controls);
  AddControls(op, controls);
}

absl::Status Graph::Impl::ApplyDevices(Operation* op, const std::string& device,
                                       GraphScopes* scopes) {
  if (!device.empty()) {
    RG_ASSIGN_OR_RETURN(const std::string canonical, CanonicalDevice(device));
    SetDevice(op, canonical);
  }
  if (scopes == nullptr || !scopes->has_devices()) return absl::OkStatus();
  if (device.empty()) {
    if (const std::string* simple = scopes->SimpleDevice()) {
      SetDevice(op, *simple);
      return absl::OkStatus();
    }
  }
  return scopes->ApplyDevices(
      *op, [this, op](const std::string& next) { SetDevice(op, next); });
}

void Graph::Impl::ApplyAttrScopes(Operation* op, const GraphScopes* scopes) {
  if (scopes == nullptr) return;
  if (!scopes->colocations().empty()) {
    std::set<std::string> groups;
    // Innermost first, so that of several devices the outermost one stays.
    const absl::Span<Operation* const> others = scopes->colocations();
    for (auto other = others.rbegin(); other != others.rend(); ++other) {
      for (const std::string& group : (*other)->ColocationGroups()) {
        groups.insert(absl::StrCat("loc:@", group));
      }
      if (!(*other)->device().empty()) op->device_ = (*other)->device_;
    }
    AttrValue value;
    for (const std::string& group : groups) {
      value.mutable_list()->add_s(group);
    }
    op->SetAttr("_class", std::move(value));
  }
  const std::string& container = scopes->container();
  if (container.empty() || op->registration_ == nullptr ||
      !op->registration_->def.is_stateful()) {
    return;
  }
  const AttrValue* given = op->FindAttr("container");
  if (given != nullptr && given->s().empty()) {
    AttrValue value;
    value.set_s(container);
    op->SetAttr("container", std::move(value));
  }
}

void Graph::Impl::SetDevice(Operation* op, const std::string& device) {
  op->device_ = Intern(device);
}

absl::Status Graph::Impl::Publish(absl::Span<Operation* const> ops) {
  {
    WriterLock lock(&mu);
    int size = graph->size_.load(std::memory_order_relaxed);
    for (Operation* op : ops) {
      if (!operations.Append(op, size)) {
        operations.RemoveFrom(graph->size_.load(std::memory_order_relaxed),
                              size);
        return ValueError(
            absl::StrCat("Duplicate node name in graph: '", op->name(), "'"));
      }
      op->id_ = ++size;
    }
    graph->size_.store(size, std::memory_order_release);
  }
  int64_t num_tensors = 0;
  for (const Operation* op : ops) num_tensors += op->num_outputs();
  TakeUniqueIds(num_tensors);
  if (Observer* observer = CurrentObserver()) {
    for (const Operation* op : ops) {
      observer->OnNodeAdded(
          {graph->key_, op->id(), op->name(), op->type(), op->device()});
    }
  }
  return absl::OkStatus();
}

void Graph::Impl::SetName(Operation* op, std::string name) {
  op->name_ = std::move(name);
}

void Graph::Impl::SetInput(Operation* op, int index, const Output& input) {
  op->inputs_[index] = input;
}

void Graph::Impl::AddControl(Operation* op, Operation* control) {
  auto& controls = op->control_inputs_;
  if (std::find(controls.begin(), controls.end(), control) == controls.end()) {
    controls.push_back(control);
  }
}

void Graph::Impl::AddControls(Operation* op,
                              absl::Span<Operation* const> controls) {
  auto& present = op->control_inputs_;
  // An initialiser or a restore may have one for each variable.
  constexpr size_t kFew = 32;
  if (present.size() + controls.size() <= kFew) {
    for (Operation* control : controls) AddControl(op, control);
    return;
  }
  absl::flat_hash_set<Operation*> seen(present.begin(), present.end());
  for (Operation* control : controls) {
    if (seen.insert(control).second) present.push_back(control);
  }
}

void Graph::Impl::SetControls(Operation* op,
                              absl::Span<Operation* const> controls) {
  op->control_inputs_.assign(controls.begin(), controls.end());
}

void Graph::Impl::SetContext(Operation* op, ControlFlowContext* context) {
  op->context_ = context;
}

void Graph::Impl::AddOutput(Operation* op, DataType dtype) {
  op->output_types_.push_back(dtype);
  op->output_shapes_.emplace_back();
}

GraphScopes* Graph::Impl::FindScopes() {
  LastScopes& last = ThreadLastScopes();
  if (last.graph_key != graph->key_) {
    WriterLock lock(&mu);
    const auto it = scopes_.find(ThreadNumber());
    last = {graph->key_, it == scopes_.end() ? nullptr : it->second.get()};
  }
  return last.scopes;
}

GraphScopes* Graph::Impl::MutableScopes() {
  if (GraphScopes* scopes = FindScopes()) return scopes;
  WriterLock lock(&mu);
  std::unique_ptr<GraphScopes>& scopes = scopes_[ThreadNumber()];
  scopes = std::make_unique<GraphScopes>();
  ThreadLastScopes() = {graph->key_, scopes.get()};
  return scopes.get();
}

}  // namespace retrograph
