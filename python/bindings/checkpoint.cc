// Checkpoint files: readers and the state file.
#include "checkpoint/checkpoint_state.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_wait.h"
#include "checkpoint/hash_order.h"
#include "checkpoint/names.h"
#include "core/file_system.h"
#include "python/bindings/bindings.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"

namespace retrograph {
namespace python {

LogSink PythonLog() {
  return [](LogLevel level, absl::string_view message) {
    // An exception in a logging handler must not end a save.
    (void)CallPython([&] {
      return Hook("log")(static_cast<int>(level), Utf8(std::string(message)));
    });
  };
}

namespace {

void BindReader(nb::module_& m) {
  nb::class_<CheckpointReader>(m, "CheckpointReader")
      .def(nb::new_([](const std::string& prefix) {
        return Check(CheckpointReader::Open(FileSystem::Posix(), prefix));
      }))
      .def("has_tensor",
           [](CheckpointReader& r, const std::string& name) {
             return r.HasTensor(name);
           })
      .def("get_tensor",
           [](CheckpointReader& r, const std::string& name) {
             absl::StatusOr<Tensor> tensor;
             {
               nb::gil_scoped_release release;
               tensor = r.GetTensor(name);
             }
             return TensorToArray(Check(std::move(tensor)));
           })
      // [(name, shape, dtype)], in the order in which TensorFlow lists them.
      .def("entries",
           [](CheckpointReader& r) {
             nb::list entries;
             for (const std::string& name : ListedNames(r)) {
               entries.append(nb::make_tuple(
                   Utf8(name), ShapeToPython(r.shapes().at(name)),
                   static_cast<int>(r.dtypes().at(name))));
             }
             return entries;
           })
      // [(name, shape)], sorted by name.
      .def("listed",
           [](CheckpointReader& r) {
             nb::list listed;
             for (const auto& [name, shape] : r.shapes()) {
               listed.append(nb::make_tuple(Utf8(name), ShapeToPython(shape)));
             }
             return listed;
           })
      .def("debug_string",
           [](CheckpointReader& r) { return ToBytes(r.DebugString()); });
}

CheckpointStateDetails DetailsOf(std::vector<double> timestamps,
                                 std::optional<double> last_preserved) {
  CheckpointStateDetails details;
  details.all_model_checkpoint_timestamps = std::move(timestamps);
  details.last_preserved_timestamp = last_preserved;
  return details;
}

void BindState(nb::module_& m) {
  m.def("sync_files", [] { return SyncFilesByDefault(); });
  m.def("set_sync_files", [](bool sync) { SetSyncFilesByDefault(sync); });
  m.def("generate_checkpoint_state_proto",
        [](const std::string& save_dir, const std::string& path,
           std::vector<std::string> all_paths, std::vector<double> timestamps,
           std::optional<double> last_preserved) {
          return Serialized(Check(GenerateCheckpointStateProto(
              save_dir, path, std::move(all_paths),
              DetailsOf(std::move(timestamps), last_preserved), PythonLog())));
        },
        nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
  m.def("update_checkpoint_state",
        [](const std::string& save_dir, const std::string& path,
           const std::vector<std::string>& all_paths,
           const std::string& latest_filename, bool save_relative_paths,
           std::vector<double> timestamps,
           std::optional<double> last_preserved) {
          UpdateCheckpointStateOptions options;
          options.latest_filename = latest_filename;
          options.save_relative_paths = save_relative_paths;
          options.details = DetailsOf(std::move(timestamps), last_preserved);
          options.log = PythonLog();
          absl::Status status;
          {
            // It may wait for a saver in another thread.
            nb::gil_scoped_release release;
            status = UpdateCheckpointState(FileSystem::Posix(), save_dir, path,
                                           all_paths, options);
          }
          Check(status);
        },
        nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(),
        nb::arg().none());
  m.def("get_checkpoint_state",
        [](const std::string& dir, const std::string& name) -> nb::object {
          auto state = Check(
              GetCheckpointState(FileSystem::Posix(), dir, name, PythonLog()));
          if (!state.has_value()) return nb::none();
          return Serialized(*state);
        });
  m.def("latest_checkpoint",
        [](const std::string& dir, const std::string& name) -> nb::object {
          auto path = Check(
              LatestCheckpoint(FileSystem::Posix(), dir, name, PythonLog()));
          if (!path.has_value()) return nb::none();
          return Utf8(*path);
        });
  m.def("checkpoint_exists", [](const std::string& prefix) {
    return Check(CheckpointExists(FileSystem::Posix(), prefix));
  });
  m.def("get_checkpoint_mtimes", [](const std::vector<std::string>& prefixes) {
    return Check(GetCheckpointMtimes(FileSystem::Posix(), prefixes));
  });
  m.def("remove_checkpoint", [](const std::string& prefix, bool v2,
                                const std::string& meta_graph_suffix) {
    Check(RemoveCheckpoint(FileSystem::Posix(), prefix, v2, meta_graph_suffix));
  });
}

WaitOptions WaitOptionsOf(std::optional<double> timeout, nb::object now,
                          nb::object sleep) {
  WaitOptions options;
  options.timeout = timeout;
  options.clock.now = [now = Keep(now)] {
    return CallPython([&] { return nb::cast<double>((*now)()); }).value_or(0);
  };
  options.clock.sleep = [sleep = Keep(sleep)](double seconds) {
    return CallPython([&] {
             (*sleep)(seconds);
             return true;
           })
        .status();
  };
  options.log = PythonLog();
  return options;
}

nb::object PathOrNone(absl::StatusOr<std::optional<std::string>> path) {
  const std::optional<std::string> found = Check(std::move(path));
  if (!found.has_value()) return nb::none();
  return Utf8(*found);
}

// The clock is Python's: (now, sleep).
void BindWaiting(nb::module_& m) {
  m.def("wait_for_new_checkpoint",
        [](const std::string& folder, std::optional<std::string> last,
           double seconds_to_sleep, std::optional<double> timeout,
           nb::object now, nb::object sleep) {
          WaitOptions options = WaitOptionsOf(timeout, now, sleep);
          options.seconds_to_sleep = seconds_to_sleep;
          return PathOrNone(WaitForNewCheckpoint(FileSystem::Posix(), folder,
                                                 last, options));
        },
        nb::arg(), nb::arg().none(), nb::arg(), nb::arg().none(), nb::arg(),
        nb::arg());
  nb::class_<CheckpointsIterator>(m, "CheckpointsIterator")
      .def(nb::new_([](const std::string& folder, double min_interval_secs,
                       std::optional<double> timeout, nb::object timeout_fn,
                       nb::object now, nb::object sleep) {
             std::function<absl::StatusOr<bool>()> on_timeout;
             if (nb::cast<bool>(nb::bool_(timeout_fn))) {
               on_timeout = [function = Keep(timeout_fn)] {
                 return CallPython([&] {
                   return nb::cast<bool>(nb::bool_((*function)()));
                 });
               };
             }
             return std::make_unique<CheckpointsIterator>(
                 FileSystem::Posix(), folder, min_interval_secs,
                 WaitOptionsOf(timeout, now, sleep), std::move(on_timeout));
           }),
           nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg(),
           nb::arg())
      .def("next", [](CheckpointsIterator& i) { return PathOrNone(i.Next()); });
}

}  // namespace

void BindCheckpoint(nb::module_& m) {
  BindReader(m);
  BindState(m);
  BindWaiting(m);
  m.def("meta_graph_filename",
        [](const std::string& prefix, const std::string& suffix) {
          return MetaGraphFilename(prefix, suffix);
        });
}

}  // namespace python
}  // namespace retrograph
