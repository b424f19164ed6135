// Graphs and ops for tests of the session room.
#ifndef RETROGRAPH_SESSION_SESSION_TEST_UTIL_H_
#define RETROGRAPH_SESSION_SESSION_TEST_UTIL_H_

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "graph/op_registry.h"
#include "graph/traceback.h"
#include "gtest/gtest.h"
#include "ops/kernel.h"
#include "session/session.h"

namespace retrograph {

// A kernel that a test writes in place.
class LambdaKernel : public Kernel {
 public:
  explicit LambdaKernel(std::function<void(KernelContext*)> compute,
                        bool is_expensive = false)
      : compute_(std::move(compute)), is_expensive_(is_expensive) {}
  void Compute(KernelContext* ctx) override { compute_(ctx); }
  bool IsExpensive() const override { return is_expensive_; }

 private:
  const std::function<void(KernelContext*)> compute_;
  const bool is_expensive_;
};

KernelFactory LambdaKernelFactory(std::function<void(KernelContext*)> compute,
                                  bool is_expensive = false);

// A registry with TensorFlow's ops; a test may add its own.
std::unique_ptr<OpRegistry> StandardRegistryForTesting();

// A GraphDef, node by node; it may have cycles.
class GraphDefWriter {
 public:
  GraphDefWriter& Node(const std::string& name, const std::string& op,
                       const std::vector<std::string>& inputs = {},
                       const AttrList& attrs = {},
                       const std::string& device = "");
  // Const.
  GraphDefWriter& Value(const std::string& name, const Tensor& value,
                        const std::vector<std::string>& inputs = {});
  const GraphDef& def() const { return def_; }
  // Imports into a new graph; aborts on an error.
  std::shared_ptr<Graph> Build(const OpRegistry* registry) const;

 private:
  GraphDef def_;
};

// A traceback of two frames that ends at a place in a file.
Traceback PlaceInFile(const std::string& file, int line);

// A graph over TensorFlow's ops, and the ops that most tests begin with.
class GraphSessionTest : public testing::Test {
 protected:
  GraphSessionTest()
      : registry_(StandardRegistryForTesting()),
        graph_(Graph::Create(registry_.get())),
        b_(graph_.get()) {}

  std::unique_ptr<Session> NewSession(SessionOptions options = {}) {
    return *Session::Create(graph_, options);
  }
  Output Const(float value, const std::string& name) {
    return b_.Op(
        "Const", {},
        {Attr("dtype", DT_FLOAT), Attr("value", Tensor::Scalar(value))}, name);
  }
  Output Placeholder(const PartialTensorShape& shape, const std::string& name) {
    return b_.Op("Placeholder", {},
                 {Attr("dtype", DT_FLOAT), Attr("shape", shape)}, name);
  }
  Output RefVariable(const std::string& name) {
    return b_.Op("VariableV2", {},
                 {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape())}, name);
  }

  std::unique_ptr<OpRegistry> registry_;
  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

// Runs and returns the only fetch, by name.
absl::StatusOr<Tensor> RunOne(
    Session* session, const std::string& fetch,
    const std::vector<std::pair<std::string, Tensor>>& feeds = {});

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_SESSION_TEST_UTIL_H_
