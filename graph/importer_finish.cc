// The second half of an import: what comes after the nodes are made.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/errors.h"
#include "graph/device_name.h"
#include "graph/importer.h"
#include "graph/node_validation.h"

namespace retrograph {
namespace {

constexpr absl::string_view kColocationPrefix = "loc:@";

// The names of the nodes that an op must share a device with, but its own.
absl::InlinedVector<absl::string_view, 2> OthersInColocation(
    const Operation& op) {
  absl::InlinedVector<absl::string_view, 2> others;
  const AttrValue* groups = op.FindAttr("_class");
  if (groups == nullptr) return others;
  for (absl::string_view name : groups->list().s()) {
    if (absl::ConsumePrefix(&name, kColocationPrefix) && name != op.name()) {
      others.push_back(name);
    }
  }
  return others;
}

}  // namespace

absl::Status Importer::AddBackEdges() {
  for (const BackEdge& edge : back_edges_) {
    Operation* source = MadeOf(edge.source.node);
    if (edge.source.is_control()) {
      Graph::Impl::AddControl(edge.op, source);
      continue;
    }
    if (edge.source.index >= source->num_outputs()) {
      return ValueError(absl::StrCat(
          "Node '", edge.op->name(), "': Connecting to invalid output ",
          edge.source.index, " of source node ", edge.source.node,
          " which has ", source->num_outputs(), " outputs."));
    }
    const Output output{source, static_cast<int>(edge.source.index)};
    const DataType expected = edge.op->input(edge.input).dtype();
    if (!TypesCompatible(expected, output.dtype())) {
      return ValueError(absl::StrCat(
          "Input ", edge.input, " of node ", edge.op->name(), " was passed ",
          DataTypeString(output.dtype()), " from ", output.name(),
          " incompatible with expected ", DataTypeString(expected), "."));
    }
    Graph::Impl::SetInput(edge.op, edge.input, output);
  }
  return absl::OkStatus();
}

absl::Status Importer::FindReturnElements() {
  // Tensors first: so do TensorFlow's errors come.
  return_elements_.resize(options_.return_elements.size());
  for (const bool tensors : {true, false}) {
    for (size_t i = 0; i < options_.return_elements.size(); ++i) {
      const std::string& name = options_.return_elements[i];
      if (absl::StrContains(name, ":") != tensors) continue;
      Graph::Element& element = return_elements_[i];
      if (!tensors) {
        const auto it = nodes_.find(name);
        if (it == nodes_.end()) {
          return ValueError(absl::StrCat("Requested return node '", name,
                                         "' not found in graph def"));
        }
        element.op = made_[it->second];
        continue;
      }
      RG_ASSIGN_OR_RETURN(const TensorId id, ParseTensorName(name));
      const auto mapped = input_map_.find(id);
      if (mapped != input_map_.end()) {
        element.tensor = mapped->second;
        continue;
      }
      const auto it = nodes_.find(id.node);
      if (it == nodes_.end()) {
        return ValueError(absl::StrCat("Requested return tensor '",
                                       id.ToString(),
                                       "' not found in graph def"));
      }
      Operation* op = made_[it->second];
      if (id.index < 0 || id.index >= op->num_outputs()) {
        return ValueError(absl::StrCat("Invalid return output ", id.index,
                                       " of node '", id.node, "', which has ",
                                       op->num_outputs(), " output(s)"));
      }
      element.tensor = op->output(static_cast<int>(id.index));
    }
  }
  return absl::OkStatus();
}

absl::Status Importer::CheckInputMapUsed() const {
  std::vector<std::string> missing;
  for (const auto& entry : options_.input_map) {
    const TensorId id = absl::StartsWith(entry.first, "^")
                            ? TensorId::Parse(entry.first)
                            : *ParseTensorName(entry.first);
    if (used_keys_.contains(id)) continue;
    const Operation* op = MadeOf(id.node);
    if (op != nullptr && id.index < op->num_outputs()) continue;
    missing.push_back(id.ToString());
  }
  if (missing.empty()) return absl::OkStatus();
  return ValueError(absl::StrCat(
      "Attempted to map inputs that were not found in graph_def: [",
      absl::StrJoin(missing, ", "), "]"));
}

void Importer::RenameColocations() {
  if (renamed_.empty()) return;
  for (Operation* op : ops_) {
    const AttrValue* groups = op->FindAttr("_class");
    if (groups == nullptr) continue;
    AttrValue updated = *groups;
    for (std::string& entry : *updated.mutable_list()->mutable_s()) {
      absl::string_view name = entry;
      if (!absl::ConsumePrefix(&name, kColocationPrefix)) continue;
      const auto it = renamed_.find(name);
      if (it != renamed_.end()) {
        entry = absl::StrCat(kColocationPrefix, it->second);
      }
    }
    op->SetAttr("_class", std::move(updated));
  }
}

absl::Status Importer::ApplyScopes() {
  const std::vector<Operation*> controls = scopes_ == nullptr
                                               ? std::vector<Operation*>()
                                               : scopes_->ControlDependencies();
  std::vector<Operation*> colocated;
  for (size_t i = 0; i < ops_.size(); ++i) {
    Operation* op = ops_[i];
    impl_->ApplyAttrScopes(op, scopes_);
    impl_->SetDevice(op, "");
    // Every imported op waits for what the scopes ask for.
    Graph::Impl::AddControls(op, controls);
    if (OthersInColocation(*op).empty()) {
      RG_RETURN_IF_ERROR(impl_->ApplyDevices(op, *devices_[i], scopes_));
    } else {
      colocated.push_back(op);
    }
  }
  for (Operation* op : colocated) RG_RETURN_IF_ERROR(PlaceColocated(op));
  return absl::OkStatus();
}

absl::Status Importer::PlaceColocated(Operation* op) {
  for (const absl::string_view name : OthersInColocation(*op)) {
    const Operation* other = FindByNewName(name);
    if (other == nullptr) {
      return ValueError(
          absl::StrCat("Specified colocation to an op that does not exist "
                       "during import: ",
                       name, " in ", op->name()));
    }
    if (other->device().empty()) continue;
    RG_ASSIGN_OR_RETURN(const std::string device,
                        CanonicalDevice(other->device()));
    impl_->SetDevice(op, device);
    break;
  }
  return absl::OkStatus();
}

const Operation* Importer::FindByNewName(absl::string_view name) {
  if (renamed_.empty()) {
    absl::string_view old_name = name;
    const Operation* op =
        absl::ConsumePrefix(&old_name, prefix_) ? MadeOf(old_name) : nullptr;
    return op == nullptr ? graph_->FindOperation(name) : op;
  }
  if (by_new_name_.empty()) {
    for (const Operation* op : ops_) by_new_name_[op->name()] = op;
  }
  const auto it = by_new_name_.find(name);
  return it == by_new_name_.end() ? graph_->FindOperation(name) : it->second;
}

absl::Status Importer::Publish() {
  RG_RETURN_IF_ERROR(impl_->Publish(ops_));
  published_ = true;
  {
    WriterLock lock(&impl_->mu);
    for (const Operation* op : ops_) impl_->names.Mark(op->name());
    VersionDef* versions = &impl_->versions;
    const VersionDef& theirs = graph_def_.versions();
    versions->set_producer(std::min(versions->producer(), theirs.producer()));
    versions->set_min_consumer(
        std::max(versions->min_consumer(), theirs.min_consumer()));
    std::set<int> bad(versions->bad_consumers().begin(),
                      versions->bad_consumers().end());
    bad.insert(theirs.bad_consumers().begin(), theirs.bad_consumers().end());
    versions->clear_bad_consumers();
    for (const int version : bad) versions->add_bad_consumers(version);
  }
  graph_->AddFunctions(graph_def_.library());
  if (scopes_ != nullptr) {
    for (const Operation* op : ops_) scopes_->RecordOp(op);
  }
  return absl::OkStatus();
}

}  // namespace retrograph
