// Many threads on one session, and kernels that wait.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "session/cancellation.h"
#include "session/session.h"
#include "session/session_test_util.h"
#include "session/thread_pool.h"

namespace retrograph {
namespace {

using testing::StartsWith;

// Waits until it is cancelled or `go` is notified.
class WaitingKernel : public Kernel {
 public:
  explicit WaitingKernel(absl::Notification* started,
                         std::function<void(std::function<void()>)> on_go)
      : started_(started), on_go_(std::move(on_go)) {}
  void Compute(KernelContext*) override {}
  bool IsAsync() const override { return true; }
  void ComputeAsync(KernelContext* ctx, std::function<void()> done) override {
    int64_t token = 0;
    const bool registered =
        ctx->env().cancellation->OnCancel(&token, [ctx, done] {
          ctx->SetStatus(absl::CancelledError("gave up"));
          done();
        });
    if (!registered) {
      ctx->SetStatus(absl::CancelledError("came late"));
      done();
      return;
    }
    if (on_go_) {
      on_go_([ctx, token, done] {
        if (!ctx->env().cancellation->Forget(token)) return;
        ctx->set_output(0, Tensor::Scalar(7.0f));
        done();
      });
    }
    if (started_ != nullptr) started_->Notify();
  }

 private:
  absl::Notification* const started_;
  const std::function<void(std::function<void()>)> on_go_;
};

class ConcurrencyTest : public GraphSessionTest {
 protected:
  // An op "Wait" without inputs.
  void RegisterWait(
      absl::Notification* started,
      std::function<void(std::function<void()>)> on_go = nullptr) {
    registry_->Op("Wait")
        .Output("y: float")
        .Stateful()
        .Kernel(
            {},
            [=](const Operation&) -> absl::StatusOr<std::unique_ptr<Kernel>> {
              return std::unique_ptr<Kernel>(new WaitingKernel(started, on_go));
            });
  }
};

TEST_F(ConcurrencyTest, ManyThreadsRunWhileOneBuilds) {
  const Output x =
      b_.Op("Placeholder", {},
            {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape())}, "x");
  Output y = x;
  for (int i = 0; i < 5; ++i) y = b_.Op("AddV2", {y, Const(1, "c")});
  const Output v =
      b_.Op("VariableV2", {},
            {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape())}, "v");
  Operation* const init = b_.AddOp("Assign", {v, Const(0, "zero")});
  const Output add =
      b_.Op("AssignAdd", {v, Const(1, "one")}, {Attr("use_locking", true)});
  ASSERT_OK(b_.status());
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {}, {init}));

  constexpr int kThreads = 4, kRuns = 300;
  std::atomic<int> wrong{0};
  std::atomic<bool> end{false};
  std::thread builder([&] {
    GraphBuilder b(graph_.get());
    Output z = x;
    for (int i = 0; !end && i < 20000; ++i) z = b.Op("Neg", {z});
    if (!b.ok()) ++wrong;
  });
  std::vector<std::thread> runners;
  for (int t = 0; t < kThreads; ++t) {
    runners.emplace_back([&, t] {
      for (int i = 0; i < kRuns; ++i) {
        const float value = static_cast<float>(t * kRuns + i);
        auto values = session->Run({{x, Tensor::Scalar(value)}}, {y, x}, {});
        if (!values.ok() || (*values)[0].scalar<float>() != value + 5) ++wrong;
        if (!session->Run({}, {}, {add.op}).ok()) ++wrong;
        // Different plans at a time.
        const int index = (t + i) % graph_->num_operations();
        const Operation* op = graph_->operation(index);
        if (op->type() == "Neg") {
          auto more = session->Run({{x, Tensor::Scalar(value)}},
                                   {Output{const_cast<Operation*>(op), 0}}, {});
          if (!more.ok()) ++wrong;
        }
      }
    });
  }
  for (std::thread& runner : runners) runner.join();
  end = true;
  builder.join();
  EXPECT_EQ(wrong, 0);
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, {v}, {}));
  EXPECT_EQ(values[0].scalar<float>(), kThreads * kRuns);
}

TEST_F(ConcurrencyTest, ThreadsThatStartTogetherShareOnePlanAndKernel) {
  std::atomic<int> made{0};
  registry_->Op("CountMe")
      .Output("y: float")
      .Kernel(
          {},
          [&made](const Operation&) -> absl::StatusOr<std::unique_ptr<Kernel>> {
            ++made;
            return std::unique_ptr<Kernel>(
                new LambdaKernel([](KernelContext* ctx) {
                  ctx->set_output(0, Tensor::Scalar(1.0f));
                }));
          });
  const Output c = b_.Op("CountMe");
  auto session = NewSession();
  absl::Notification go;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      go.WaitForNotification();
      if (!session->Run({}, {c}, {}).ok()) ++wrong;
    });
  }
  go.Notify();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(made, 1);
}

TEST_F(ConcurrencyTest, ExpensiveKernelsRunAtTheSameTime) {
  // Each waits for the other, so one thread alone would fail.
  absl::Mutex mu;
  int inside = 0;
  registry_->Op("Meet")
      .Output("y: float")
      .Stateful()
      .Kernel({}, LambdaKernelFactory(
                      [&](KernelContext* ctx) {
                        absl::MutexLock lock(&mu);
                        ++inside;
                        const auto both = [&] { return inside >= 2; };
                        if (!mu.AwaitWithTimeout(absl::Condition(&both),
                                                 absl::Seconds(20))) {
                          ctx->SetStatus(absl::AbortedError("alone"));
                        }
                        ctx->set_output(0, Tensor::Scalar(1.0f));
                      },
                      /*is_expensive=*/true));
  const Output one = b_.Op("Meet"), two = b_.Op("Meet");
  const Output sum = b_.Op("AddV2", {one, two});
  SessionOptions options;
  options.inter_op_threads = 2;
  RG_ASSERT_OK_AND_ASSIGN(auto values, NewSession(options)->Run({}, {sum}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 2.0f);
}

TEST_F(ConcurrencyTest, WithOneThreadNodesRunInOrder) {
  std::vector<std::string> order;
  registry_->Op("Note")
      .Output("y: float")
      .Stateful()
      .Kernel({}, LambdaKernelFactory(
                      [&order](KernelContext* ctx) {
                        order.push_back(ctx->op().name());
                        ctx->set_output(0, Tensor::Scalar(1.0f));
                      },
                      /*is_expensive=*/true));
  std::vector<Operation*> targets;
  for (const char* name : {"a", "b", "c", "d"}) {
    targets.push_back(b_.AddOp("Note", {}, {}, name));
  }
  std::swap(targets[0], targets[3]);
  SessionOptions options;
  options.inter_op_threads = 1;
  ASSERT_OK(NewSession(options)->Run({}, {}, targets));
  EXPECT_THAT(order, testing::ElementsAre("a", "b", "c", "d"));
}

TEST_F(ConcurrencyTest, AWaitingKernelDoesNotKeepOthersFromRunning) {
  std::function<void()> go;
  RegisterWait(nullptr, [&go](std::function<void()> f) { go = std::move(f); });
  registry_->Op("Wake").Stateful().Kernel(
      {}, LambdaKernelFactory([&go](KernelContext*) { go(); }));
  const Output wait = b_.Op("Wait");
  Operation* const wake = b_.AddOp("Wake");
  SessionOptions options;
  options.inter_op_threads = 1;
  RG_ASSERT_OK_AND_ASSIGN(auto values,
                          NewSession(options)->Run({}, {wait}, {wake}));
  EXPECT_EQ(values[0].scalar<float>(), 7.0f);
}

TEST_F(ConcurrencyTest, AWaitingKernelMayFinishOnAnotherThread) {
  ThreadPool pool(2);
  RegisterWait(nullptr, [&pool](std::function<void()> f) {
    pool.Schedule([f] {
      absl::SleepFor(absl::Milliseconds(2));
      f();
    });
  });
  std::vector<Output> waits;
  for (int i = 0; i < 20; ++i) waits.push_back(b_.Op("Wait"));
  auto session = NewSession();
  for (int i = 0; i < 10; ++i) {
    RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, waits, {}));
    ASSERT_EQ(values.size(), 20);
    EXPECT_EQ(values[19].scalar<float>(), 7.0f);
  }
}

TEST_F(ConcurrencyTest, AnErrorElsewhereCancelsWhatWaits) {
  RegisterWait(nullptr);
  registry_->Op("Fails").Stateful().Kernel(
      {}, LambdaKernelFactory([](KernelContext* ctx) {
        ctx->SetStatus(absl::DataLossError("broken"));
      }));
  const Output wait = b_.Op("Wait");
  Operation* const fails = b_.AddOp("Fails");
  EXPECT_THAT(NewSession()->Run({}, {wait}, {fails}),
              StatusIs(absl::StatusCode::kDataLoss,
                       StartsWith("broken\n\t [[node Fails ")));
}

TEST_F(ConcurrencyTest, ARunThatTakesTooLongTimesOut) {
  RegisterWait(nullptr);
  const Output wait = b_.Op("Wait", {}, {}, "d");
  SessionOptions options;
  options.operation_timeout_ms = 30;
  auto session = NewSession(options);
  const absl::Status status = session->Run({}, {wait}, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded,
                               "Timed out waiting for notification"));
  EXPECT_EQ(ErrorOpName(status), "");
  // One late run does not spoil the next.
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, {Const(1, "c")}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 1.0f);
}

TEST_F(ConcurrencyTest, ClosingTheSessionWakesWhatWaits) {
  absl::Notification started;
  RegisterWait(&started);
  const Output wait = b_.Op("Wait");
  auto session = NewSession();
  absl::Status status;
  std::thread runner([&] { status = session->Run({}, {wait}, {}).status(); });
  started.WaitForNotification();
  ASSERT_OK(session->Close());
  runner.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled,
                               StartsWith("gave up\n\t [[node Wait ")));
}

TEST(CancellationManagerTest, CallbacksAreCalledOnceInOrder) {
  CancellationManager manager;
  std::string called;
  int64_t a, b, c;
  ASSERT_TRUE(manager.OnCancel(&a, [&] { called += "a"; }));
  ASSERT_TRUE(manager.OnCancel(&b, [&] { called += "b"; }));
  ASSERT_TRUE(manager.OnCancel(&c, [&] { called += "c"; }));
  EXPECT_TRUE(manager.Forget(b));
  EXPECT_FALSE(manager.Forget(b));
  EXPECT_FALSE(manager.IsCancelled());
  manager.Cancel();
  manager.Cancel();
  EXPECT_EQ(called, "ac");
  EXPECT_FALSE(manager.Forget(a));
  EXPECT_TRUE(manager.IsCancelled());
  EXPECT_FALSE(manager.OnCancel(&a, [&] { called += "late"; }));
  EXPECT_EQ(called, "ac");
}

TEST(ThreadPoolTest, EverythingScheduledRunsBeforeTheEnd) {
  std::atomic<int> count{0};
  {
    ThreadPool pool(3);
    EXPECT_EQ(pool.num_threads(), 3);
    for (int i = 0; i < 100; ++i) pool.Schedule([&count] { ++count; });
  }
  EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace retrograph
