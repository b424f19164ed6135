// Variables initialised from checkpoints.
#include "train/checkpoint_init.h"

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/file_system.h"
#include "python/bindings/bindings.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/support.h"
#include "python/bindings/variable_options.h"
#include "train/warm_start.h"

namespace retrograph {
namespace python {
namespace {

using VariablePtr = std::shared_ptr<Variable>;

VariablePtr VariableOf(nb::handle h) {
  return nb::cast<VariablePtr>(nb::getattr(h, "_core_variable"));
}

// A str, a tf.Variable or a list of them.
InitTarget TargetOf(nb::handle h) {
  if (PyUnicode_Check(h.ptr())) return ToStr(h);
  if (!PyList_Check(h.ptr())) return VariableOf(h);
  std::vector<VariablePtr> parts;
  for (nb::handle part : h) parts.push_back(VariableOf(part));
  return parts;
}

void InitFrom(const std::shared_ptr<Graph>& graph, const std::string& path,
              nb::list assignments) {
  std::map<std::string, InitTarget> map;
  for (nb::handle entry : assignments) {
    map.emplace(ToStr(entry[0]), TargetOf(entry[1]));
  }
  CallSite call_site;
  GraphBuilder b(graph.get());
  InitFromCheckpoint(b, FileSystem::Posix(), path, map, PythonLog());
  Check(b.status());
  RaiseDeviceError();
}

// A Python initializer, called with a list of numbers and tensors.
BackupInitializer BackupOf(nb::handle h) {
  if (h.is_none()) return nullptr;
  std::shared_ptr<nb::object> function = Keep(nb::borrow(h));
  return [function](GraphBuilder& b, const std::vector<Size>& shape) {
    return CallForOutput(b, [&] {
      nb::list sizes;
      for (const Size& size : shape) {
        if (const auto* number = std::get_if<int64_t>(&size)) {
          sizes.append(*number);
        } else {
          sizes.append(OutputToPython(std::get<Output>(size)));
        }
      }
      return nb::object((*function)(b.graph()->unique_graph_key(), sizes));
    });
  };
}

VocabInfo VocabInfoOf(nb::handle h) {
  VocabInfo info;
  info.new_vocab = ToStr(h[0]);
  info.new_vocab_size = nb::cast<int64_t>(h[1]);
  info.num_oov_buckets = nb::cast<int64_t>(h[2]);
  info.old_vocab = ToStr(h[3]);
  info.old_vocab_size = nb::cast<int64_t>(h[4]);
  info.backup_initializer = BackupOf(h[5]);
  info.backup_text = ToStr(h[6]);
  info.axis = nb::cast<int>(h[7]);
  return info;
}

void WarmStartFrom(const std::shared_ptr<Graph>& graph, const std::string& path,
                   nb::list variables, bool without_vocabulary,
                   nb::dict vocab_infos, nb::dict previous_names) {
  WarmStartOptions options;
  for (nb::handle h : variables) options.variables.push_back(VariableOf(h));
  options.without_vocabulary = without_vocabulary;
  for (auto [name, info] : vocab_infos) {
    options.vocab_infos[ToStr(name)] = VocabInfoOf(info);
  }
  for (auto [name, previous] : previous_names) {
    options.previous_names[ToStr(name)] = ToStr(previous);
  }
  CallSite call_site;
  GraphBuilder b(graph.get());
  WarmStart(b, FileSystem::Posix(), path, options, PythonLog());
  Check(b.status());
  RaiseDeviceError();
}

}  // namespace

void BindCheckpointInit(nb::module_& m) {
  m.def("init_from_checkpoint", &InitFrom);
  m.def("warm_start", &WarmStartFrom);
}

}  // namespace python
}  // namespace retrograph
