// Hostile files: checkpoints, `.meta` files and state files that lie about
// sizes, offsets, counts, shapes or types, with right checksums wherever a
// wrong one would hide the lie.
//
// Everything is deterministic: the same seed makes the same files.
//
// Example:
//   for (const HostileCase& c : AllCases(1)) WriteCase(fs, "/tmp/h", c);
//   // /tmp/h/v2_w_offset_-1/m.index, ...
#ifndef RETROGRAPH_TESTS_HOSTILE_HOSTILE_FILES_H_
#define RETROGRAPH_TESTS_HOSTILE_HOSTILE_FILES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/file_system.h"
#include "core/tensor.h"
#include "tests/hostile/table_bytes.h"

namespace retrograph {
namespace hostile {

enum class Kind { kBundle, kV1, kMeta, kState };

// What tensors of a checkpoint must read as, by name.
using Values = std::map<std::string, Tensor>;

struct HostileCase {
  Kind kind = Kind::kBundle;
  // A name that can be a folder's.
  std::string name;
  // Names in the case's folder and their contents. Checkpoints have the prefix
  // "m", state files are "checkpoint".
  std::map<std::string, std::string> files;
  // The tensor that the lie is about: an error about another one would be
  // wrong. "" if it is about all.
  std::string entry;
  // Tensors that may have these values instead of the good ones, for the file
  // says so, however strange that is.
  Values also_right;
  // The file just says other numbers, and nothing in it says that it lies.
  bool any_value = false;
};
using Cases = std::vector<HostileCase>;

// The numbers that lies are made of: around 0, sizes, and where types end.
const std::vector<int64_t>& StrangeNumbers();

// ---- What the good files are ----
// All tensors of the good checkpoints, the same in each.
const Values& GoodValues();
// Those that a V1 checkpoint has.
std::vector<std::string> GoodNames(Kind kind);
// One entry of the data file after the other.
struct GoodBundle {
  Entries entries;   // of the index
  std::string data;  // m.data-00000-of-00001
};
const GoodBundle& GoodV2();
const Entries& GoodV1();
// A meta graph whose Saver restores the good checkpoints.
const std::string& GoodMeta();

// ---- The cases ----
Cases BundleEntryCases();    // fields of entries
Cases BundleShapeCases();    // dims, dtypes
Cases BundleSliceCases();    // slices
Cases BundleHeaderCases();   // the header, endianness, whole files
Cases BundleStringCases();   // lengths of strings
Cases TableCases(Kind kind);  // footers, handles, blocks, Snappy
Cases V1Cases();
Cases MetaCases(uint32_t seed);
Cases StateCases();
Cases AllCases(uint32_t seed);

// ---- Files ----
// A bundle of an index with these entries and this data.
std::map<std::string, std::string> BundleFiles(const Entries& entries,
                                               const std::string& data);
// Writes the files into the folder `directory`/`c.name` and returns it.
std::string WriteCase(FileSystem* fs, const std::string& directory,
                      const HostileCase& c);

}  // namespace hostile
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_HOSTILE_HOSTILE_FILES_H_
