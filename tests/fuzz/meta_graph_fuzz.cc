// A `.meta` file is read, imported, and exported again; its Saver restores.
#include <string>

#include "core/check.h"
#include "core/mem_file_system.h"
#include "google/protobuf/stubs/logging.h"
#include "graph/graph.h"
#include "ops/standard_ops.h"
#include "saver/meta_graph.h"
#include "saver/meta_graph_import.h"
#include "session/session.h"
#include "tests/fuzz/input.h"

namespace retrograph {
namespace {

void Restore(const std::shared_ptr<Graph>& graph, FileSystem* fs,
             Saver* saver) {
  SessionOptions options;
  options.file_system = fs;
  options.inter_op_threads = 1;
  options.operation_timeout_ms = 300;
  const auto session = Session::Create(graph, options);
  RG_CHECK(session.ok(), "no session");
  saver->Restore(session->get(), "/m").IgnoreError();
  saver->Save(session->get(), "/saved").status().IgnoreError();
}

void ReadImportRestore(const std::string& bytes) {
  MemFileSystem fs;
  RG_CHECK(WriteStringToFile(&fs, "/m.meta", bytes).ok(), "no file");
  RG_CHECK(WriteStringToFile(&fs, "/m.index", "no index").ok(), "no file");
  const auto meta_graph = ReadMetaGraph(&fs, "/m.meta");
  if (!meta_graph.ok()) return;
  const std::shared_ptr<Graph> graph = Graph::Create();
  ImportMetaGraphOptions options;
  const auto imported = ImportMetaGraph(graph.get(), *meta_graph, options);
  ExportMetaGraphOptions exporting;
  ExportMetaGraph(graph.get(), exporting).status().IgnoreError();
  if (!imported.ok()) return;
  if (imported->saver != nullptr) Restore(graph, &fs, imported->saver.get());
  // Again, under a scope.
  options.import_scope = "again";
  options.clear_devices = true;
  ImportMetaGraph(graph.get(), *meta_graph, options).status().IgnoreError();
}

}  // namespace
}  // namespace retrograph

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const google::protobuf::LogSilencer silencer;
  (void)silencer;
  retrograph::RegisterStandardOps();
  retrograph::ReadImportRestore(retrograph::fuzz::FuzzInput(data, size).Rest());
  return 0;
}
