// The values that initialisers give, bit for bit as TensorFlow 1.15 on a CPU
// gives them: the cases random/init_* of the golden files.
//
// A case's graph is built here by hand, after the Python lines in its
// case.json. Its seeds, its first values and those after a second run of the
// initialisers are compared with the files. RETROGRAPH_GOLDENS names the folder
// of golden files.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "session/session.h"
#include "variables/initializers.h"
#include "variables/variable.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

void Get(GraphBuilder& b, const std::string& name, TensorShape shape,
         absl::optional<Initializer> initializer = {},
         bool use_resource = false, Partitioner partitioner = nullptr) {
  GetVariableOptions options;
  options.name = name;
  options.shape = shape;
  options.initializer = std::move(initializer);
  options.use_resource = use_resource;
  options.partitioner = std::move(partitioner);
  GetVariable(b, options);
}

Initializer Scaling(GraphBuilder& b, double scale, const std::string& mode,
                    const std::string& distribution,
                    absl::optional<int64_t> seed = {}) {
  return b.Take(VarianceScalingInitializer(scale, mode, distribution, seed));
}

void GetVariableDefault(GraphBuilder& b) {
  Get(b, "w", {3, 4});
  Get(b, "b", {5});
}

void SimpleInitializers(GraphBuilder& b) {
  Get(b, "u", {8}, RandomUniformInitializer(-1, 2));
  Get(b, "n", {8}, RandomNormalInitializer(1, 2));
  Get(b, "t", {8}, TruncatedNormalInitializer(0, 0.1));
  Get(b, "s", {4, 2}, UniformUnitScalingInitializer());
}

void VarianceScaling(GraphBuilder& b) {
  for (const char* mode : {"fan_in", "fan_out", "fan_avg"}) {
    for (const char* distribution :
         {"uniform", "truncated_normal", "untruncated_normal"}) {
      Get(b, absl::StrCat(mode, "_", distribution), {6, 3},
          Scaling(b, 2, mode, distribution));
    }
  }
}

void VarianceScalingSeeded(GraphBuilder& b) {
  Get(b, "w", {6, 3}, Scaling(b, 1, "fan_in", "truncated_normal", 9));
}

void GlorotAndFriends(GraphBuilder& b) {
  Get(b, "gn", {4, 5}, GlorotNormalInitializer());
  Get(b, "gu", {4, 5}, GlorotUniformInitializer(3));
  Get(b, "hn", {4, 5}, Scaling(b, 2, "fan_in", "truncated_normal"));
  Get(b, "hu", {4, 5}, Scaling(b, 2, "fan_in", "uniform"));
  Get(b, "ln", {4, 5}, Scaling(b, 1, "fan_in", "truncated_normal"));
  Get(b, "lu", {4, 5}, Scaling(b, 1, "fan_in", "uniform"));
}

void Partitioned(GraphBuilder& b) {
  Get(b, "p", {6, 2}, {}, false, FixedSizePartitioner(3));
}

void ResourceThenRef(GraphBuilder& b) {
  Get(b, "w", {3, 4}, {}, true);
  Get(b, "v", {3, 4}, {}, false);
}

// Without the dense layer that the case ends with.
void ScopesSeed(GraphBuilder& b) {
  VariableScopeOptions a;
  a.name = "a";
  a.initializer = RandomNormalInitializer();
  ScopedVariableScope a_scope(b, a);
  Get(b, "w", {3});
  VariableScopeOptions inner;
  inner.name = "b";
  ScopedVariableScope inner_scope(b, inner);
  Get(b, "w", {2, 2});
}

void VariableFromOp(GraphBuilder& b) {
  VariableOptions w;
  w.name = "w";
  w.initial_value = Input(TruncatedNormal(b, Tensor::Vector<int32_t>({3, 2}),
                                          0.0, 0.1, DT_FLOAT, absl::nullopt));
  Variable::Create(b, w);
  VariableOptions bias;
  bias.name = "b";
  bias.initial_value =
      Input(RandomUniform(b, Tensor::Vector<int32_t>({2}), 0, 1, DT_FLOAT, 4));
  Variable::Create(b, bias);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The bytes of the array in a .npy file of version 1.
std::string NpyBytes(const std::string& path) {
  const std::string file = ReadFile(path);
  if (file.size() < 10) return "";
  const size_t header = static_cast<unsigned char>(file[8]) +
                        256 * static_cast<unsigned char>(file[9]);
  return file.size() < 10 + header ? "" : file.substr(10 + header);
}

std::string TensorBytes(const Tensor& tensor) {
  return std::string(static_cast<const char*>(tensor.data()), tensor.bytes());
}

struct Case {
  const char* id;
  void (*build)(GraphBuilder&);
  // Nodes and values of what comes last in the case are left out.
  const char* without = "";
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.id;
}

class InitializersGoldenTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const char* goldens = std::getenv("RETROGRAPH_GOLDENS");
    if (goldens == nullptr) GTEST_SKIP() << "RETROGRAPH_GOLDENS is not set";
    folder_ = absl::StrCat(goldens, "/random/", GetParam().id);
    const std::string text = ReadFile(folder_ + "/case.json");
    case_ = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(case_.is_object()) << folder_ << " is not a golden case";
    RegisterStandardOps();
    graph_ = Graph::Create();
    if (case_["graph_seed"].is_number()) {
      graph_->SetSeed(case_["graph_seed"].get<int64_t>());
    }
    GraphBuilder b(graph_.get());
    GetParam().build(b);
    ASSERT_TRUE(b.ok()) << b.status();
  }

  // What a session fetches for a variable.
  Output ValueOf(const std::string& name) const {
    for (const auto& variable : GlobalVariables(*graph_)) {
      if (variable->op_name() == name) return variable->graph_element();
    }
    return Output();
  }

  bool IsLeftOut(const std::string& name) const {
    const std::string without = GetParam().without;
    return !without.empty() && name.compare(0, without.size(), without) == 0;
  }

  void ExpectValues(Session* session, const std::string& which) {
    for (auto& [name, values] : case_["fetches"].items()) {
      if (IsLeftOut(name)) continue;
      auto actual = session->Run({}, {ValueOf(name)}, {});
      ASSERT_TRUE(actual.ok()) << actual.status();
      const std::string file = values[which]["file"].get<std::string>();
      EXPECT_EQ(absl::BytesToHexString(TensorBytes((*actual)[0])),
                absl::BytesToHexString(NpyBytes(folder_ + "/" + file)))
          << name << ", " << which;
    }
  }

  std::string folder_;
  nlohmann::json case_;
  std::shared_ptr<Graph> graph_;
};

TEST_P(InitializersGoldenTest, SeedsAreTensorFlows) {
  int checked = 0;
  for (const auto& node : case_["random_nodes"]) {
    const std::string name = node["name"].get<std::string>();
    if (IsLeftOut(name)) continue;
    Operation* op = graph_->FindOperation(name);
    ASSERT_NE(op, nullptr) << name;
    EXPECT_EQ(op->type(), node["op"].get<std::string>());
    for (auto& [attr, expected] : node["attrs"].items()) {
      int64_t seed = 0;
      ASSERT_TRUE(op->GetAttr(attr, &seed).ok()) << name << " " << attr;
      EXPECT_EQ(seed, expected.get<int64_t>()) << name << " " << attr;
    }
    ++checked;
  }
  EXPECT_GT(checked, 0);
}

TEST_P(InitializersGoldenTest, ValuesAreTensorFlowsBitForBit) {
  GraphBuilder b(graph_.get());
  Operation* init = GlobalVariablesInitializer(b);
  ASSERT_TRUE(b.ok()) << b.status();
  for (int session_number = 0; session_number < 2; ++session_number) {
    auto session = Session::Create(graph_);
    ASSERT_TRUE(session.ok()) << session.status();
    for (const char* which : {"run1", "after_second_initializer_run"}) {
      auto run = (*session)->Run({}, {}, {init});
      ASSERT_TRUE(run.ok()) << run.status();
      ExpectValues(session->get(), which);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, InitializersGoldenTest,
    testing::Values(Case{"init_get_variable_default", GetVariableDefault},
                    Case{"init_simple_initializers", SimpleInitializers},
                    Case{"init_variance_scaling", VarianceScaling},
                    Case{"init_variance_scaling_seeded", VarianceScalingSeeded},
                    Case{"init_glorot_normal", GlorotAndFriends},
                    Case{"init_partitioned", Partitioned},
                    Case{"init_resource", ResourceThenRef},
                    Case{"init_scopes_seed", ScopesSeed, "a/dense"},
                    Case{"init_variable_from_op", VariableFromOp}),
    [](const auto& info) { return std::string(info.param.id); });

}  // namespace
}  // namespace retrograph
