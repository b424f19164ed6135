#include "graph/graph.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/observer.h"
#include "gmock/gmock.h"
#include "graph/builder.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GraphTest : public testing::Test {
 protected:
  GraphTest() : graph_(Graph::Create(TestOps())), b_(graph_.get()) {}

  Operation* NoOp(absl::string_view name) {
    return b_.AddOp("NoOp", {}, {}, name);
  }
  Output Int(absl::string_view name) {
    return TestConstant(b_, Tensor::Scalar(int32_t{1}), name);
  }
  std::string EnterError(absl::string_view name) {
    return Raised(graph_->EnterNameScope(name));
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

// ---- Names ----

TEST_F(GraphTest, NamesAreUniqueWithoutRegardToCase) {
  EXPECT_EQ(graph_->UniqueName("v"), "v");
  EXPECT_EQ(graph_->UniqueName("v"), "v_1");
  EXPECT_EQ(graph_->UniqueName("V"), "V_2");
  EXPECT_EQ(graph_->UniqueName("v_1"), "v_1_1");
  EXPECT_EQ(graph_->UniqueName("a/b"), "a/b");
  EXPECT_EQ(graph_->UniqueName("a"), "a");
}

TEST_F(GraphTest, UniqueNameWithoutMarkingChangesNothing) {
  graph_->UniqueName("v");
  EXPECT_EQ(graph_->UniqueName("v", /*mark_as_used=*/false), "v_1");
  EXPECT_EQ(graph_->UniqueName("v", /*mark_as_used=*/false), "v_1");
}

TEST_F(GraphTest, TheFirstNameMayBeEmpty) {
  EXPECT_EQ(graph_->UniqueName(""), "");
  EXPECT_EQ(graph_->UniqueName(""), "_1");
}

TEST_F(GraphTest, NameScopesNestAndAreUnique) {
  {
    NameScope a(graph_.get(), "a");
    EXPECT_EQ(a.full_name(), "a/");
    NameScope b(graph_.get(), "b");
    EXPECT_EQ(b.full_name(), "a/b/");
    EXPECT_EQ(NoOp("x")->name(), "a/b/x");
    EXPECT_EQ(graph_->CurrentNameScope(), "a/b");
  }
  NameScope a(graph_.get(), "a");
  EXPECT_EQ(a.full_name(), "a_1/");
}

TEST_F(GraphTest, ATrailingSlashReentersAScope) {
  { NameScope a(graph_.get(), "a"); }
  NameScope other(graph_.get(), "other");
  NameScope a(graph_.get(), "a/");
  EXPECT_EQ(NoOp("x")->name(), "a/x");
}

TEST_F(GraphTest, AnEmptyScopeIsTheRoot) {
  NameScope a(graph_.get(), "a");
  NameScope root(graph_.get(), "");
  EXPECT_EQ(root.full_name(), "");
  EXPECT_EQ(NoOp("x")->name(), "x");
}

TEST_F(GraphTest, BadScopeNames) {
  EXPECT_EQ(EnterError("a b"), "ValueError: 'a b' is not a valid scope name");
  EXPECT_EQ(EnterError("_a"), "ValueError: '_a' is not a valid scope name");
  NameScope inside(graph_.get(), "inside");
  NameScope underscore(graph_.get(), "_a");  // allowed here
  EXPECT_EQ(underscore.full_name(), "inside/_a/");
}

TEST_F(GraphTest, ANameThatWasFinalMustBeFree) {
  NoOp("p");
  NodeSpec spec;
  spec.type = "NoOp";
  spec.name = "p/";
  EXPECT_EQ(Raised(graph_->CreateOp(std::move(spec))),
            "ValueError: Duplicate node name in graph: 'p'");
}

// ---- CreateOp ----

TEST_F(GraphTest, CreateOpRefusesWhatTheRegistryDoesNotKnow) {
  NodeSpec spec;
  spec.type = "NoSuch";
  EXPECT_THAT(Raised(graph_->CreateOp(spec)),
              testing::StartsWith("NotFoundError: Op type not registered "
                                  "'NoSuch' in binary running on "));
  spec.keep_unknown = true;
  spec.output_types = {DT_INT32};
  const absl::StatusOr<Operation*> op = graph_->CreateOp(spec);
  ASSERT_TRUE(op.ok());
  EXPECT_EQ((*op)->registration(), nullptr);
  EXPECT_EQ((*op)->output_type(0), DT_INT32);
  EXPECT_TRUE((*op)->output_shape(0).unknown_rank());
}

TEST_F(GraphTest, CreateOpChecksAttrs) {
  NodeSpec spec;
  spec.type = "Placeholder";
  EXPECT_EQ(Raised(graph_->CreateOp(spec)),
            "ValueError: NodeDef missing attr 'dtype' from Op<name=Placeholder;"
            " signature= -> output:dtype; attr=dtype:type; attr=shape:shape,"
            "default=<unknown>>; NodeDef: {{node Placeholder}}");
  spec.attrs = {Attr("dtype", DT_FLOAT), Attr("zz", 1)};
  EXPECT_EQ(Raised(graph_->CreateOp(spec)),
            "ValueError: NodeDef mentions attr 'zz' not in Op<name=Placeholder;"
            " signature= -> output:dtype; attr=dtype:type; attr=shape:shape,"
            "default=<unknown>>; NodeDef: {{node Placeholder_1}}. (Check "
            "whether your GraphDef-interpreting binary is up to date with your "
            "GraphDef-generating binary.).");
}

TEST_F(GraphTest, AFinalizedGraphTakesNothing) {
  graph_->Finalize();
  b_.AddOp("NoOp");
  EXPECT_EQ(Raised(b_.status()),
            "RuntimeError: Graph is finalized and cannot be modified.");
  EXPECT_EQ(graph_->num_operations(), 0);
}

TEST_F(GraphTest, OperationsRememberWhereTheyWereMade) {
  const Operation* op = NoOp("x");
  ASSERT_NE(op->traceback(), nullptr);
  EXPECT_THAT((*op->traceback())[0].file, testing::HasSubstr("graph_test.cc"));
  auto frames = std::make_shared<const std::vector<Frame>>(
      1, Frame{"user.py", 3, "<module>", "x = 1"});
  ScopedTraceback scoped(frames);
  EXPECT_EQ(NoOp("y")->traceback(), frames);
}

TEST_F(GraphTest, ObserversHearOfNewNodes) {
  struct Recorder : Observer {
    void OnNodeAdded(const NodeAddedEvent& e) override {
      heard.push_back(absl::StrCat(e.node_id, " ", e.name, " ", e.op));
    }
    std::vector<std::string> heard;
  } recorder;
  ScopedObserver installed(&recorder);
  NoOp("x");
  EXPECT_THAT(recorder.heard, ElementsAre("1 x NoOp"));
}

// ---- Look-up ----

class LookUpTest : public GraphTest {
 protected:
  LookUpTest() { Int("a"); }
  std::string Element(absl::string_view name) {
    return Raised(graph_->AsGraphElement(name));
  }
};

TEST_F(LookUpTest, Operations) {
  EXPECT_EQ((*graph_->GetOperationByName("a"))->name(), "a");
  EXPECT_EQ(Raised(graph_->GetOperationByName("nope")),
            "KeyError: The name 'nope' refers to an Operation not in the "
            "graph.");
  EXPECT_EQ(Raised(graph_->GetOperationByName("a:0")),
            "ValueError: Name 'a:0' appears to refer to a Tensor, not a "
            "Operation.");
  EXPECT_EQ(Raised(graph_->GetOperationByName("it's")),
            "KeyError: The name \"it's\" refers to an Operation not in the "
            "graph.");
}

TEST_F(LookUpTest, Tensors) {
  EXPECT_EQ(graph_->GetTensorByName("a:0")->name(), "a:0");
  EXPECT_EQ(Raised(graph_->GetTensorByName("a")),
            "ValueError: The name 'a' refers to an Operation, not a Tensor. "
            "Tensor names must be of the form \"<op_name>:<output_index>\".");
  EXPECT_EQ(Raised(graph_->GetTensorByName("b")),
            "ValueError: The name 'b' looks like an (invalid) Operation name, "
            "not a Tensor. Tensor names must be of the form "
            "\"<op_name>:<output_index>\".");
  EXPECT_EQ(Raised(graph_->GetTensorByName("a:1")),
            "KeyError: The name 'a:1' refers to a Tensor which does not exist. "
            "The operation, 'a', exists but only has 1 outputs.");
  EXPECT_EQ(Raised(graph_->GetTensorByName("b:0")),
            "KeyError: The name 'b:0' refers to a Tensor which does not exist. "
            "The operation, 'b', does not exist in the graph.");
}

TEST_F(LookUpTest, OutputNumbersAreReadAsPythonReadsThem) {
  for (const char* name : {"a:-1", "a: 0", "a:+0", "a:00"}) {
    const auto tensor = graph_->GetTensorByName(name);
    ASSERT_TRUE(tensor.ok()) << name;
    EXPECT_EQ(tensor->name(), "a:0") << name;
  }
  for (const char* name : {"a:0x", "a:", "a:0:0"}) {
    EXPECT_EQ(Element(name),
              absl::StrCat("ValueError: The name '", name,
                           "' looks a like a Tensor name, but is not a valid "
                           "one. Tensor names must be of the form "
                           "\"<op_name>:<output_index>\"."));
  }
  EXPECT_EQ(Element("a:99999999999999999999"),
            "KeyError: The name 'a:99999999999999999999' refers to a Tensor "
            "which does not exist. The operation, 'a', exists but only has 1 "
            "outputs.");
}

TEST_F(LookUpTest, TextsOfTensors) {
  const Output p = TestPlaceholder(b_, DT_FLOAT, {2, -1}, "p");
  EXPECT_EQ(p.DebugString(), "Tensor(\"p:0\", shape=(2, ?), dtype=float32)");
  EXPECT_EQ(p.ReprString(), "<tf.Tensor 'p:0' shape=(2, ?) dtype=float32>");
  const Output q = TestPlaceholder(b_, DT_FLOAT, PartialTensorShape(), "q");
  EXPECT_EQ(q.DebugString(), "Tensor(\"q:0\", dtype=float32)");
  EXPECT_EQ(q.ReprString(), "<tf.Tensor 'q:0' shape=<unknown> dtype=float32>");
  DeviceScope device(graph_.get(), std::string("/cpu:0"));
  EXPECT_EQ(Int("r").DebugString(),
            "Tensor(\"r:0\", shape=(), dtype=int32, device=/device:CPU:0)");
}

// ---- Collections ----

class Named : public CollectionObject {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  std::string TypeName() const override { return "Named"; }
  absl::optional<std::string> CollectionName() const override { return name_; }

 private:
  std::string name_;
};

TEST_F(GraphTest, CollectionsFilterByTheStartOfTheName) {
  graph_->AddToCollection("c", Int("a/x"));
  graph_->AddToCollection("c", NoOp("b/a"));
  graph_->AddToCollection("c", std::make_shared<Named>("a/v:0"));
  graph_->AddToCollection("c", std::string("a"));
  EXPECT_EQ(graph_->GetCollection("c").size(), 4u);
  EXPECT_EQ(graph_->GetCollection("c", "a").size(), 2u);
  EXPECT_EQ(graph_->GetCollection("c", ".*").size(), 3u);
  EXPECT_EQ(graph_->GetCollection("c", ".*x").size(), 1u);
  EXPECT_THAT(graph_->GetCollection("c", "("), IsEmpty());
  EXPECT_THAT(graph_->GetCollection("none"), IsEmpty());
  EXPECT_THAT(graph_->CollectionNames(), ElementsAre("c"));
  graph_->ClearCollection("c");
  EXPECT_THAT(graph_->CollectionNames(), IsEmpty());
}

// ---- Seeds ----

using Seeds = std::pair<absl::optional<int64_t>, absl::optional<int64_t>>;

TEST_F(GraphTest, Seeds) {
  EXPECT_EQ(graph_->GetSeed(absl::nullopt),
            Seeds(absl::nullopt, absl::nullopt));
  EXPECT_EQ(graph_->GetSeed(5), Seeds(87654321, 5));
  NoOp("x");
  graph_->SetSeed(3);
  EXPECT_EQ(graph_->GetSeed(absl::nullopt), Seeds(3, 1));
  graph_->SetSeed(0);
  EXPECT_EQ(graph_->GetSeed(0), Seeds(0, 2147483647));
  EXPECT_EQ(graph_->GetSeed(-1), Seeds(0, 2147483646));
  EXPECT_EQ(graph_->GetSeed(2147483647), Seeds(0, 2147483647));
}

// ---- Feeding, fetching ----

TEST_F(GraphTest, WhatMayNotBeFedOrFetched) {
  const Output a = Int("a");
  EXPECT_TRUE(graph_->IsFeedable(a));
  EXPECT_TRUE(graph_->IsFetchable(a.op));
  graph_->PreventFeeding(a);
  graph_->PreventFetching(a.op);
  EXPECT_FALSE(graph_->IsFeedable(a));
  EXPECT_FALSE(graph_->IsFetchable(a.op));
}

// ---- Default graphs ----

TEST(DefaultGraphTest, AsDefaultNests) {
  auto g1 = Graph::Create(TestOps());
  const auto before = Graph::Default();
  {
    Graph::AsDefault as_default(g1);
    EXPECT_EQ(Graph::Default(), g1);
    EXPECT_EQ(Raised(Graph::ResetDefault()),
              "AssertionError: Do not use tf.reset_default_graph() to clear "
              "nested graphs. If you need a cleared graph, exit the nesting "
              "and create a new graph.");
  }
  EXPECT_EQ(Graph::Default(), before);
  ASSERT_TRUE(Graph::ResetDefault().ok());
  EXPECT_NE(Graph::Default(), before);
}

TEST(DefaultGraphTest, LeavingInTheWrongOrder) {
  auto g1 = Graph::Create(TestOps());
  auto g2 = Graph::Create(TestOps());
  Graph::PushDefault(g1);
  Graph::PushDefault(g2);
  EXPECT_EQ(Raised(Graph::PopDefault(g1.get())),
            "AssertionError: Nesting violated for default stack of <class "
            "'tensorflow.python.framework.ops.Graph'> objects");
  EXPECT_TRUE(Graph::PopDefault(g2.get()).ok());
  EXPECT_TRUE(Graph::PopDefault(g1.get()).ok());
}

TEST(DefaultGraphTest, EachThreadHasItsOwn) {
  const auto mine = Graph::Default();
  std::shared_ptr<Graph> theirs;
  std::thread([&theirs] { theirs = Graph::Default(); }).join();
  EXPECT_NE(mine, theirs);
}

// ---- Threads ----

TEST(GraphThreadsTest, ManyThreadsBuildWhileOneReads) {
  auto graph = Graph::Create(TestOps());
  constexpr int kThreads = 4;
  constexpr int kOps = 3000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&graph, t] {
      GraphBuilder b(graph.get());
      NameScope scope(graph.get(), absl::StrCat("t", t));
      for (int i = 0; i < kOps; ++i) b.AddOp("NoOp", {}, {}, "x");
      EXPECT_TRUE(b.ok());
    });
  }
  int seen = 0;
  while (seen < kThreads * kOps) {
    const int size = graph->num_operations();
    for (; seen < size; ++seen) {
      ASSERT_EQ(graph->operation(seen)->id(), seen + 1);
      ASSERT_EQ(graph->operation(seen)->type(), "NoOp");
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(graph->FindOperation(absl::StrCat("t0/x_", kOps - 1)), nullptr);
}

// ---- GraphDef ----

TEST_F(GraphTest, GraphDefHasOutputShapesOnDemand) {
  TestPlaceholder(b_, DT_FLOAT, {2, -1}, "p");
  NoOp("n");
  EXPECT_EQ(graph_->ToGraphDef().versions().producer(), 134);
  EXPECT_EQ(graph_->ToGraphDef().node(0).attr().count("_output_shapes"), 0u);
  const GraphDef with_shapes = graph_->ToGraphDef(/*add_shapes=*/true);
  const auto& shapes = with_shapes.node(0).attr().at("_output_shapes").list();
  ASSERT_EQ(shapes.shape_size(), 1);
  EXPECT_EQ(shapes.shape(0).dim(1).size(), -1);
  EXPECT_EQ(with_shapes.node(1).attr().count("_output_shapes"), 0u);
}

// TensorFlow's node.def() says "y:0" where Graph::UpdateEdge wrote it; a
// GraphDef is written from the edges.
TEST_F(GraphTest, ANodeNamesTheOutputOfAReplacedInputAGraphDefDoesNot) {
  const Output x = Int("x");
  const Output y = Int("y");
  Operation* const op = b_.Op("Add", {x, x}, {}, "sum").op;
  graph_->UpdateInput(op, 1, y);
  EXPECT_THAT(op->node_def().input(), ElementsAre("x", "y:0"));
  EXPECT_THAT(graph_->ToGraphDef().node(2).input(), ElementsAre("x", "y"));
}

}  // namespace
}  // namespace retrograph
