// Queues between runs of a session: who waits for whom, and what ends it.
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/builder.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "session/session.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class QueueTest : public testing::Test {
 protected:
  QueueTest() {
    RegisterStandardOps();
    graph_ = Graph::Create();
    b_ = std::make_unique<GraphBuilder>(graph_.get());
    values_ = b_->Op("Placeholder", {}, {Attr("dtype", DT_INT32)}, "values");
    count_ = b_->Op("Placeholder", {}, {Attr("dtype", DT_INT32)}, "count");
  }

  void MakeQueue(const std::string& type, int capacity, AttrList attrs = {}) {
    attrs.push_back(Attr("component_types", DataTypeVector{DT_INT32}));
    attrs.push_back(Attr(
        "shapes", std::vector<PartialTensorShape>{PartialTensorShape({})}));
    attrs.push_back(Attr("capacity", capacity));
    queue_ = b_->Op(type, {}, std::move(attrs), "q");
    enqueue_ = b_->AddOp("QueueEnqueueManyV2",
                         {queue_, Input(std::vector<Input>{values_})});
    const AttrList types = {
        Attr("component_types", DataTypeVector{DT_INT32})};
    dequeue_ = {b_->AddOp("QueueDequeueV2", {queue_}, types), 0};
    dequeue_many_ = {
        b_->AddOp("QueueDequeueManyV2", {queue_, count_}, types), 0};
    dequeue_up_to_ = {
        b_->AddOp("QueueDequeueUpToV2", {queue_, count_}, types), 0};
    size_ = b_->Op("QueueSizeV2", {queue_});
    close_ = b_->AddOp("QueueCloseV2", {queue_});
    cancel_ = b_->AddOp("QueueCloseV2", {queue_},
                        {Attr("cancel_pending_enqueues", true)});
    ASSERT_OK(b_->status());
    StartSession({});
  }
  void StartSession(const SessionOptions& options) {
    RG_ASSERT_OK_AND_ASSIGN(session_, Session::Create(graph_, options));
  }

  absl::Status Enqueue(std::vector<int32_t> values) {
    return session_
        ->Run({{values_, Tensor::Vector<int32_t>(values)}}, {}, {enqueue_})
        .status();
  }
  absl::Status Run(Operation* op) { return session_->Run({}, {}, {op}).status(); }
  absl::StatusOr<std::vector<int32_t>> Dequeue(const Output& op, int32_t count) {
    auto got = session_->Run({{count_, Tensor::Scalar<int32_t>(count)}}, {op},
                             {});
    if (!got.ok()) return got.status();
    const auto flat = (*got)[0].flat<int32_t>();
    return std::vector<int32_t>(flat.begin(), flat.end());
  }
  int32_t Size() {
    return (*session_->Run({}, {size_}, {}))[0].scalar<int32_t>();
  }
  // Until so many rows are in the queue.
  void AwaitSize(int32_t size) {
    while (Size() != size) absl::SleepFor(absl::Milliseconds(1));
  }

  std::shared_ptr<Graph> graph_;
  std::unique_ptr<GraphBuilder> b_;
  std::unique_ptr<Session> session_;
  Output values_, count_, queue_, dequeue_, dequeue_many_, dequeue_up_to_,
      size_;
  Operation *enqueue_ = nullptr, *close_ = nullptr, *cancel_ = nullptr;
};

TEST_F(QueueTest, GivesOutInOrder) {
  MakeQueue("FIFOQueueV2", 5);
  ASSERT_OK(Enqueue({1, 2, 3}));
  EXPECT_EQ(Size(), 3);
  EXPECT_THAT(*Dequeue(dequeue_, 0), ElementsAre(1));
  EXPECT_THAT(*Dequeue(dequeue_many_, 2), ElementsAre(2, 3));
  EXPECT_THAT(*Dequeue(dequeue_many_, 0), IsEmpty());
  EXPECT_EQ(Size(), 0);
}

TEST_F(QueueTest, AnEnqueueWaitsForRoomAndFillsWhatThereIs) {
  MakeQueue("FIFOQueueV2", 2);
  std::thread enqueuer([&] { EXPECT_OK(Enqueue({1, 2, 3})); });
  AwaitSize(2);
  EXPECT_THAT(*Dequeue(dequeue_, 0), ElementsAre(1));
  enqueuer.join();
  EXPECT_THAT(*Dequeue(dequeue_many_, 2), ElementsAre(2, 3));
}

TEST_F(QueueTest, ADequeueOfManyTakesRowsAsTheyCome) {
  MakeQueue("FIFOQueueV2", 2);
  ASSERT_OK(Enqueue({1, 2}));
  std::thread dequeuer([&] {
    EXPECT_THAT(*Dequeue(dequeue_many_, 4), ElementsAre(1, 2, 3, 4));
  });
  AwaitSize(0);
  ASSERT_OK(Enqueue({3, 4}));
  dequeuer.join();
}

TEST_F(QueueTest, AClosedQueueGivesBackWhatIsNotEnough) {
  MakeQueue("FIFOQueueV2", 5);
  ASSERT_OK(Enqueue({1, 2, 3}));
  std::thread dequeuer([&] {
    // What it has taken already does not count.
    EXPECT_THAT(Dequeue(dequeue_many_, 4).status(),
                StatusIs(absl::StatusCode::kOutOfRange,
                         HasSubstr("is closed and has insufficient elements "
                                   "(requested 1, current size 0)")));
  });
  AwaitSize(0);
  ASSERT_OK(Run(close_));
  dequeuer.join();
  EXPECT_EQ(Size(), 3);
  EXPECT_THAT(Enqueue({4}), StatusIs(absl::StatusCode::kCancelled,
                                     HasSubstr("_q' is closed.\n\t [[")));
  EXPECT_THAT(Run(close_), StatusIs(absl::StatusCode::kCancelled,
                                    HasSubstr("_q' is already closed.")));
  EXPECT_THAT(*Dequeue(dequeue_up_to_, 9), ElementsAre(1, 2, 3));
  EXPECT_THAT(Dequeue(dequeue_up_to_, 9).status(),
              StatusIs(absl::StatusCode::kOutOfRange,
                       HasSubstr("(requested 9, current size 0)")));
}

TEST_F(QueueTest, ACloseLetsEarlierEnqueuesFinish) {
  MakeQueue("FIFOQueueV2", 1);
  ASSERT_OK(Enqueue({1}));
  std::thread enqueuer([&] { EXPECT_OK(Enqueue({2})); });
  absl::SleepFor(absl::Milliseconds(50));  // so that it is in line first
  std::thread closer([&] { EXPECT_OK(Run(close_)); });
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_THAT(*Dequeue(dequeue_, 0), ElementsAre(1));
  enqueuer.join();
  closer.join();
  EXPECT_THAT(*Dequeue(dequeue_, 0), ElementsAre(2));
  EXPECT_THAT(Dequeue(dequeue_, 0).status(),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("closed")));
}

TEST_F(QueueTest, ACloseMayCancelWhatWaits) {
  MakeQueue("FIFOQueueV2", 1);
  ASSERT_OK(Enqueue({1}));
  std::thread enqueuer([&] {
    EXPECT_THAT(Enqueue({2}),
                StatusIs(absl::StatusCode::kCancelled,
                         StartsWith("Enqueue operation was cancelled\n\t [[")));
  });
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_OK(Run(cancel_));
  enqueuer.join();
  EXPECT_THAT(*Dequeue(dequeue_, 0), ElementsAre(1));
}

TEST_F(QueueTest, ClosingTheSessionEndsWhatWaits) {
  MakeQueue("FIFOQueueV2", 1);
  std::thread dequeuer([&] {
    EXPECT_THAT(Dequeue(dequeue_, 0).status(),
                StatusIs(absl::StatusCode::kCancelled,
                         StartsWith("Dequeue operation was cancelled")));
  });
  absl::SleepFor(absl::Milliseconds(50));
  ASSERT_OK(session_->Close());
  dequeuer.join();
}

TEST_F(QueueTest, ATimeoutEndsWhatWaitsAndTheQueueGoesOn) {
  MakeQueue("FIFOQueueV2", 1);
  SessionOptions options;
  options.operation_timeout_ms = 50;
  StartSession(options);
  EXPECT_THAT(Dequeue(dequeue_, 0).status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       "Timed out waiting for notification"));
  ASSERT_OK(Enqueue({1}));
  EXPECT_THAT(*Dequeue(dequeue_, 0), ElementsAre(1));
}

TEST_F(QueueTest, TheCallerMayEndARunThatWaits) {
  MakeQueue("FIFOQueueV2", 1);
  int asked = 0;
  RunOptions options;
  options.is_interrupted = [&asked] { return ++asked == 2; };
  EXPECT_THAT(session_->Run({}, {dequeue_}, {}, options).status(),
              StatusIs(absl::StatusCode::kCancelled, "Run call was cancelled"));
  EXPECT_EQ(asked, 2);
  ASSERT_OK(Enqueue({1}));  // the session and the queue go on
  EXPECT_THAT(*Dequeue(dequeue_, 0), ElementsAre(1));
}

TEST_F(QueueTest, AShuffledQueueKeepsSomeBackUntilItIsClosed) {
  MakeQueue("RandomShuffleQueueV2", 20,
            {Attr("min_after_dequeue", 2), Attr("seed", 87654321),
             Attr("seed2", 7)});
  ASSERT_OK(Enqueue({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  // As TensorFlow's: the same draws from the same stream.
  EXPECT_THAT(*Dequeue(dequeue_many_, 4), ElementsAre(3, 10, 5, 4));
  std::thread dequeuer([&] {
    EXPECT_THAT(Dequeue(dequeue_many_, 10).status(),
                StatusIs(absl::StatusCode::kOutOfRange,
                         HasSubstr("(requested 4, current size 2)")));
  });
  AwaitSize(2);
  ASSERT_OK(Run(close_));
  dequeuer.join();
  EXPECT_EQ(Size(), 8);
}

TEST_F(QueueTest, OpsThatShareAQueueMustAgreeOnIt) {
  MakeQueue("FIFOQueueV2", 2, {Attr("shared_name", "shared")});
  const Output other = b_->Op(
      "FIFOQueueV2", {},
      {Attr("component_types", DataTypeVector{DT_INT32}), Attr("capacity", 3),
       Attr("shared_name", "shared")});
  const Output size = b_->Op("QueueSizeV2", {other});
  ASSERT_OK(Enqueue({1}));
  EXPECT_THAT(session_->Run({}, {size}, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("Shared queue 'shared' has capacity 2 but "
                                  "requested capacity was 3")));
}

TEST_F(QueueTest, TwoSessionsShareNoQueue) {
  MakeQueue("FIFOQueueV2", 2, {Attr("shared_name", "shared")});
  ASSERT_OK(Enqueue({1}));
  StartSession({});
  EXPECT_EQ(Size(), 0);
}

}  // namespace
}  // namespace retrograph
