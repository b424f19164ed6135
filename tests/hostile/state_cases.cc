// Lies in the `checkpoint` state file.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/hostile/hostile_files.h"

namespace retrograph {
namespace hostile {
namespace {

void Add(const std::string& name, const std::string& text, Cases* cases) {
  HostileCase c;
  c.kind = Kind::kState;
  c.name = "state_" + name;
  // Beside a good checkpoint, and a name on which patterns run long.
  c.files = BundleFiles(GoodV2().entries, GoodV2().data);
  c.files["m.meta"] = GoodMeta();
  c.files[std::string(200, 'a')] = "";
  c.files["checkpoint"] = text;
  cases->push_back(std::move(c));
}

void AddPath(const std::string& name, const std::string& path, Cases* cases) {
  Add("path_" + name,
      absl::StrCat("model_checkpoint_path: \"", absl::CEscape(path), "\"\n"),
      cases);
}

std::string Repeat(const std::string& part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

}  // namespace

Cases StateCases() {
  Cases cases;
  int count = 0;
  for (const char* const path :
       {"/",       "//",        "///",     ".",        "..",      "../..",
        "./",      "*",         "?",       "[",        "]",       "[]",
        "[!]",     "[a-",       "[z-a]",   "[[:alpha:]]", "[[:no:]]", "\\",
        "a\\",     "m*",        "m?",      "**",       "*/",      "/*",
        "/*/*",    "/*/*/*/*/*/*/*/*/*/*", "*/*/*",    "[/]",     "m\\*",
        "{a,b}",   "~",         "$HOME",   "m.index",  "m\n",     "m ",
        "m/",      "m//",       "/dev/zero", "/dev/stdin", "/proc/self/mem",
        "/proc/*/*/*/*", "%s%n", "-", "nothing", "no/thing", "checkpoint"}) {
    AddPath(absl::StrCat(count++), path, &cases);
  }
  AddPath("nul", std::string("m\0n", 3), &cases);
  AddPath("not_utf8", "m\xff\xfe", &cases);
  AddPath("long", std::string(100000, 'm'), &cases);
  AddPath("long_name", std::string(300, 'm'), &cases);
  AddPath("deep", Repeat("m/", 50000), &cases);
  AddPath("stars", Repeat("*", 50000), &cases);
  AddPath("stars_apart", Repeat("*a", 90) + "b", &cases);
  AddPath("brackets", Repeat("*[a-b]", 60) + "c", &cases);
  AddPath("questions", Repeat("?", 200), &cases);
  AddPath("folders", Repeat("*/", 200), &cases);
  AddPath("up", Repeat("../", 5000), &cases);
  Add("empty", "", &cases);
  Add("no_path", "all_model_checkpoint_paths: \"m\"\n", &cases);
  Add("empty_path", "model_checkpoint_path: \"\"\n", &cases);
  Add("open_string", "model_checkpoint_path: \"m", &cases);
  Add("number", "model_checkpoint_path: 7", &cases);
  Add("unknown", "model_path: \"m\"", &cases);
  Add("twice", "model_checkpoint_path: \"x\" model_checkpoint_path: \"m\"",
      &cases);
  Add("braces", Repeat("a { ", 50000), &cases);
  Add("brackets", "model_checkpoint_path: " + Repeat("[", 50000), &cases);
  Add("binary", std::string("\x0a\x01m", 3), &cases);
  Add("zeros", std::string(5000, '\0'), &cases);
  Add("not_utf8", "\xff\xfe\xfd", &cases);
  Add("bad_escape", "model_checkpoint_path: \"\\x\\777\\q\"", &cases);
  Add("comment", "# nothing else", &cases);
  Add("times",
      "model_checkpoint_path: \"m\" all_model_checkpoint_timestamps: nan "
      "all_model_checkpoint_timestamps: 1e999 last_preserved_timestamp: -inf",
      &cases);
  Add("many_paths",
      "model_checkpoint_path: \"m\"\n" +
          Repeat("all_model_checkpoint_paths: \"m\"\n", 100000),
      &cases);
  Add("long_line", "model_checkpoint_path: \"m\" #" + std::string(1 << 20, 'x'),
      &cases);
  return cases;
}

Cases AllCases(uint32_t seed) {
  Cases all;
  for (Cases cases :
       {BundleEntryCases(), BundleShapeCases(), BundleSliceCases(),
        BundleHeaderCases(), BundleStringCases(), TableCases(Kind::kBundle),
        TableCases(Kind::kV1), V1Cases(), MetaCases(seed), StateCases()}) {
    for (HostileCase& c : cases) all.push_back(std::move(c));
  }
  return all;
}

}  // namespace hostile
}  // namespace retrograph
