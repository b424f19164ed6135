#include "tools/run_scenarios.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/file_system.h"
#include "scenario/runner.h"
#include "scenario/source.h"

namespace retrograph {
namespace {

namespace fs = std::filesystem;

// A new folder for all scenarios of this call; "" and a message on failure.
std::string MakeTemporaryFolder() {
  std::error_code error;
  std::string pattern =
      (fs::temp_directory_path(error) / "retrograph-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    std::cerr << "retrograph: no temporary folder could be made (" << pattern
              << "): " << std::strerror(errno) << "\n";
    return "";
  }
  return pattern;
}

// Plays one scenario with its own folder as the working folder.
int RunOne(const scenario::Source& source, const fs::path& folder,
           const RunScenariosOptions& options) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::current_path(folder, error);
  if (error) {
    std::cerr << "retrograph: " << folder.string() << ": " << error.message()
              << "\n";
    return 1;
  }
  scenario::RunnerOptions runner_options;
  runner_options.out = &std::cout;
  runner_options.explain = options.explain;
  const absl::Status result =
      scenario::Runner(source, runner_options).Run();
  std::cout << std::flush;
  if (result.ok()) return 0;
  std::cerr << result.message() << "\n";
  return 1;
}

}  // namespace

int RunScenarios(const std::vector<std::string>& files,
                 const RunScenariosOptions& options) {
  // All are read before one is played, so that a mistake shows at once.
  std::vector<scenario::Source> sources;
  for (const std::string& file : files) {
    absl::StatusOr<scenario::Source> source =
        scenario::Source::Load(FileSystem::Posix(), file);
    if (!source.ok()) {
      std::cerr << "retrograph: " << source.status().message() << "\n";
      return 2;
    }
    sources.push_back(*std::move(source));
  }
  std::error_code error;
  const fs::path start = fs::current_path(error);
  const bool temporary = options.directory.empty();
  const fs::path base =
      temporary ? fs::path(MakeTemporaryFolder()) : start / options.directory;
  if (base.empty()) return 1;
  const auto clean_up = absl::MakeCleanup([&] {
    fs::current_path(start, error);
    if (temporary) fs::remove_all(base, error);
  });

  int failed = 0;
  for (const scenario::Source& source : sources) {
    const fs::path name = fs::path(source.path()).stem();
    if (RunOne(source, base / name, options) != 0) ++failed;
    std::cout << "\n";
  }
  std::cout << sources.size() - failed << " of " << sources.size()
            << (sources.size() == 1 ? " scenario did what it says\n"
                                    : " scenarios did what they say\n");
  return failed == 0 ? 0 : 1;
}

}  // namespace retrograph
