// A scenario's text is parsed.
#include <string>

#include "google/protobuf/stubs/logging.h"
#include "scenario/source.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const google::protobuf::LogSilencer silencer;
  (void)silencer;
  const std::string text = retrograph::fuzz::FuzzInput(data, size).Rest();
  retrograph::scenario::Source::Parse("f", text).status().IgnoreError();
  return 0;
}
