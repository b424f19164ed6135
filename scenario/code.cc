#include "scenario/code.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/dtype.h"
#include "scenario/values.h"

namespace retrograph::scenario {
namespace {

using Arguments = std::vector<std::string>;

std::string Quoted(const std::string& text) { return PythonStringRepr(text); }

std::string Assigned(const std::string& as, const std::string& expression) {
  return as.empty() ? expression : absl::StrCat(as, " = ", expression);
}

std::string Call(const std::string& function, const Arguments& arguments) {
  return absl::StrCat(function, "(", absl::StrJoin(arguments, ", "), ")");
}

// JSON as Python spells it.
std::string PythonLiteral(const std::string& json) {
  if (json == "true") return "True";
  if (json == "false") return "False";
  return json;
}

void AddText(Arguments* arguments, const char* name, const std::string& text) {
  if (!text.empty()) {
    arguments->push_back(absl::StrCat(name, "=", Quoted(text)));
  }
}

void AddDtype(Arguments* arguments, DataType dtype) {
  if (dtype != DT_INVALID) {
    arguments->push_back(absl::StrCat("dtype=tf.", DTypePythonName(dtype)));
  }
}

void AddFlag(Arguments* arguments, const char* name, bool differs, bool value) {
  if (differs) {
    arguments->push_back(absl::StrCat(name, value ? "=True" : "=False"));
  }
}

std::string Code(const pb::Variable& v) {
  Arguments arguments;
  if (!v.initial_tensor().empty()) {
    arguments.push_back(v.initial_tensor());
  } else if (!v.initial_value().empty()) {
    arguments.push_back(PythonLiteral(v.initial_value()));
  }
  AddText(&arguments, "name", v.name());
  AddDtype(&arguments, v.dtype());
  AddFlag(&arguments, "trainable", v.not_trainable(), false);
  AddFlag(&arguments, "use_resource", v.use_resource(), true);
  AddFlag(&arguments, "validate_shape", v.no_validate_shape(), false);
  if (v.collection_size() > 0) {
    arguments.push_back(absl::StrCat(
        "collections=['", absl::StrJoin(v.collection(), "', '"), "']"));
  }
  return Assigned(v.as(), Call("tf.Variable", arguments));
}

std::string InitializerCode(const pb::GetVariable& v) {
  if (!v.initial_value().empty()) return PythonLiteral(v.initial_value());
  switch (v.initializer()) {
    case pb::GetVariable::ZEROS: return "tf.zeros_initializer()";
    case pb::GetVariable::ONES: return "tf.ones_initializer()";
    case pb::GetVariable::RANDOM_UNIFORM:
      return "tf.random_uniform_initializer()";
    case pb::GetVariable::RANDOM_NORMAL: return "tf.random_normal_initializer()";
    case pb::GetVariable::TRUNCATED_NORMAL:
      return "tf.truncated_normal_initializer()";
    case pb::GetVariable::GLOROT_UNIFORM: return "tf.glorot_uniform_initializer()";
    case pb::GetVariable::GLOROT_NORMAL: return "tf.glorot_normal_initializer()";
    default: return "";
  }
}

std::string Code(const pb::GetVariable& v) {
  Arguments arguments = {Quoted(v.name())};
  const std::string initializer = InitializerCode(v);
  if (v.initial_value().empty()) {
    arguments.push_back(absl::StrCat("[", absl::StrJoin(v.shape(), ", "), "]"));
  }
  AddDtype(&arguments, v.dtype());
  if (!initializer.empty()) {
    arguments.push_back(absl::StrCat("initializer=", initializer));
  }
  AddFlag(&arguments, "trainable", v.not_trainable(), false);
  AddFlag(&arguments, "use_resource", v.use_resource(), true);
  if (v.partitions() > 0) {
    arguments.push_back(absl::StrCat("partitioner=tf.fixed_size_partitioner(",
                                     v.partitions(), ", ", v.partition_axis(),
                                     ")"));
  }
  return Assigned(v.as(), Call("tf.get_variable", arguments));
}

std::string Code(const pb::Op::Input& input) {
  if (input.has_ref()) return input.ref();
  if (input.has_value()) return PythonLiteral(input.value());
  std::vector<std::string> parts;
  for (const pb::Op::Input& part : input.list().input()) parts.push_back(Code(part));
  return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
}

std::string Code(const pb::Op& op) {
  Arguments arguments;
  for (const pb::Op::Input& input : op.input()) arguments.push_back(Code(input));
  for (const auto& [name, value] : op.attr()) {
    arguments.push_back(absl::StrCat(name, "=", value.ShortDebugString()));
  }
  AddText(&arguments, "name", op.name());
  return Assigned(op.as(),
                  Call(absl::StrCat("tf.raw_ops.", op.type()), arguments));
}

std::string Code(const pb::Saver& s) {
  if (s.build()) return absl::StrCat(s.as(), ".build()");
  Arguments arguments;
  if (s.key_size() > 0) {
    std::vector<std::string> entries;
    for (int i = 0; i < s.key_size() && i < s.var_list_size(); ++i) {
      entries.push_back(absl::StrCat(Quoted(s.key(i)), ": ", s.var_list(i)));
    }
    arguments.push_back(absl::StrCat("{", absl::StrJoin(entries, ", "), "}"));
  } else if (s.var_list_size() > 0) {
    arguments.push_back(
        absl::StrCat("[", absl::StrJoin(s.var_list(), ", "), "]"));
  }
  AddText(&arguments, "name", s.name());
  if (s.max_to_keep() != 0) {
    arguments.push_back(s.max_to_keep() < 0
                            ? std::string("max_to_keep=None")
                            : absl::StrCat("max_to_keep=", s.max_to_keep()));
  }
  AddFlag(&arguments, "sharded", s.sharded(), true);
  AddFlag(&arguments, "reshape", s.reshape(), true);
  AddFlag(&arguments, "allow_empty", s.allow_empty(), true);
  AddFlag(&arguments, "defer_build", s.defer_build(), true);
  return Assigned(s.as(), Call("tf.train.Saver", arguments));
}

std::string Code(const pb::Run& run) {
  Arguments arguments;
  const std::string fetches = absl::StrJoin(run.fetch(), ", ");
  arguments.push_back(run.fetch_size() == 1 ? fetches
                                            : absl::StrCat("[", fetches, "]"));
  if (run.feed_size() > 0) {
    std::vector<std::string> feeds;
    for (const pb::Run::Feed& feed : run.feed()) {
      feeds.push_back(
          absl::StrCat(feed.tensor(), ": ", PythonLiteral(feed.value())));
    }
    arguments.push_back(absl::StrCat("{", absl::StrJoin(feeds, ", "), "}"));
  }
  return Call(absl::StrCat(run.session(), ".run"), arguments);
}

std::string Code(const pb::Save& save) {
  Arguments arguments = {save.session(), Quoted(save.path())};
  if (save.has_global_step()) {
    arguments.push_back(
        absl::StrCat("global_step=", save.global_step().value()));
  }
  AddText(&arguments, "latest_filename", save.latest_filename());
  AddFlag(&arguments, "write_meta_graph", save.no_meta_graph(), false);
  AddFlag(&arguments, "write_state", save.no_state(), false);
  return Call(absl::StrCat(save.saver(), ".save"), arguments);
}

std::string Code(const pb::Damage& damage) {
  if (damage.how_case() == pb::Damage::kTruncateTo) {
    return absl::StrCat("os.truncate(", Quoted(damage.path()), ", ",
                        damage.truncate_to(), ")");
  }
  return absl::StrCat("# damage: byte ", damage.offset(), " of ",
                      Quoted(damage.path()), " ^= ",
                      damage.xor_() == 0 ? 1 : damage.xor_());
}

std::string Code(const pb::VariableScope& scope) {
  Arguments arguments = {Quoted(scope.name())};
  if (scope.reuse() == pb::VariableScope::TRUE) arguments.push_back("reuse=True");
  if (scope.reuse() == pb::VariableScope::AUTO_REUSE) {
    arguments.push_back("reuse=tf.AUTO_REUSE");
  }
  return absl::StrCat("with ", Call("tf.variable_scope", arguments), ":");
}

std::string Code(const pb::Placeholder& p) {
  Arguments arguments = {absl::StrCat("tf.", DTypePythonName(p.dtype()))};
  if (!p.shape().empty()) {
    arguments.push_back(absl::StrReplaceAll(p.shape(), {{"-1", "None"}}));
  }
  AddText(&arguments, "name", p.name());
  return Assigned(p.as(), Call("tf.placeholder", arguments));
}

std::string Code(const pb::Constant& c) {
  Arguments arguments = {PythonLiteral(c.value())};
  AddDtype(&arguments, c.dtype());
  AddText(&arguments, "name", c.name());
  return Assigned(c.as(), Call("tf.constant", arguments));
}

std::string Code(const pb::PlaceholderWithDefault& p) {
  Arguments arguments = {PythonLiteral(p.value())};
  arguments.push_back(p.shape().empty()
                          ? "None"
                          : absl::StrReplaceAll(p.shape(), {{"-1", "None"}}));
  AddText(&arguments, "name", p.name());
  return Assigned(p.as(), Call("tf.placeholder_with_default", arguments));
}

std::string Code(const pb::Dropout& d) {
  Arguments arguments = {d.x(), d.keep_prob()};
  AddText(&arguments, "name", d.name());
  return Assigned(d.as(), Call("tf.nn.dropout", arguments));
}

std::string Code(const pb::AddToCollection& step) {
  std::vector<std::string> calls;
  for (const std::string& item : step.item()) {
    calls.push_back(
        Call("tf.add_to_collection", {Quoted(step.name()), item}));
  }
  return absl::StrJoin(calls, "; ");
}

std::string Code(const pb::GetCollection& step) {
  const std::string call = Call("tf.get_collection", {Quoted(step.name())});
  if (step.as_size() == 0) return absl::StrCat("print(", call, ")");
  return absl::StrCat(absl::StrJoin(step.as(), ", "),
                      step.as_size() == 1 ? ", = " : " = ", call);
}

std::string Code(const pb::ImportMetaGraph& step) {
  Arguments arguments = {Quoted(step.path())};
  AddText(&arguments, "import_scope", step.import_scope());
  AddFlag(&arguments, "clear_devices", step.clear_devices(), true);
  std::vector<std::string> entries;
  for (const auto& entry : step.input_map()) {
    entries.push_back(absl::StrCat(Quoted(entry.name()), ": ", entry.tensor()));
  }
  if (!entries.empty()) {
    arguments.push_back(
        absl::StrCat("input_map={", absl::StrJoin(entries, ", "), "}"));
  }
  return Assigned(step.as(), Call("tf.train.import_meta_graph", arguments));
}

std::string Code(const pb::ExportMetaGraph& step) {
  Arguments arguments = {Quoted(step.path())};
  if (step.collection_size() > 0) {
    arguments.push_back(absl::StrCat("collection_list=['",
                                     absl::StrJoin(step.collection(), "', '"),
                                     "']"));
  }
  AddFlag(&arguments, "as_text", step.as_text(), true);
  AddFlag(&arguments, "clear_devices", step.clear_devices(), true);
  AddFlag(&arguments, "strip_default_attrs", step.strip_default_attrs(), true);
  return Call("tf.train.export_meta_graph", arguments);
}

std::string Code(
    const google::protobuf::RepeatedPtrField<pb::NamedTensor>& tensors) {
  std::vector<std::string> entries;
  for (const pb::NamedTensor& tensor : tensors) {
    entries.push_back(absl::StrCat(Quoted(tensor.key()), ": ",
                                   tensor.tensor()));
  }
  return absl::StrCat("{", absl::StrJoin(entries, ", "), "}");
}

std::string Code(const pb::SimpleSave& step) {
  return Call("tf.saved_model.simple_save",
              {step.session(), Quoted(step.path()),
               absl::StrCat("inputs=", Code(step.input())),
               absl::StrCat("outputs=", Code(step.output()))});
}

std::string Code(const pb::LoadSavedModel& step) {
  return Call("tf.saved_model.load",
              {step.session(),
               absl::StrCat("['", absl::StrJoin(step.tag(), "', '"), "']"),
               Quoted(step.path())});
}

std::string Code(const pb::Session& session) {
  return absl::StrCat(
      "with tf.Session(",
      session.graph().empty() ? "" : absl::StrCat("graph=", session.graph()),
      ")", session.name().empty() ? "" : absl::StrCat(" as ", session.name()),
      ":");
}

}  // namespace

std::string PythonCode(const pb::Step& step) {
  switch (step.action_case()) {
    case pb::Step::kGraph:
      return absl::StrCat("with tf.Graph().as_default() as ",
                          step.graph().name(), ":");
    case pb::Step::kSession: return Code(step.session());
    case pb::Step::kNameScope:
      return absl::StrCat("with tf.name_scope(",
                          Quoted(step.name_scope().name()), "):");
    case pb::Step::kVariableScope: return Code(step.variable_scope());
    case pb::Step::kDevice:
      return absl::StrCat("with tf.device(", Quoted(step.device().device()),
                          "):");
    case pb::Step::kControlDependencies:
      return absl::StrCat("with tf.control_dependencies([",
                          absl::StrJoin(step.control_dependencies().op(), ", "),
                          "]):");
    case pb::Step::kVariable: return Code(step.variable());
    case pb::Step::kGetVariable: return Code(step.get_variable());
    case pb::Step::kConstant: return Code(step.constant());
    case pb::Step::kPlaceholder: return Code(step.placeholder());
    case pb::Step::kOp: return Code(step.op());
    case pb::Step::kGlobalVariablesInitializer:
      return Assigned(step.global_variables_initializer().as(),
                      "tf.global_variables_initializer()");
    case pb::Step::kSaver: return Code(step.saver());
    case pb::Step::kSetRandomSeed:
      return absl::StrCat("tf.set_random_seed(", step.set_random_seed(), ")");
    case pb::Step::kFinalize: return "tf.get_default_graph().finalize()";
    case pb::Step::kPlaceholderWithDefault:
      return Code(step.placeholder_with_default());
    case pb::Step::kDropout: return Code(step.dropout());
    case pb::Step::kAddToCollection: return Code(step.add_to_collection());
    case pb::Step::kGetCollection: return Code(step.get_collection());
    case pb::Step::kImportMetaGraph: return Code(step.import_meta_graph());
    case pb::Step::kExportMetaGraph: return Code(step.export_meta_graph());
    case pb::Step::kSimpleSave: return Code(step.simple_save());
    case pb::Step::kLoadSavedModel: return Code(step.load_saved_model());
    case pb::Step::kRun: return Code(step.run());
    case pb::Step::kSave: return Code(step.save());
    case pb::Step::kRestore:
      return Call(absl::StrCat(step.restore().saver(), ".restore"),
                  {step.restore().session(), Quoted(step.restore().path())});
    case pb::Step::kListVariables:
      return absl::StrCat("print(tf.train.list_variables(",
                          Quoted(step.list_variables().prefix()), "))");
    case pb::Step::kOperations:
      return absl::StrCat("print([op.name for op in ",
                          step.operations().graph().empty()
                              ? std::string("tf.get_default_graph()")
                              : step.operations().graph(),
                          ".get_operations()])");
    case pb::Step::kLatestCheckpoint:
      return absl::StrCat("print(tf.train.latest_checkpoint(",
                          Quoted(step.latest_checkpoint().directory()), "))");
    case pb::Step::kListFiles:
      return absl::StrCat("print(sorted(os.listdir(",
                          Quoted(step.list_files().directory()), ")))");
    case pb::Step::kMakeDirectory:
      return absl::StrCat("os.makedirs(", Quoted(step.make_directory().path()),
                          ")");
    case pb::Step::kRemove:
      return absl::StrCat("os.remove(", Quoted(step.remove().path()), ")");
    case pb::Step::kDamage: return Code(step.damage());
    case pb::Step::ACTION_NOT_SET: break;
  }
  return "pass";
}

const google::protobuf::RepeatedPtrField<pb::Step>* NestedSteps(const pb::Step& step) {
  switch (step.action_case()) {
    case pb::Step::kGraph: return &step.graph().step();
    case pb::Step::kSession: return &step.session().step();
    case pb::Step::kNameScope: return &step.name_scope().step();
    case pb::Step::kVariableScope: return &step.variable_scope().step();
    case pb::Step::kDevice: return &step.device().step();
    case pb::Step::kControlDependencies: return &step.control_dependencies().step();
    default: return nullptr;
  }
}

}  // namespace retrograph::scenario
