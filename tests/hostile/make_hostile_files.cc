// Writes the hostile files into a folder, to try them on another program:
//
//   make_hostile_files FOLDER [SEED]
//
// Each gets a folder of its own. Checkpoints have the prefix "m".
#include <cstdlib>
#include <iostream>

#include "tests/hostile/hostile_files.h"

int main(int argc, char** argv) {
  using namespace retrograph::hostile;  // NOLINT: the only function
  if (argc < 2) {
    std::cerr << "usage: make_hostile_files FOLDER [SEED]\n";
    return 2;
  }
  const Cases cases =
      AllCases(argc > 2 ? static_cast<uint32_t>(std::atoi(argv[2])) : 1);
  for (const HostileCase& c : cases) {
    WriteCase(retrograph::FileSystem::Posix(), argv[1], c);
  }
  std::cout << cases.size() << " files\n";
}
