// Scaffolds, session managers, the timer of hooks, event and record files.
//
// Sessions and savers are the user's objects here: what C++ asks of them goes
// through callbacks.
#include "train/scaffold.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/collection_item.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"
#include "train/event_file.h"
#include "train/periodic_saver.h"
#include "train/record_file.h"
#include "train/session_manager.h"

namespace retrograph {
namespace python {
namespace {

using Callback = std::shared_ptr<nb::object>;

Callback CallbackOf(nb::handle h) {
  return h.is_none() ? nullptr : Keep(nb::borrow(h));
}

// Calls a function with these arguments, whose result does not matter.
template <typename... Args>
absl::Status Call(const Callback& function, Args&&... args) {
  return CallPython([&] {
           (*function)(std::forward<Args>(args)...);
           return true;
         })
      .status();
}

// A function of a session, which knows itself which one is meant.
std::function<absl::Status(Session*)> SessionCall(nb::handle h) {
  Callback function = CallbackOf(h);
  if (function == nullptr) return nullptr;
  return [function](Session*) { return Call(function); };
}

// The strings that a ready op gives; None: it has no value, or one that means
// "ready".
std::function<absl::StatusOr<Tensor>(Session*)> ReadyCall(nb::handle h) {
  Callback function = CallbackOf(h);
  if (function == nullptr) return nullptr;
  return [function](Session*) {
    return CallPython([&]() -> Tensor {
      nb::object names = (*function)();
      if (names.is_none()) return Tensor();
      std::vector<std::string> texts;
      for (nb::handle name : names) texts.push_back(ToStr(name));
      return Tensor::Vector<std::string>(texts);
    });
  };
}

std::unique_ptr<SessionManager> NewManager(nb::dict args) {
  SessionManagerOptions options;
  Callback new_session = CallbackOf(args["new_session"]);
  options.new_session = [new_session] {
    return CallPython([&] {
      return nb::cast<std::shared_ptr<Session>>((*new_session)());
    });
  };
  options.run_local_init_op = SessionCall(args["run_local_init_op"]);
  options.local_init_op_text = ToStr(args["local_init_op_text"]);
  options.ready = ReadyCall(args["ready"]);
  options.ready_for_local_init = ReadyCall(args["ready_for_local_init"]);
  options.recovery_wait_secs = nb::cast<double>(args["recovery_wait_secs"]);
  Callback now = CallbackOf(args["now"]);
  options.now = [now] {
    nb::gil_scoped_acquire gil;
    return nb::cast<double>((*now)());
  };
  Callback sleep = CallbackOf(args["sleep"]);
  options.sleep = [sleep](double secs) { return Call(sleep, secs); };
  options.log = PythonLog();
  return std::make_unique<SessionManager>(std::move(options));
}

void ReadRestore(nb::dict args, SessionManager::Restore* how) {
  Callback restore = CallbackOf(args["restore"]);
  if (restore != nullptr) {
    how->saver.restore = [restore](Session*, const std::string& path) {
      return Call(restore, Utf8(path));
    };
    Callback recover = CallbackOf(args["recover_last_checkpoints"]);
    how->saver.recover_last_checkpoints =
        [recover](const std::vector<std::string>& paths) {
          nb::list list;
          for (const std::string& path : paths) list.append(Utf8(path));
          return Call(recover, list);
        };
  }
  how->checkpoint_dir = ToStr(args["checkpoint_dir"]);
  how->checkpoint_filename_with_path =
      ToStr(args["checkpoint_filename_with_path"]);
  how->wait_for_checkpoint = nb::cast<bool>(args["wait_for_checkpoint"]);
  how->max_wait_secs = nb::cast<double>(args["max_wait_secs"]);
}

void BindManager(nb::module_& m) {
  nb::class_<SessionManager>(m, "SessionManager")
      .def(nb::new_(&NewManager))
      .def("prepare_session",
           [](SessionManager& manager, nb::dict args) {
             SessionManager::Prepare how;
             ReadRestore(args, &how);
             how.run_init_op = SessionCall(args["run_init_op"]);
             how.init_fn = SessionCall(args["init_fn"]);
             how.init_op_text = ToStr(args["init_op_text"]);
             how.init_fn_text = ToStr(args["init_fn_text"]);
             Check(manager.PrepareSession(how).status());
           })
      .def("recover_session",
           [](SessionManager& manager, nb::dict args) {
             SessionManager::Restore how;
             ReadRestore(args, &how);
             return Check(manager.RecoverSession(how)).second;
           })
      .def("wait_for_session", [](SessionManager& manager, double max_secs) {
        Check(manager.WaitForSession(max_secs).status());
      });
}

void BindTimer(nb::module_& m) {
  nb::class_<StepTimer>(m, "StepTimer")
      .def(nb::new_([](nb::object every_secs, nb::object every_steps,
                       nb::object now) {
             absl::optional<double> secs;
             absl::optional<int64_t> steps;
             if (!every_secs.is_none()) secs = nb::cast<double>(every_secs);
             if (!every_steps.is_none()) steps = nb::cast<int64_t>(every_steps);
             Callback clock = CallbackOf(now);
             return std::make_unique<StepTimer>(
                 Check(StepTimer::Create(secs, steps, [clock] {
                   return nb::cast<double>((*clock)());
                 })));
           }),
           nb::arg("every_secs").none(), nb::arg("every_steps").none(),
           nb::arg("now"))
      .def("reset", &StepTimer::Reset)
      .def("should_trigger", &StepTimer::ShouldTrigger)
      .def("update",
           [](StepTimer& timer, int64_t step) -> nb::object {
             const auto elapsed = timer.Update(step);
             if (!elapsed.has_value()) return nb::none();
             return nb::make_tuple(elapsed->secs, elapsed->steps);
           })
      .def_prop_ro("last_step", [](StepTimer& timer) -> nb::object {
        if (!timer.last_step().has_value()) return nb::none();
        return nb::cast(*timer.last_step());
      });
}

void BindEventFile(nb::module_& m) {
  nb::class_<EventFile>(m, "EventFile")
      .def(nb::init<std::string, std::string>())
      .def("write",
           [](EventFile& file, nb::bytes event) {
             Check(file.Write(absl::string_view(event.c_str(), event.size())));
           })
      .def("flush", [](EventFile& file) { Check(file.Flush()); })
      .def("close", [](EventFile& file) { Check(file.Close()); })
      .def_prop_ro("path", [](EventFile& file) { return Utf8(file.path()); });
  m.def("framed_record", [](nb::bytes data) {
    return ToBytes(FramedRecord(absl::string_view(data.c_str(), data.size())));
  });
  nb::class_<RecordReader>(m, "RecordReader")
      .def(nb::new_([](const std::string& path) {
        return Check(RecordReader::Open(FileSystem::Posix(), path));
      }))
      // None at the end.
      .def("read", [](RecordReader& reader) -> nb::object {
        const absl::StatusOr<std::string> record = reader.Read();
        if (absl::IsOutOfRange(record.status())) return nb::none();
        Check(record.status());
        return ToBytes(*record);
      });
}

}  // namespace

void BindScaffold(nb::module_& m) {
  // A collection item as CollectionItemToPython() gives it, or None.
  m.def("scaffold_piece", [](const std::shared_ptr<Graph>& graph,
                             const std::string& name) -> nb::object {
    CallSite call_site;
    const auto item = Check(ScaffoldPiece(graph.get(), name));
    return item.has_value() ? CollectionItemToPython(*item) : nb::none();
  });
  m.def("saver_or_default",
        [](const std::shared_ptr<Graph>& graph, nb::object make) {
          CallSite call_site;
          return CollectionItemToPython(
              Check(SaverOrDefault(graph.get(), [&] {
                return CallPython([&] { return CollectionItemOf(make()); });
              })));
        });
  m.def("tables_initializer", [](const std::shared_ptr<Graph>& graph,
                                 const std::string& name) {
    CallSite call_site;
    GraphBuilder b(graph.get());
    Operation* const op = TablesInitializer(b, name);
    Check(b.status());
    return op->id();
  });
  m.def("default_local_init_op", [](const std::shared_ptr<Graph>& graph) {
    CallSite call_site;
    GraphBuilder b(graph.get());
    Operation* const op = DefaultLocalInitOp(b);
    Check(b.status());
    return op->id();
  });
  BindManager(m);
  BindTimer(m);
  BindEventFile(m);
}

}  // namespace python
}  // namespace retrograph
