// Reading the golden cases of checkpoints (their form is described beside
// them), and running each as a test of its own. For tests.
#ifndef RETROGRAPH_CHECKPOINT_GOLDEN_TESTING_H_
#define RETROGRAPH_CHECKPOINT_GOLDEN_TESTING_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/dtype.h"
#include "core/tensor.h"
#include "nlohmann/json.hpp"

namespace retrograph {

using Json = nlohmann::json;
// What is wrong with a case; empty if nothing is.
using Problems = std::vector<std::string>;

// The folder that RETROGRAPH_GOLDENS names, or "".
std::string GoldenFolder();
// The folders `family`/* that have a case.json, as "bundle/shapes", sorted.
std::vector<std::string> GoldenCases(const std::string& family);
// A JSON file; null if it cannot be read.
Json ReadJson(const std::string& path);
std::string ReadBytes(const std::string& path);
// A new folder, gone when the test program ends.
std::string NewTestFolder();

// A tensor description's key, and its dtype.
std::string KeyOf(const Json& tensor);
DataType DtypeOf(const Json& tensor);
// Compares dtype, shape and every value.
Problems CompareTensor(const Json& expected, const Tensor& actual);

// Registers a GoogleTest named suite.name that fails with what `check` finds
// wrong. A name in `not_yet` ("suite.name") is expected to fail: then it is
// skipped with its problems and counted, and it fails if nothing is wrong.
void RegisterGolden(const std::string& suite, const std::string& name,
                    const std::set<std::string>& not_yet,
                    std::function<Problems()> check);

// Registers one test that says why there are none.
void RegisterNoGoldens(const std::string& suite);

// Prints how many were not supported yet, and which; 0 is said too.
void PrintNotSupportedYet();

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_GOLDEN_TESTING_H_
