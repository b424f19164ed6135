// The retrograph command. Each sub-command is a file of its own beside this
// one; here are only their arguments.
#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "core/errors.h"
#include "core/file_system.h"
#include "ops/standard_ops.h"
#include "saved_model/loader.h"
#include "tools/inspect.h"
#include "tools/run_scenarios.h"
#include "tools/show_saved_model.h"

namespace {

int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << "retrograph: " << status.message() << "\n";
  const std::string hint = retrograph::ErrorHint(status);
  if (!hint.empty()) std::cerr << hint << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  retrograph::RegisterStandardOps();
  CLI::App app{
      "TensorFlow 1 graphs, sessions and checkpoints without TensorFlow."};
  app.name("retrograph");
  app.require_subcommand(1);
  app.footer("\"retrograph COMMAND --help\" tells more about one command.");

  bool no_sync = false;
  app.add_flag("--no-sync", no_sync,
               "do not wait until written files are on the disk (as with "
               "RETROGRAPH_SYNC=0 in the environment)");

  std::vector<std::string> files;
  retrograph::RunScenariosOptions run_options;
  CLI::App* run = app.add_subcommand(
      "run", "play scenario files and print what a TensorFlow 1 user would "
             "have seen; the exit status is 0 if all did what they say");
  run->add_option("FILE", files, "scenario files (text protos)")->required();
  run->add_flag("--explain", run_options.explain,
                "tell what happens inside and why an error came");
  run->add_option("--dir", run_options.directory,
                  "keep the files of the scenarios in this folder, one folder "
                  "a scenario (default: a temporary folder)");

  std::string prefix, key;
  retrograph::ListOptions list_options;
  CLI::App* ls = app.add_subcommand(
      "ls", "list the tensors of a checkpoint: name, dtype, shape, size");
  ls->add_option("PREFIX", prefix,
                 "prefix of a checkpoint, or a folder for its latest one")
      ->required();
  ls->add_flag("--json", list_options.json, "as JSON");

  CLI::App* show = app.add_subcommand(
      "show", "print one tensor's value, or what a SavedModel holds");
  show->add_option("PREFIX", prefix,
                   "prefix of a checkpoint, a folder for its latest one, or "
                   "the folder of a SavedModel")
      ->required();
  CLI::Option* key_option = show->add_option(
      "KEY", key, "the tensor's name; none for the whole of a SavedModel");
  show->add_flag("--json", list_options.json, "as JSON");

  if (argc == 1) {
    std::cout << app.help();
    return 0;
  }
  CLI11_PARSE(app, argc, argv);
  if (no_sync) retrograph::SetSyncFilesByDefault(false);
  retrograph::FileSystem* fs = retrograph::FileSystem::Posix();
  if (*run) return retrograph::RunScenarios(files, run_options);
  if (*ls) {
    return Report(
        retrograph::ListCheckpoint(fs, prefix, list_options, std::cout));
  }
  if (key_option->count() == 0) {
    if (retrograph::saved_model::ContainsSavedModel(fs, prefix)) {
      return Report(
          retrograph::ShowSavedModel(fs, prefix, list_options, std::cout));
    }
    std::cerr << "retrograph: " << prefix
              << " is no SavedModel: give the name of a tensor too (\"retrograph "
                 "ls "
              << prefix << "\" lists them)\n";
    return 1;
  }
  return Report(
      retrograph::ShowTensor(fs, prefix, key, list_options, std::cout));
}
