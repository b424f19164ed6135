#include "graph/graph.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/check.h"
#include "core/errors.h"
#include "graph/control_flow.h"
#include "graph/graph_impl.h"
#include "graph/node_validation.h"
#include "graph/unique_id.h"

namespace retrograph {
namespace {

// TensorFlow 1.15.5's own.
constexpr int kProducer = 134;

int64_t NextGraphKey() {
  static std::atomic<int64_t> next{1};
  return next.fetch_add(1);
}

}  // namespace

std::shared_ptr<Graph> Graph::Create(const OpRegistry* registry) {
  return std::shared_ptr<Graph>(new Graph(registry));
}

Graph::Graph(const OpRegistry* registry)
    : impl_(std::make_unique<Impl>(this)),
      registry_(registry),
      key_(NextGraphKey()) {
  TakeUniqueIds();
  WriterLock lock(&impl_->mu);
  impl_->versions.set_producer(kProducer);
}

Graph::~Graph() = default;

absl::Status Graph::CheckNotFinalized() const {
  if (!finalized()) return absl::OkStatus();
  return RuntimeError("Graph is finalized and cannot be modified.");
}

absl::StatusOr<Operation*> Graph::CreateOp(NodeSpec spec) {
  RG_RETURN_IF_ERROR(CheckNotFinalized());
  GraphScopes* scopes = impl_->FindScopes();
  Operation* op;
  {
    std::string name = std::move(spec.name);
    if (name.empty()) name = spec.type;
    const bool is_final = absl::EndsWith(name, "/");
    if (is_final) {
      name.pop_back();
    } else if (scopes != nullptr && !scopes->name().empty()) {
      name = absl::StrCat(scopes->name(), "/", name);
    }
    WriterLock lock(&impl_->mu);
    if (!is_final) {
      name = impl_->names.MakeUnique(std::move(name), /*mark_as_used=*/true);
    }
    op = impl_->Allocate();
    Impl::SetName(op, std::move(name));
  }
  if (!IsValidOpName(op->name())) {
    const absl::Status status =
        ValueError(absl::StrCat("'", op->name(), "' is not a valid node name"));
    impl_->Free(op);
    return status;
  }
  const absl::Status status = [&]() -> absl::Status {
    RG_RETURN_IF_ERROR(impl_->FillIn(op, &spec));
    impl_->AddScopeControlInputs(op, scopes);
    RG_RETURN_IF_ERROR(Impl::InferShapes(op));
    RG_RETURN_IF_ERROR(impl_->ApplyDevices(op, spec.device, scopes));
    impl_->ApplyAttrScopes(op, scopes);
    if (scopes != nullptr) Impl::SetContext(op, scopes->context());
    return impl_->Publish(absl::MakeConstSpan(&op, 1));
  }();
  if (!status.ok()) {
    impl_->Free(op);
    failed_operations_.fetch_add(1);
    return status;
  }
  if (scopes != nullptr) scopes->RecordOp(op);
  // What fails here leaves the op in the graph, as in TensorFlow.
  RG_RETURN_IF_ERROR(ControlFlowContext::Adopt(op));
  return op;
}

Operation* Graph::operation(int index) const {
  return impl_->operations.at(index);
}

std::vector<Operation*> Graph::GetOperations() const {
  const int size = num_operations();
  std::vector<Operation*> ops(size);
  for (int i = 0; i < size; ++i) ops[i] = operation(i);
  return ops;
}

Operation* Graph::FindOperation(absl::string_view name) const {
  ReaderLock lock(&impl_->mu);
  return impl_->operations.Find(name);
}

void Graph::UpdateInput(Operation* op, int index, const Output& input) {
  Impl::SetInput(op, index, input);
  WriterLock lock(&impl_->mu);
  impl_->replaced_inputs.insert({op, index});
}

void Graph::AddControlInput(Operation* op, Operation* control) {
  Impl::AddControl(op, control);
}

// ---- Names ----

std::string Graph::UniqueName(absl::string_view name, bool mark_as_used) {
  const GraphScopes* scopes = impl_->FindScopes();
  std::string full = scopes == nullptr || scopes->name().empty()
                         ? std::string(name)
                         : absl::StrCat(scopes->name(), "/", name);
  WriterLock lock(&impl_->mu);
  return impl_->names.MakeUnique(std::move(full), mark_as_used);
}

absl::StatusOr<std::string> Graph::UniqueScopeName(absl::string_view name) {
  const GraphScopes* scopes = impl_->FindScopes();
  const bool at_root = scopes == nullptr || scopes->name().empty();
  if (!(at_root ? IsValidOpName(name) : IsValidScopeName(name))) {
    return ValueError(absl::StrCat("'", name, "' is not a valid scope name"));
  }
  if (absl::ConsumeSuffix(&name, "/")) return std::string(name);
  return UniqueName(name);
}

absl::StatusOr<std::string> Graph::EnterNameScope(absl::string_view name) {
  if (name.empty()) {
    impl_->MutableScopes()->PushName("");
    return std::string();
  }
  RG_ASSIGN_OR_RETURN(std::string full, UniqueScopeName(name));
  impl_->MutableScopes()->PushName(full);
  full += '/';
  return full;
}

void Graph::ExitNameScope() { impl_->MutableScopes()->PopName(); }

std::string Graph::CurrentNameScope() const {
  const GraphScopes* scopes = impl_->FindScopes();
  return scopes == nullptr ? "" : scopes->name();
}

void Graph::RestoreNameScope(absl::string_view full_name) {
  impl_->MutableScopes()->PushName(std::string(full_name));
}

// ---- Other scopes ----

void Graph::EnterControlDependencies(std::vector<Operation*> ops, bool clear) {
  impl_->MutableScopes()->PushControlDependencies(std::move(ops), clear);
}

void Graph::ExitControlDependencies() {
  impl_->MutableScopes()->PopControlDependencies();
}

std::vector<Operation*> Graph::CurrentControlDependencies() const {
  const GraphScopes* scopes = impl_->FindScopes();
  if (scopes == nullptr) return {};
  return scopes->ControlDependencies();
}

absl::Status Graph::EnterDevice(absl::optional<std::string> device) {
  return impl_->MutableScopes()->PushDevice(device);
}

void Graph::EnterDeviceFunction(DeviceFunction function) {
  impl_->MutableScopes()->PushDeviceFunction(std::move(function));
}

void Graph::ExitDevice() { impl_->MutableScopes()->PopDevice(); }

absl::Status Graph::EnterColocateWith(Operation* op, bool ignore_existing) {
  if (op == nullptr && !ignore_existing) {
    return ValueError(
        "Trying to reset colocation (op is None) but ignore_existing is not "
        "True");
  }
  impl_->MutableScopes()->PushColocation(op, ignore_existing);
  return absl::OkStatus();
}

void Graph::ExitColocateWith() { impl_->MutableScopes()->PopColocation(); }

void Graph::EnterContainer(std::string container) {
  impl_->MutableScopes()->PushContainer(std::move(container));
}

void Graph::ExitContainer() { impl_->MutableScopes()->PopContainer(); }

std::string Graph::CurrentContainer() const {
  const GraphScopes* scopes = impl_->FindScopes();
  return scopes == nullptr ? "" : scopes->container();
}

ControlFlowContext* Graph::CurrentControlFlowContext() const {
  const GraphScopes* scopes = impl_->FindScopes();
  return scopes == nullptr ? nullptr : scopes->context();
}

void Graph::EnterControlFlowContext(
    std::shared_ptr<ControlFlowContext> context) {
  impl_->MutableScopes()->PushContext(context.get());
  WriterLock lock(&impl_->mu);
  auto& contexts = impl_->contexts;
  if (std::find(contexts.begin(), contexts.end(), context) != contexts.end()) {
    return;
  }
  if (context->outer_ != nullptr) {
    context->outer_->nested_.push_back(context.get());
  }
  contexts.push_back(std::move(context));
}

void Graph::ExitControlFlowContext() { impl_->MutableScopes()->PopContext(); }

// ---- RAII ----

NameScope::NameScope(Graph* graph, absl::string_view name) : graph_(graph) {
  absl::StatusOr<std::string> full_name = graph->EnterNameScope(name);
  RG_CHECK(full_name.ok(), std::string(full_name.status().message()));
  full_name_ = *std::move(full_name);
}

ControlDependencies::ControlDependencies(Graph* graph,
                                         std::vector<Operation*> ops)
    : graph_(graph) {
  graph_->EnterControlDependencies(std::move(ops), /*clear=*/false);
}

ControlDependencies::ControlDependencies(Graph* graph, ClearTag)
    : graph_(graph) {
  graph_->EnterControlDependencies({}, /*clear=*/true);
}

DeviceScope::DeviceScope(Graph* graph, absl::optional<std::string> device)
    : graph_(graph) {
  const absl::Status status = graph_->EnterDevice(std::move(device));
  RG_CHECK(status.ok(), std::string(status.message()));
}

ColocateWith::ColocateWith(Graph* graph, Operation* op, bool ignore_existing)
    : graph_(graph) {
  const absl::Status status = graph_->EnterColocateWith(op, ignore_existing);
  RG_CHECK(status.ok(), std::string(status.message()));
}

}  // namespace retrograph
