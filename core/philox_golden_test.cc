// Philox against the numbers that TensorFlow wrote: every case of the golden
// folder random/ that is a single random op of the plain kinds. What the ops
// build on top of it (ranges, means, other distributions) is tested with them.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/dtype.h"
#include "core/file_system.h"
#include "core/philox.h"
#include "core/status_matchers.h"
#include "nlohmann/json.hpp"

namespace retrograph {
namespace {

using nlohmann::json;

template <typename T>
void AppendBytes(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void AppendUniforms(const Philox::Block& b, DataType dtype, std::string* out) {
  if (dtype == DT_DOUBLE) {
    AppendBytes(UniformDouble(b[0], b[1]), out);
    AppendBytes(UniformDouble(b[2], b[3]), out);
    return;
  }
  for (uint32_t word : b) {
    if (dtype == DT_FLOAT) AppendBytes(UniformFloat(word), out);
    if (dtype == DT_HALF) AppendBytes(UniformHalfBits(word), out);
    if (dtype == DT_BFLOAT16) AppendBytes(UniformBFloat16Bits(word), out);
  }
}

void AppendNormals(const Philox::Block& b, DataType dtype, std::string* out) {
  if (dtype == DT_DOUBLE) {
    double d[2];
    BoxMullerDouble(b[0], b[1], b[2], b[3], &d[0], &d[1]);
    for (double value : d) AppendBytes(value, out);
    return;
  }
  float f[4];
  BoxMullerFloat(b[0], b[1], &f[0], &f[1]);
  BoxMullerFloat(b[2], b[3], &f[2], &f[3]);
  for (float value : f) {
    if (dtype == DT_FLOAT) AppendBytes(value, out);
    if (dtype == DT_HALF) AppendBytes(Half(value).bits, out);
    if (dtype == DT_BFLOAT16) AppendBytes(BFloat16(value).bits, out);
  }
}

// The values of a .npy file: what stands after its header.
std::string NpyBytes(const std::string& path) {
  const std::string file = *ReadFileToString(FileSystem::Posix(), path);
  const size_t header =
      static_cast<uint8_t>(file[8]) + 256 * static_cast<uint8_t>(file[9]);
  return file.substr(10 + header);
}

bool IsPlain(const json& c) {
  if (!c.contains("random_nodes") || c["random_nodes"].size() != 1)
    return false;
  if (!c["fetches"].contains("value")) return false;
  const std::string op = c["random_nodes"][0]["op"];
  if (op != "RandomUniform" && op != "RandomStandardNormal") return false;
  const std::string code = c["python"];
  for (const char* changed : {"mean", "minval", "maxval", "dropout"}) {
    if (code.find(changed) != std::string::npos) return false;
  }
  return true;
}

void Check(const json& c, const std::string& folder) {
  const json& node = c["random_nodes"][0];
  DataType dtype;
  ASSERT_TRUE(DataType_Parse(node["dtype"].get<std::string>(), &dtype));
  const std::string expected = NpyBytes(JoinPath(
      folder, c["fetches"]["value"]["run1"]["file"].get<std::string>()));
  Philox philox(static_cast<uint64_t>(node["attrs"]["seed"].get<int64_t>()),
                static_cast<uint64_t>(node["attrs"]["seed2"].get<int64_t>()));
  std::string actual;
  while (actual.size() < expected.size()) {
    const Philox::Block block = philox.Next();
    if (node["op"] == "RandomUniform") {
      AppendUniforms(block, dtype, &actual);
    } else {
      AppendNormals(block, dtype, &actual);
    }
  }
  actual.resize(expected.size());
  EXPECT_TRUE(actual == expected);
}

TEST(PhiloxGoldenTest, PlainRandomOpsHaveTensorFlowsBits) {
  const char* goldens = std::getenv("RETROGRAPH_GOLDENS");
  if (goldens == nullptr) GTEST_SKIP() << "RETROGRAPH_GOLDENS is not set";
  RG_ASSERT_OK_AND_ASSIGN(
      const std::vector<std::string> files,
      FileSystem::Posix()->Glob(JoinPath(goldens, "random/*/case.json")));
  int checked = 0;
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const json c = json::parse(*ReadFileToString(FileSystem::Posix(), file));
    if (!IsPlain(c)) continue;
    Check(c, std::string(Dirname(file)));
    ++checked;
  }
  EXPECT_GT(checked, 0);
  RecordProperty("cases", checked);
}

}  // namespace
}  // namespace retrograph
