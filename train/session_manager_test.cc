#include "train/session_manager.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "train/scaffold.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SessionManagerTest : public testing::Test {
 protected:
  SessionManagerTest() : graph_(Graph::Create()), b_(graph_.get()) {
    RegisterStandardOps();
    v_ = MakeVariable("v", 1.0f);
    w_ = MakeVariable("w", 2.0f);
    session_options_.file_system = &files_;
  }

  SessionManagerOptions Options(const ReadinessOps& ops) {
    auto options =
        SessionManagerOptions::ForOps(graph_, ops, session_options_);
    EXPECT_OK(options);
    options->now = [this] { return now_; };
    options->sleep = [this](double secs) {
      now_ += secs;
      slept_.push_back(secs);
      if (on_sleep_) on_sleep_();
      return absl::OkStatus();
    };
    options->log = [this](LogLevel, absl::string_view text) {
      log_.emplace_back(text);
    };
    return *std::move(options);
  }
  ReadinessOps ReportAll() {
    ReadinessOps ops;
    ops.ready_op = ReportUninitializedVariables(b_);
    return ops;
  }
  float Value(Session* session, const std::shared_ptr<Variable>& variable) {
    return (*session->Run({}, {variable->Value(b_)}, {}))[0].scalar<float>();
  }

  std::shared_ptr<Variable> MakeVariable(const std::string& name,
                                         float value) {
    VariableOptions options;
    options.name = name;
    options.initial_value = Input(value);
    return Variable::Create(b_, std::move(options));
  }
  std::shared_ptr<Saver> NewSaver() {
    return *Saver::Create(graph_.get());
  }
  // A session in which the variables are 3 and 4, saved as d/x-<step>.
  void SaveCheckpoint(const std::shared_ptr<Saver>& saver, int64_t step) {
    RG_ASSERT_OK_AND_ASSIGN(auto session,
                            Session::Create(graph_, session_options_));
    ASSERT_OK(session->Run({{v_->initial_value(), Tensor::Scalar(3.0f)},
                            {w_->initial_value(), Tensor::Scalar(4.0f)}},
                           {}, {v_->initializer(), w_->initializer()}));
    SaveOptions options;
    options.global_step = step;
    ASSERT_OK(saver->Save(session.get(), "d/x", options));
  }

  MemFileSystem files_;
  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
  std::shared_ptr<Variable> v_, w_;
  SessionOptions session_options_;
  double now_ = 1000;
  std::vector<double> slept_;
  std::function<void()> on_sleep_;
  std::vector<std::string> log_;
};

TEST_F(SessionManagerTest, InitialisesWhereThereIsNothingToRestore) {
  Operation* const init = GlobalVariablesInitializer(b_);
  SessionManager manager(Options(ReportAll()));
  SessionManager::Prepare how;
  how.set_init_op(init);
  std::vector<std::string> calls;
  how.init_fn = [&](Session* session) {
    calls.push_back("init_fn");
    return session
        ->Run({{w_->initial_value(), Tensor::Scalar(9.0f)}}, {},
              {w_->initializer()})
        .status();
  };
  RG_ASSERT_OK_AND_ASSIGN(auto session, manager.PrepareSession(how));
  EXPECT_THAT(calls, ElementsAre("init_fn"));
  EXPECT_EQ(Value(session.get(), v_), 1.0f);
  EXPECT_EQ(Value(session.get(), w_), 9.0f);
}

TEST_F(SessionManagerTest, SaysWhatIsNotInitialised) {
  SessionManager manager(Options(ReportAll()));
  EXPECT_THAT(manager.PrepareSession({}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "Model is not initialized and no init_op or init_fn or "
                       "local_init_op was given"));
  SessionManager::Prepare how;
  how.set_init_op(v_->initializer());
  const auto session = manager.PrepareSession(how);
  EXPECT_THAT(session.status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "Init operations did not make model ready.  Init op: "
                       "v/Assign, init fn: None, local_init_op: None, error: "
                       "Variables not initialized: w"));
  EXPECT_EQ(ErrorClassName(session.status()), "RuntimeError");
}

TEST_F(SessionManagerTest, RunsTheLocalInitOpOnlyOnceItMay) {
  ReadinessOps ops = ReportAll();
  ops.local_init_op = w_->initializer();
  ops.ready_for_local_init_op = ReportUninitializedVariables(b_, {v_});
  SessionManager manager(Options(ops));
  SessionManager::Prepare how;
  how.set_init_op(v_->initializer());
  RG_ASSERT_OK_AND_ASSIGN(auto session, manager.PrepareSession(how));
  EXPECT_EQ(Value(session.get(), w_), 2.0f);
  EXPECT_THAT(log_, ElementsAre("Running local_init_op.",
                                "Done running local_init_op."));

  how.set_init_op(w_->initializer());
  EXPECT_THAT(manager.PrepareSession(how).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "Init operations did not make model ready for "
                       "local_init.  Init op: w/Assign, init fn: None, error: "
                       "Variables not initialized: v"));
}

TEST_F(SessionManagerTest, AReadyOpNeedsItsLocalInitOp) {
  ReadinessOps ops;
  ops.ready_for_local_init_op = ReportUninitializedVariables(b_);
  const auto options = SessionManagerOptions::ForOps(graph_, ops);
  EXPECT_THAT(options.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("you must also pass a local_init_op")));
}

TEST_F(SessionManagerTest, RestoresTheNewestAndTakesTheOthersOver) {
  const std::shared_ptr<Saver> saver = NewSaver();
  SaveCheckpoint(saver, 1);
  SaveCheckpoint(saver, 2);
  const std::shared_ptr<Saver> other = NewSaver();
  SessionManager manager(Options(ReportAll()));
  SessionManager::Prepare how;
  how.saver = RestoreWith(other, &files_);
  how.checkpoint_dir = "d";
  how.init_fn = [](Session*) { return absl::InternalError("not called"); };
  RG_ASSERT_OK_AND_ASSIGN(auto session, manager.PrepareSession(how));
  EXPECT_EQ(Value(session.get(), v_), 3.0f);
  EXPECT_THAT(other->last_checkpoints(), ElementsAre("d/x-1", "d/x-2"));

  how.checkpoint_filename_with_path = "d/x-1";
  EXPECT_THAT(manager.PrepareSession(how).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Can not provide both checkpoint_dir and "
                       "checkpoint_filename_with_path."));
}

TEST_F(SessionManagerTest, WaitsForACheckpoint) {
  const std::shared_ptr<Saver> saver = NewSaver();
  ASSERT_OK(files_.CreateDirectory("d"));
  SessionManagerOptions options = Options(ReportAll());
  options.recovery_wait_secs = 10;
  SessionManager manager(options);
  SessionManager::Restore how;
  how.saver = RestoreWith(saver, &files_);
  how.checkpoint_dir = "d";
  how.wait_for_checkpoint = true;
  how.max_wait_secs = 25;
  {
    RG_ASSERT_OK_AND_ASSIGN(auto result, manager.RecoverSession(how));
    EXPECT_FALSE(result.second);
    EXPECT_THAT(slept_, ElementsAre(10, 10, 10));
  }
  on_sleep_ = [&] { SaveCheckpoint(saver, 7); };
  RG_ASSERT_OK_AND_ASSIGN(auto result, manager.RecoverSession(how));
  EXPECT_TRUE(result.second);
  EXPECT_EQ(Value(result.first.get(), w_), 4.0f);
  EXPECT_EQ(log_.back(), "Restored model from d");
}

TEST_F(SessionManagerTest, ARecoveredModelMayNotBeReady) {
  SaverOptions only_v;
  only_v.var_list = std::vector<Saveable>{{absl::nullopt, v_}};
  const std::shared_ptr<Saver> saver =
      *Saver::Create(graph_.get(), std::move(only_v));
  SaveCheckpoint(saver, 1);
  SessionManager manager(Options(ReportAll()));
  SessionManager::Restore how;
  how.saver = RestoreWith(saver, &files_);
  how.checkpoint_filename_with_path = "d/x-1";
  RG_ASSERT_OK_AND_ASSIGN(auto result, manager.RecoverSession(how));
  EXPECT_FALSE(result.second);
  EXPECT_EQ(log_.back(),
            "Restoring model from d/x-1 did not make model ready: Variables "
            "not initialized: w");
}

TEST_F(SessionManagerTest, WaitingEndsWithTheTime) {
  SessionManagerOptions options = Options(ReportAll());
  options.recovery_wait_secs = 10;
  SessionManager manager(options);
  EXPECT_THAT(manager.WaitForSession(25).status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       "Session was not ready after waiting 25 secs."));
  EXPECT_THAT(slept_, ElementsAre(10, 10));
  EXPECT_EQ(log_.back(),
            "Waiting for model to be ready.  Ready_for_local_init_op:  None, "
            "ready: Variables not initialized: v, w");
}

TEST_F(SessionManagerTest, AnUninitialisedReadIsNotReadyOtherErrorsAreErrors) {
  ReadinessOps ops;
  ops.ready_op = v_->Value(b_);
  SessionManager manager(Options(ops));
  SessionManager::Prepare how;
  how.set_init_op(w_->initializer());
  EXPECT_THAT(manager.PrepareSession(how).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("error: Attempting to use uninitialized value "
                                 "v\n\t [[")));
  SessionManagerOptions options = Options(ops);
  options.ready = [](Session*) -> absl::StatusOr<Tensor> {
    return absl::FailedPreconditionError("something else");
  };
  SessionManager other(options);
  EXPECT_THAT(other.PrepareSession(how).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "something else"));
}

// ---- Scaffold ----

TEST_F(SessionManagerTest, AScaffoldMakesWhatIsMissingAndFindsItAgain) {
  Scaffold scaffold;
  ASSERT_OK(scaffold.Finalize(graph_.get()));
  EXPECT_TRUE(graph_->finalized());
  EXPECT_EQ(scaffold.pieces().init_op->name(), "group_deps");
  EXPECT_EQ(scaffold.pieces().ready_op.name(), "concat:0");
  EXPECT_EQ(scaffold.pieces().local_init_op->name(), "group_deps_1");
  EXPECT_FALSE(scaffold.pieces().summary_op.valid());
  EXPECT_EQ(graph_->GetCollection(graph_keys::kSavers).size(), 1u);
  const int operations = graph_->num_operations();
  Scaffold again;
  ASSERT_OK(again.Finalize(graph_.get()));
  EXPECT_EQ(graph_->num_operations(), operations);
  EXPECT_EQ(again.saver(), scaffold.saver());
  EXPECT_EQ(again.pieces().init_op, scaffold.pieces().init_op);

  SessionManager manager(Options(scaffold.pieces()));
  SessionManager::Prepare how;
  how.set_init_op(scaffold.pieces().init_op);
  RG_ASSERT_OK_AND_ASSIGN(auto session, manager.PrepareSession(how));
  EXPECT_EQ(Value(session.get(), w_), 2.0f);
}

TEST_F(SessionManagerTest, AScaffoldUsesWhatItIsGiven) {
  Scaffold::Pieces pieces;
  pieces.init_op = v_->initializer();
  pieces.saver = NewSaver();
  Scaffold scaffold(pieces);
  ASSERT_OK(scaffold.Finalize(graph_.get()));
  EXPECT_EQ(scaffold.pieces().init_op, v_->initializer());
  EXPECT_TRUE(graph_->GetCollection(graph_keys::kInitOp).empty());
  EXPECT_TRUE(graph_->GetCollection(graph_keys::kSavers).empty());
}

TEST_F(SessionManagerTest, AScaffoldCannotChooseBetweenTwo) {
  graph_->AddToCollection(graph_keys::kInitOp, v_->initializer());
  graph_->AddToCollection(graph_keys::kInitOp, w_->initializer());
  Scaffold scaffold;
  EXPECT_THAT(scaffold.Finalize(graph_.get()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("More than one item in the collection")));
  graph_->ClearCollection(graph_keys::kInitOp);
  for (int i = 0; i < 2; ++i) {
    graph_->AddToCollection(
        graph_keys::kSavers,
        std::shared_ptr<CollectionObject>(
            std::make_shared<SaverItem>(NewSaver())));
  }
  EXPECT_THAT(scaffold.Finalize(graph_.get()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "More than one item in collection savers. Please "
                       "indicate which one to use by passing it to the "
                       "constructor."));
}

TEST_F(SessionManagerTest, AScaffoldBuildsWhateverStandsAmongTheSavers) {
  graph_->AddToCollection(graph_keys::kSavers, int64_t{7});
  EXPECT_THAT(Scaffold().Finalize(graph_.get()),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("'int' object has no attribute 'build'")));
}

}  // namespace
}  // namespace retrograph
