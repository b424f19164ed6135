#include "graph/importer.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/errors.h"
#include "graph/attr_text.h"
#include "graph/node_validation.h"

namespace retrograph {
namespace {

constexpr absl::string_view kTensorFlow = "TensorFlow 1.15.5";
constexpr int kConsumer = 134;
constexpr absl::string_view kColocationPrefix = "loc:@";
constexpr absl::string_view kColocationAttr = "_class";
constexpr absl::string_view kShapesAttr = "_output_shapes";

bool IsMerge(const NodeDef& node) {
  return node.op() == "Merge" || node.op() == "RefMerge";
}
bool IsNextIteration(const NodeDef& node) {
  return node.op() == "NextIteration" || node.op() == "RefNextIteration";
}

// Whether one of the sorted names lies in the scope: "a/b/c" lies in "a" and in
// "a/b".
template <typename Name>
bool HasScope(const std::vector<Name>& sorted, absl::string_view scope) {
  const std::string begin = absl::StrCat(scope, "/");
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), begin);
  return it != sorted.end() && absl::StartsWith(*it, begin);
}

// Shapes that old graphs are allowed to have wrong.
bool MayHaveWrongShape(const std::string& op) {
  static const auto* const ops =
      new absl::flat_hash_set<std::string>{"RandomShuffleQueue",
                                           "PaddingFIFOQueue",
                                           "FIFOQueue",
                                           "PriorityQueue",
                                           "QueueSize",
                                           "Stack",
                                           "Barrier",
                                           "BarrierReadySize",
                                           "BarrierIncompleteSize",
                                           "HashTable",
                                           "MutableHashTable",
                                           "MutableHashTableOfTensors",
                                           "Mutex",
                                           "CuckooTable",
                                           "IndexTable",
                                           "WholeFileReader",
                                           "TextLineReader",
                                           "FixedLengthRecordReader",
                                           "TFRecordReader",
                                           "IdentityReader",
                                           "LMDBReader",
                                           "RefSwitch",
                                           "RefEnter",
                                           "RefNextIteration",
                                           "RefMerge",
                                           "RefIdentity",
                                           "ConditionalAccumulator",
                                           "SparseConditionalAccumulator",
                                           "Table"};
  return ops->contains(op);
}

}  // namespace

Importer::Importer(Graph* graph, const GraphDef& graph_def,
                   const ImportOptions& options)
    : graph_(graph),
      impl_(graph->impl_.get()),
      graph_def_(graph_def),
      options_(options),
      unknown_(graph->registry()) {}

Importer::~Importer() {
  for (Operation* op : stand_ins_) impl_->Free(op);
  if (published_) return;
  for (Operation* op : ops_) impl_->Free(op);
}

absl::StatusOr<std::vector<Graph::Element>> Importer::Run() {
  RG_RETURN_IF_ERROR(graph_->CheckNotFinalized());
  RG_ASSIGN_OR_RETURN(prefix_, graph_->EnterNameScope(options_.name));
  graph_->ExitNameScope();
  scopes_ = impl_->FindScopes();
  RG_RETURN_IF_ERROR(ReadInputMap());
  if (options_.validate_versions) RG_RETURN_IF_ERROR(CheckVersions());
  RG_RETURN_IF_ERROR(IndexNodes());
  RG_RETURN_IF_ERROR(CountInputs());
  RG_RETURN_IF_ERROR(MakeNodes());
  RG_RETURN_IF_ERROR(AddBackEdges());
  RG_RETURN_IF_ERROR(FindReturnElements());
  RenameColocations();
  RG_RETURN_IF_ERROR(ApplyScopes());
  RG_RETURN_IF_ERROR(CheckInputMapUsed());
  RG_RETURN_IF_ERROR(Publish());
  return std::move(return_elements_);
}

absl::Status Importer::CheckVersions() const {
  const VersionDef& versions = graph_def_.versions();
  if (versions.producer() < 0) {
    return ValueError(
        absl::StrCat("GraphDef producer version ", versions.producer(),
                     " below min producer 0 supported by ", kTensorFlow,
                     ".  Please regenerate your graph."));
  }
  if (versions.min_consumer() > kConsumer) {
    return ValueError(
        absl::StrCat("GraphDef min consumer version ", versions.min_consumer(),
                     " above current version ", kConsumer, " for ", kTensorFlow,
                     ".  Please upgrade TensorFlow."));
  }
  for (const int bad : versions.bad_consumers()) {
    if (bad != kConsumer) continue;
    return ValueError(absl::StrCat(
        "GraphDef disallows consumer version ", kConsumer,
        ".  Please upgrade TensorFlow: this version is likely buggy."));
  }
  return absl::OkStatus();
}

absl::Status Importer::ReadInputMap() {
  for (const auto& [key, tensor] : options_.input_map) {
    if (tensor.graph() != graph_) {
      return ValueError(absl::StrCat("Tensor ", tensor.DebugString(),
                                     " is not an element of this graph."));
    }
    if (absl::StartsWith(key, "^")) {
      control_map_[TensorId::Parse(key)] = tensor.op;
      continue;
    }
    RG_ASSIGN_OR_RETURN(const TensorId id, ParseTensorName(key));
    input_map_[id] = tensor;
  }
  return absl::OkStatus();
}

absl::Status Importer::IndexNodes() {
  nodes_.reserve(graph_def_.node_size());
  for (int i = 0; i < graph_def_.node_size(); ++i) {
    const NodeDef& node = graph_def_.node(i);
    if (!IsValidOpName(node.name())) {
      return ValueError(absl::StrCat(
          "Node '", node.name(), "': Node name contains invalid characters"));
    }
    if (!nodes_.try_emplace(node.name(), i).second) {
      return ValueError(absl::StrCat("Node '", node.name(), "' is not unique"));
    }
    if (node.op().empty()) {
      return ValueError(absl::StrCat("Node '", node.name(),
                                     "' does not specify an operation"));
    }
    bool controls_began = false;
    for (const std::string& input : node.input()) {
      const bool is_control = absl::StartsWith(input, "^");
      if (controls_began && !is_control) {
        return ValueError(absl::StrCat(
            "Node '", node.name(),
            "': Control dependencies must come after regular dependencies"));
      }
      controls_began |= is_control;
    }
  }
  if (graph_->num_operations() > 0) {
    for (const NodeDef& node : graph_def_.node()) {
      node_names_.push_back(node.name());
    }
    for (const Operation* op : graph_->GetOperations()) {
      existing_names_.push_back(op->name());
    }
    std::sort(node_names_.begin(), node_names_.end());
    std::sort(existing_names_.begin(), existing_names_.end());
  }
  return absl::OkStatus();
}

absl::Status Importer::CountInputs() {
  const int size = graph_def_.node_size();
  const bool any_mapped = !input_map_.empty() || !control_map_.empty();
  made_.resize(size);
  first_input_.resize(size);
  pending_.resize(size);
  consumers_.resize(size);
  for (int i = 0; i < size; ++i) {
    const NodeDef& node = graph_def_.node(i);
    first_input_[i] = sources_.size();
    const bool is_merge = IsMerge(node);
    int pending = 0;
    int controls = 0;
    bool in_loop = false;
    for (const std::string& input : node.input()) {
      const TensorId id = TensorId::Parse(input);
      if (any_mapped && (id.is_control() ? control_map_.contains(id)
                                         : input_map_.contains(id))) {
        sources_.push_back(-1);
        continue;
      }
      const auto source = nodes_.find(id.node);
      if (source == nodes_.end()) {
        return ValueError(absl::StrCat("Node '", node.name(),
                                       "': Unknown input node '", input, "'"));
      }
      const int source_index = source->second;
      sources_.push_back(source_index);
      // A loop closes here; its body is made later than its head.
      if (is_merge && IsNextIteration(graph_def_.node(source_index))) {
        in_loop = true;
        continue;
      }
      ++pending;
      if (id.is_control()) ++controls;
      consumers_[source_index].push_back(i);
    }
    // Such a head waits for one of its other inputs alone.
    if (in_loop && pending > controls) pending = controls + 1;
    pending_[i] = pending;
    if (pending == 0) ready_.push(i);
  }
  return absl::OkStatus();
}

void Importer::MarkDone(int index) {
  for (const int consumer : consumers_[index]) {
    if (--pending_[consumer] == 0) ready_.push(consumer);
  }
}

absl::Status Importer::MakeNodes() {
  for (const FunctionDef& function : graph_def_.library().function()) {
    unknown_.AddOpDef(function.signature());
  }
  if (options_.producer_op_list != nullptr) {
    for (const OpDef& def : options_.producer_op_list->op()) {
      producer_ops_[def.name()] = &def;
      if (options_.keep_unknown_ops) unknown_.AddOpDef(def);
    }
  }
  if (options_.keep_unknown_ops) unknown_.LookAtConsumers(graph_def_);
  int made = 0;
  for (; !ready_.empty(); ++made) {
    const int index = ready_.top();
    ready_.pop();
    RG_RETURN_IF_ERROR(MakeNode(index));
    MarkDone(index);
  }
  if (made < graph_def_.node_size()) {
    return ValueError(
        absl::StrCat(graph_def_.node_size() - made, " nodes in a cycle"));
  }
  return absl::OkStatus();
}

absl::Status Importer::CheckColocation(const NodeDef& node) const {
  const auto it = node.attr().find("_class");
  if (it == node.attr().end()) return absl::OkStatus();
  for (absl::string_view other : it->second.list().s()) {
    if (absl::ConsumePrefix(&other, kColocationPrefix) &&
        !nodes_.contains(other)) {
      return ValueError(absl::StrCat("Node '", node.name(),
                                     "' expects to be colocated with unknown "
                                     "node '",
                                     other, "'"));
    }
  }
  return absl::OkStatus();
}

Operation* Importer::StandIn(const NodeDef& merge) {
  WriterLock lock(&impl_->mu);
  Operation* op = impl_->Allocate();
  stand_ins_.push_back(op);
  const auto type = merge.attr().find("T");
  const DataType dtype =
      type == merge.attr().end() ? DT_INVALID : type->second.type();
  Graph::Impl::AddOutput(op,
                         merge.op() == "RefMerge" ? MakeRefType(dtype) : dtype);
  return op;
}

absl::Status Importer::FindInputs(
    int index, NodeSpec* spec,
    std::vector<std::pair<int, TensorId>>* back_edges) {
  const NodeDef& node = graph_def_.node(index);
  const int* next_source = sources_.data() + first_input_[index];
  for (const std::string& input : node.input()) {
    const TensorId id = TensorId::Parse(input);
    const int source_index = *next_source++;
    if (source_index < 0) {
      used_keys_.insert(id);
      if (id.is_control()) {
        spec->control_inputs.push_back(control_map_.at(id));
      } else {
        spec->inputs.push_back(input_map_.at(id));
      }
      continue;
    }
    Operation* source = made_[source_index];
    if (id.is_control()) {
      if (source != nullptr) {
        spec->control_inputs.push_back(source);
      } else {
        back_edges->emplace_back(-1, id);
      }
      continue;
    }
    if (source == nullptr) {
      back_edges->emplace_back(static_cast<int>(spec->inputs.size()), id);
      spec->inputs.push_back(Output{StandIn(node), 0});
      continue;
    }
    if (id.index >= source->num_outputs()) {
      return ValueError(absl::StrCat(
          "Node '", node.name(), "': Connecting to invalid output ", id.index,
          " of source node ", id.node, " which has ", source->num_outputs(),
          " outputs."));
    }
    spec->inputs.push_back(Output{source, static_cast<int>(id.index)});
  }
  if (!back_edges->empty() && !IsMerge(node)) {
    return ValueError(absl::StrCat(
        "Node '", node.name(),
        "' had a back edge, but only Merge nodes can have back edges."));
  }
  return absl::OkStatus();
}

bool Importer::IsProducersDefault(const NodeDef& node, const std::string& attr,
                                  const AttrValue& value) const {
  const auto producer = producer_ops_.find(node.op());
  if (producer == producer_ops_.end()) return false;
  const auto& attrs = producer->second->attr();
  return std::any_of(attrs.begin(), attrs.end(),
                     [&](const OpDef::AttrDef& known) {
                       return known.name() == attr &&
                              known.has_default_value() &&
                              AttrValuesEqual(value, known.default_value());
                     });
}

// Without defaults that only the producer knew, and with what names of other
// nodes there are prefixed.
AttrList Importer::AttrsOf(const NodeDef& node,
                           const OpRegistration* registration) const {
  using Entry = google::protobuf::MapPair<std::string, AttrValue>;
  absl::InlinedVector<const Entry*, 8> entries;
  for (const Entry& entry : node.attr()) entries.push_back(&entry);
  std::sort(
      entries.begin(), entries.end(),
      [](const Entry* a, const Entry* b) { return a->first < b->first; });
  const OpSignature* signature =
      registration == nullptr ? nullptr : &registration->signature();
  AttrList attrs;
  attrs.reserve(entries.size() + 1);
  for (const Entry* entry : entries) {
    const std::string& name = entry->first;
    const AttrValue& value = entry->second;
    if (name == kShapesAttr) continue;
    const int known = signature == nullptr ? -1 : signature->FindAttr(name);
    if (known >= 0 && value.value_case() == AttrValue::VALUE_NOT_SET &&
        signature->attrs[known].has_default) {
      continue;
    }
    if (known < 0 && signature != nullptr &&
        IsProducersDefault(node, name, value)) {
      continue;
    }
    attrs.emplace_back(name, value);
    if (prefix_.empty() || name != kColocationAttr) continue;
    for (std::string& group :
         *attrs.back().second.mutable_list()->mutable_s()) {
      if (absl::StartsWith(group, kColocationPrefix)) {
        group.insert(kColocationPrefix.size(), prefix_);
      }
    }
  }
  return attrs;
}

bool Importer::NameIsTaken(absl::string_view name) const {
  return !existing_names_.empty() &&
         (graph_->FindOperation(name) != nullptr ||
          HasScope(existing_names_, name));
}

std::string Importer::NewName(const std::string& name) {
  const std::string full = absl::StrCat(prefix_, name);
  if (!NameIsTaken(full)) return full;
  // The new name must not be one of those still to come. (TensorFlow forgets
  // the prefix here, and two nodes may get one name.)
  std::string candidate;
  int count = 0;
  do {
    candidate = absl::StrCat(name, "_", ++count);
  } while (nodes_.contains(candidate) || HasScope(node_names_, candidate) ||
           NameIsTaken(absl::StrCat(prefix_, candidate)));
  candidate.insert(0, prefix_);
  renamed_[full] = candidate;
  return candidate;
}

absl::Status Importer::MakeNode(int index) {
  const NodeDef& node = graph_def_.node(index);
  RG_RETURN_IF_ERROR(CheckColocation(node));
  NodeSpec spec;
  std::vector<std::pair<int, TensorId>> back_edges;
  RG_RETURN_IF_ERROR(FindInputs(index, &spec, &back_edges));

  Operation* op;
  {
    std::string name = NewName(node.name());
    WriterLock lock(&impl_->mu);
    op = impl_->Allocate();
    Graph::Impl::SetName(op, std::move(name));
  }
  ops_.push_back(op);
  devices_.push_back(&node.device());
  const OpRegistration* registration = graph_->registry()->Find(node.op());
  spec.type = node.op();
  spec.attrs = AttrsOf(node, registration);
  if (registration == nullptr) {
    spec.keep_unknown =
        options_.keep_unknown_ops || unknown_.HasOpDef(node.op());
    if (spec.keep_unknown) {
      spec.output_types = unknown_.OutputTypes(node, &spec.attrs);
    }
  } else if (registration->def.deprecation().version() > 0 &&
             graph_def_.versions().producer() >=
                 registration->def.deprecation().version()) {
    const OpDeprecation& deprecation = registration->def.deprecation();
    return absl::UnimplementedError(absl::StrCat(
        "Op ", node.op(), " is not available in GraphDef version ",
        graph_def_.versions().producer(), ". It has been removed in version ",
        deprecation.version(), ". ", deprecation.explanation(), "."));
  }
  RG_RETURN_IF_ERROR(impl_->FillIn(op, &spec));
  RG_RETURN_IF_ERROR(Graph::Impl::InferShapes(op));
  const auto shapes = node.attr().find("_output_shapes");
  if (shapes != node.attr().end()) {
    RG_RETURN_IF_ERROR(TakeOutputShapes(node, shapes->second, op));
  }
  for (const auto& [input, source] : back_edges) {
    back_edges_.push_back({op, input, source});
  }
  made_[index] = op;
  return absl::OkStatus();
}

absl::Status Importer::TakeOutputShapes(const NodeDef& node,
                                        const AttrValue& shapes,
                                        Operation* op) {
  const auto& list = shapes.list().shape();
  if (list.size() != op->num_outputs()) {
    return ValueError(absl::StrCat(
        "Node '", node.name(), "' has ", op->num_outputs(),
        " outputs but the _output_shapes attribute specifies shapes for ",
        list.size(), " outputs"));
  }
  for (int i = 0; i < op->num_outputs(); ++i) {
    const absl::StatusOr<PartialTensorShape> shape =
        PartialTensorShape::FromProto(list[i]);
    if (!shape.ok()) {
      return ValueError(absl::StrCat(
          "Node '", node.name(), " has an invalid _output_shapes attribute ",
          "(shape #", i, " error:'", shape.status().message(), "')"));
    }
    const absl::Status merged = op->MergeOutputShape(i, *shape);
    if (merged.ok()) continue;
    if (graph_def_.versions().producer() < 21 && MayHaveWrongShape(node.op())) {
      return absl::OkStatus();
    }
    return ValueError(absl::StrCat(
        "Node '", node.name(),
        "' has an _output_shapes attribute inconsistent with the GraphDef for "
        "output #",
        i, ": ", merged.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Graph::Element>> ImportGraphDef(
    Graph* graph, const GraphDef& graph_def, const ImportOptions& options) {
  return Importer(graph, graph_def, options).Run();
}

}  // namespace retrograph
