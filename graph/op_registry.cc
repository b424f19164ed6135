#include "graph/op_registry.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "graph/attr_text.h"
#include "graph/op_signature.h"
#include "graph/op_spec.h"

namespace retrograph {
namespace {

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0) return "localhost";
  return name;
}

std::string ArgText(const OpDef::ArgDef& arg) {
  std::string out = absl::StrCat(arg.name(), ":");
  if (arg.is_ref()) out += "Ref(";
  if (!arg.number_attr().empty()) {
    absl::StrAppend(&out, arg.number_attr(), "*");
  }
  if (arg.type() != DT_INVALID) {
    absl::StrAppend(&out, DataTypeString(arg.type()));
  } else {
    absl::StrAppend(&out, arg.type_attr());
  }
  absl::StrAppend(&out, arg.type_list_attr());
  if (arg.is_ref()) out += ")";
  return out;
}

template <typename Args>
std::string ArgsText(const Args& args) {
  std::string out;
  for (const OpDef::ArgDef& arg : args) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", ArgText(arg));
  }
  return out;
}

std::string AttrText(const OpDef::AttrDef& attr) {
  std::string out = absl::StrCat("; attr=", attr.name(), ":", attr.type());
  if (attr.has_default_value()) {
    absl::StrAppend(&out,
                    ",default=", SummarizeAttrValue(attr.default_value()));
  }
  if (attr.has_minimum()) absl::StrAppend(&out, ",min=", attr.minimum());
  if (attr.has_allowed_values()) {
    absl::StrAppend(&out,
                    ",allowed=", SummarizeAttrValue(attr.allowed_values()));
  }
  return out;
}

}  // namespace

OpRegistration::OpRegistration() = default;
OpRegistration::~OpRegistration() = default;

const OpSignature& OpRegistration::signature() const {
  std::call_once(signature_once_, [this] {
    signature_ = std::make_unique<const OpSignature>(def);
  });
  return *signature_;
}

OpBuilder::OpBuilder(OpRegistration* registration)
    : registration_(registration) {}

OpBuilder& OpBuilder::Input(absl::string_view spec) {
  const absl::Status status =
      ParseArgSpec(spec, registration_->def.add_input_arg());
  RG_CHECK(status.ok(), std::string(status.message()));
  ResolveTypeLists(&registration_->def);
  return *this;
}

OpBuilder& OpBuilder::Output(absl::string_view spec) {
  const absl::Status status =
      ParseArgSpec(spec, registration_->def.add_output_arg());
  RG_CHECK(status.ok(), std::string(status.message()));
  ResolveTypeLists(&registration_->def);
  return *this;
}

OpBuilder& OpBuilder::Attr(absl::string_view spec) {
  const absl::Status status =
      ParseAttrSpec(spec, registration_->def.add_attr());
  RG_CHECK(status.ok(), std::string(status.message()));
  ResolveTypeLists(&registration_->def);
  return *this;
}

OpBuilder& OpBuilder::Stateful() {
  registration_->def.set_is_stateful(true);
  return *this;
}

OpBuilder& OpBuilder::Commutative() {
  registration_->def.set_is_commutative(true);
  return *this;
}

OpBuilder& OpBuilder::Aggregate() {
  registration_->def.set_is_aggregate(true);
  return *this;
}

OpBuilder& OpBuilder::AllowsUninitializedInput() {
  registration_->def.set_allows_uninitialized_input(true);
  return *this;
}

OpBuilder& OpBuilder::Deprecated(int version, absl::string_view explanation) {
  OpDeprecation* deprecation = registration_->def.mutable_deprecation();
  deprecation->set_version(version);
  deprecation->set_explanation(std::string(explanation));
  return *this;
}

OpBuilder& OpBuilder::Shape(ShapeFn fn) {
  registration_->shape_fn = std::move(fn);
  return *this;
}

OpBuilder& OpBuilder::Kernel(
    std::vector<std::pair<std::string, DataTypeVector>> type_constraints,
    KernelFactory factory) {
  registration_->kernels.push_back(
      {std::move(type_constraints), std::move(factory), false});
  return *this;
}

OpBuilder& OpBuilder::UninitializedKernel(
    std::vector<std::pair<std::string, DataTypeVector>> type_constraints,
    KernelFactory factory) {
  registration_->kernels.push_back(
      {std::move(type_constraints), std::move(factory), true});
  return *this;
}

OpRegistry* OpRegistry::Global() {
  static OpRegistry* const registry = new OpRegistry;
  return registry;
}

OpBuilder OpRegistry::Op(absl::string_view name) {
  std::unique_ptr<OpRegistration>& slot = ops_[std::string(name)];
  RG_CHECK(slot == nullptr, absl::StrCat("op registered twice: ", name));
  slot = std::make_unique<OpRegistration>();
  slot->def.set_name(std::string(name));
  return OpBuilder(slot.get());
}

const OpRegistration* OpRegistry::Find(absl::string_view name) const {
  const auto it = ops_.find(name);
  return it == ops_.end() ? nullptr : it->second.get();
}

absl::StatusOr<const OpRegistration*> OpRegistry::LookUp(
    absl::string_view name) const {
  if (const OpRegistration* registration = Find(name)) return registration;
  return absl::NotFoundError(absl::StrCat(
      "Op type not registered '", name, "' in binary running on ", HostName(),
      ". Make sure the Op and Kernel are registered in the binary running in "
      "this process. Note that if you are loading a saved graph which used ops "
      "from tf.contrib, accessing (e.g.) `tf.contrib.resampler` should be done "
      "before importing the graph, as contrib ops are lazily registered when "
      "the module is first accessed."));
}

std::vector<std::string> OpRegistry::Names() const {
  std::vector<std::string> names;
  names.reserve(ops_.size());
  for (const auto& op : ops_) names.push_back(op.first);
  std::sort(names.begin(), names.end());
  return names;
}

std::string SummarizeOpDef(const OpDef& def) {
  std::string out = absl::StrCat("Op<name=", def.name(),
                                 "; signature=", ArgsText(def.input_arg()),
                                 " -> ", ArgsText(def.output_arg()));
  for (const OpDef::AttrDef& attr : def.attr()) out += AttrText(attr);
  if (def.is_commutative()) out += "; is_commutative=true";
  if (def.is_aggregate()) out += "; is_aggregate=true";
  if (def.is_stateful()) out += "; is_stateful=true";
  if (def.allows_uninitialized_input()) {
    out += "; allows_uninitialized_input=true";
  }
  out += ">";
  return out;
}

}  // namespace retrograph
