// What TensorFlow 1.15.5 does with the same variables, asked of it.
#include "train/moving_averages.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "session/session.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::Pair;

class MovingAverageTest : public testing::Test {
 protected:
  MovingAverageTest() : graph_(Graph::Create()), b_(graph_.get()) {
    RegisterStandardOps();
  }

  std::shared_ptr<Variable> Make(const std::string& name, Input value,
                                 bool trainable = true) {
    VariableOptions options;
    options.name = name;
    options.initial_value = std::move(value);
    options.trainable = trainable;
    return Variable::Create(b_, std::move(options));
  }
  // A session in which everything has its initial value, then `variable`
  // `value`.
  std::unique_ptr<Session> Start(const std::shared_ptr<Variable>& variable,
                                 float value) {
    Operation* const init = GlobalVariablesInitializer(b_);
    EXPECT_OK(b_.status());
    auto session = Session::Create(graph_).value();
    EXPECT_OK(session->Run({}, {}, {init}));
    if (variable != nullptr) {
      EXPECT_OK(session->Run(
          {{variable->initial_value(), Tensor::Scalar(value)}}, {},
          {variable->initializer()}));
    }
    return session;
  }
  float After(Session* session, Operation* update,
              const std::shared_ptr<Variable>& average) {
    EXPECT_OK(session->Run({}, {}, {update}));
    return session->Run({}, {average->snapshot()}, {}).value()[0]
        .flat<float>()[0];
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

TEST_F(MovingAverageTest, MovesAShadowByWhatDecayLeaves) {
  const auto v = Make("v", Input(1.0f));
  ExponentialMovingAverage averages(0.5);
  EXPECT_EQ(averages.Average(v), nullptr);
  EXPECT_EQ(averages.AverageName(graph_.get(), v),
            "v/ExponentialMovingAverage");
  Operation* const update = averages.Apply(b_, {v});
  ASSERT_OK(b_.status());
  EXPECT_EQ(update->name(), "ExponentialMovingAverage");
  const auto shadow = averages.Average(v);
  ASSERT_NE(shadow, nullptr);
  EXPECT_EQ(shadow->name(), "v/ExponentialMovingAverage:0");
  EXPECT_FALSE(shadow->trainable());
  const auto session = Start(v, 5);
  EXPECT_EQ(After(session.get(), update, shadow), 3.0f);
  EXPECT_EQ(After(session.get(), update, shadow), 4.0f);
}

TEST_F(MovingAverageTest, FewUpdatesMakeTheDecaySmaller) {
  const auto w = Make("w", Input(2.0f));
  ExponentialMovingAverage averages(0.9, Input(2.0f));
  Operation* const update = averages.Apply(b_, {w});
  ASSERT_OK(b_.status());
  // (1 + 2) / (10 + 2) of 2, the rest of 10.
  const auto session = Start(w, 10);
  EXPECT_EQ(After(session.get(), update, averages.Average(w)), 8.0f);
}

TEST_F(MovingAverageTest, WithoutBiasATensorsAverageStartsAtTheTensor) {
  const Output t = Constant(b_, Tensor::Vector<float>({4}));
  ExponentialMovingAverage averages(0.9, absl::nullopt, /*zero_debias=*/true,
                                    "z");
  Operation* const update = averages.Apply(b_, {t});
  ASSERT_OK(b_.status());
  std::vector<std::string> names;
  for (const auto& variable : GlobalVariables(*graph_)) {
    names.push_back(variable->name());
  }
  EXPECT_THAT(names, ElementsAre("Const/z:0", "Const/z/biased:0",
                                 "Const/z/local_step:0"));
  const auto session = Start(nullptr, 0);
  EXPECT_FLOAT_EQ(After(session.get(), update, averages.Average(t)), 4.0f);
}

TEST_F(MovingAverageTest, ASaverPutsAveragesInTheVariablesPlaces) {
  const auto v = Make("v", Input(1.0f));
  const auto w = Make("w", Input(2.0f), /*trainable=*/false);
  ExponentialMovingAverage averages(0.5);
  averages.Apply(b_);  // the trainable variables
  ASSERT_OK(b_.status());
  EXPECT_EQ(averages.Average(w), nullptr);
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& entry : averages.VariablesToRestore(graph_.get())) {
    found.emplace_back(entry.first, entry.second.name());
  }
  EXPECT_THAT(found, ElementsAre(Pair("v/ExponentialMovingAverage", "v:0"),
                                 Pair("w", "w:0")));
}

TEST_F(MovingAverageTest, IntegersHaveNoAverage) {
  const auto i = Make("i", Input(1));
  ExponentialMovingAverage averages(0.5);
  averages.Apply(b_, {i});
  EXPECT_THAT(b_.status(),
              PythonErrorIs("TypeError",
                            "The variables must be half, float, or double: "
                            "i:0"));
}

}  // namespace
}  // namespace retrograph
