// Which device errors a run begins with: texts as TensorFlow 1.15.5 has them.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "core/errors.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "session/session.h"
#include "session/session_test_util.h"

namespace retrograph {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PlacementTest : public GraphSessionTest {};

constexpr char kGpuText[] =
    "Cannot assign a device for operation a: node a (defined at t.py:7)  was "
    "explicitly assigned to /device:GPU:0 but available devices are [ "
    "/job:localhost/replica:0/task:0/device:CPU:0, "
    "/job:localhost/replica:0/task:0/device:XLA_CPU:0 ]. Make sure the device "
    "specification refers to a valid device. The requested device appears to "
    "be a GPU, but CUDA is not enabled.\n\t [[a]]";

TEST_F(PlacementTest, ABadlyPlacedNodeBreaksEveryRun) {
  const Output fine = Const(1, "fine");
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {fine}, {}));
  {
    const ScopedTraceback place(PlaceInFile("t.py", 7));
    const DeviceScope on_gpu(graph_.get(), std::string("/gpu:0"));
    Const(2, "a");
  }
  for (int i = 0; i < 2; ++i) {
    const absl::Status status = session->Run({}, {fine}, {}).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, kGpuText));
    EXPECT_EQ(ErrorOpName(status), "");
  }
  SessionOptions soft;
  soft.allow_soft_placement = true;
  EXPECT_OK(NewSession(soft)->Run({}, {fine}, {}));
}

TEST_F(PlacementTest, DevicesOutsideOfTheSessionAreNamed) {
  const struct {
    std::string device;
    int cpu_devices;
    bool soft, is_there;
  } cases[] = {
      {"/cpu:0", 1, false, true},
      {"/cpu:1", 1, false, false},
      {"/cpu:1", 2, false, true},
      {"/cpu:2", 2, false, false},
      {"/cpu:1", 1, true, true},
      {"/device:CPU:*", 1, false, true},
      {"/device:XLA_CPU:0", 1, false, true},
      {"/device:XLA_CPU:1", 1, false, false},
      {"/device:FOO:0", 1, false, false},
      {"/job:foo", 1, false, false},
      {"/job:foo", 1, true, false},
      {"/job:localhost/replica:0/task:0/cpu:0", 1, false, true},
      {"/task:1", 1, false, false},
      {"/replica:1", 1, false, false},
  };
  for (const auto& c : cases) {
    auto graph = Graph::Create(registry_.get());
    GraphBuilder b(graph.get());
    const DeviceScope scope(graph.get(), c.device);
    const Output a = b.Op(
        "Const", {},
        {Attr("dtype", DT_FLOAT), Attr("value", Tensor::Scalar(1.0f))}, "a");
    SessionOptions options;
    options.cpu_devices = c.cpu_devices;
    options.allow_soft_placement = c.soft;
    RG_ASSERT_OK_AND_ASSIGN(auto session, Session::Create(graph, options));
    const absl::Status status = session->Run({}, {a}, {}).status();
    if (c.is_there) {
      EXPECT_OK(status) << c.device;
      continue;
    }
    EXPECT_THAT(status,
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(absl::StrCat(
                             "was explicitly assigned to ", a.op->device(),
                             " but available devices are [ "))));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                 Not(HasSubstr("CUDA"))));
    if (c.cpu_devices == 2) {
      EXPECT_THAT(
          status,
          StatusIs(absl::StatusCode::kInvalidArgument,
                   HasSubstr("[ /job:localhost/replica:0/task:0/device:CPU:0, "
                             "/job:localhost/replica:0/task:0/device:CPU:1, "
                             "/job:localhost/replica:0/task:0/device:XLA_CPU:0"
                             " ]. Make sure")));
    }
  }
}

TEST_F(PlacementTest, TheVariableIsNamedRatherThanItsInitialValue) {
  const DeviceScope on_gpu(graph_.get(), std::string("/gpu:0"));
  const Output c = Const(1, "v/initial_value");
  const Output v = RefVariable("v");
  b_.AddOp("Assign", {v, c}, {}, "v/Assign");
  ASSERT_OK(b_.status());
  EXPECT_THAT(NewSession()->Run({}, {c}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("Cannot assign a device for operation v: ")));
}

TEST_F(PlacementTest, ANodeWithoutADeviceFollowsItsGroup) {
  const Output fine = Const(1, "fine");
  const Output neg =
      b_.Op("Neg", {fine}, {Attr("_class", std::vector<std::string>{"loc:@v"})},
            "v/Initializer/neg");
  const DeviceScope on_gpu(graph_.get(), std::string("/gpu:0"));
  b_.AddOp("VarHandleOp", {},
           {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape())}, "v");
  ASSERT_OK(b_.status());
  const absl::Status status = NewSession()->Run({}, {fine}, {}).status();
  EXPECT_THAT(
      status,
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("was colocated with a group of nodes that required "
                         "incompatible device '/device:GPU:0'. All available "
                         "devices [/job:localhost/replica:0/task:0/device:"
                         "CPU:0, /job:localhost/replica:0/task:0/device:"
                         "XLA_CPU:0]. \nColocation Debug Info:\n")));
  EXPECT_EQ(ErrorOpName(status), neg.op->name());
}

// ---- Nodes that must stand together ----

// A node "NAME DEVICE GROUPS": "a /cpu:0 v,w"; "-" for none.
struct GroupCase {
  std::vector<std::string> nodes;
  std::string error;       // how it begins; "" if there is none
  std::string soft_error;  // with soft placement
};

class OnDevice {
 public:
  OnDevice(Graph* graph, const std::string& device) {
    if (!device.empty()) scope_.emplace(graph, device);
  }

 private:
  absl::optional<DeviceScope> scope_;
};

absl::Status RunNodes(const OpRegistry* registry,
                      const std::vector<std::string>& nodes, bool soft) {
  auto graph = Graph::Create(registry);
  GraphBuilder b(graph.get());
  const ScopedTraceback place(PlaceInFile("p.py", 1));
  for (const std::string& node : nodes) {
    const std::vector<std::string> parts = absl::StrSplit(node, ' ');
    const OnDevice scope(graph.get(), parts[1] == "-" ? "" : parts[1]);
    AttrList attrs = {Attr("dtype", DT_FLOAT),
                      Attr("value", Tensor::Scalar(1.0f))};
    if (parts[2] != "-") {
      std::vector<std::string> groups;
      for (absl::string_view group : absl::StrSplit(parts[2], ',')) {
        groups.push_back(absl::StrCat("loc:@", group));
      }
      attrs.push_back(Attr("_class", groups));
    }
    b.Op("Const", {}, attrs, parts[0]);
  }
  RG_RETURN_IF_ERROR(b.status());
  SessionOptions options;
  options.cpu_devices = 2;
  options.allow_soft_placement = soft;
  RG_ASSIGN_OR_RETURN(auto session, Session::Create(graph, options));
  return RunOne(session.get(), "a:0").status();
}

// A session that ran has placed what it saw; what has a state stays there.
TEST_F(PlacementTest, AVariableStaysWhereTheSessionPutIt) {
  const Output v = b_.Op(
      "VarHandleOp", {},
      {Attr("dtype", DT_FLOAT), Attr("shape", PartialTensorShape({}))}, "v");
  const Output fine = Const(1, "fine");
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {fine}, {}));
  {
    const DeviceScope elsewhere(graph_.get(), std::string("/cpu:1"));
    b_.Op("VarIsInitializedOp", {v}, {}, "init");
  }
  EXPECT_OK(session->Run({}, {fine}, {}).status());
  EXPECT_THAT(NewSession()->Run({}, {fine}, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("Cannot assign a device for operation ")));
}

TEST_F(PlacementTest, AGroupWhoseMembersAskForDifferentDevicesIsAnError) {
  for (const GroupCase& c : std::vector<GroupCase>{
           {{"a /cpu:0 -", "b /cpu:1 a"},
            "Cannot colocate nodes node b (defined at p.py:1)  and node a "
            "(defined at p.py:1) : Cannot merge devices with incompatible "
            "ids: '/device:CPU:1' and '/device:CPU:0'\n\t [[node b "
            "(defined at p.py:1) ]]",
            ""},
           // A node that names a group is not one of its own name.
           {{"a /cpu:1 -", "b - a", "d /cpu:0 b"}, "", ""},
           {{"a - -", "b /cpu:0 a", "d /cpu:1 x,a"},
            "Cannot colocate nodes node d (defined at p.py:1)  and node a "
            "(defined at p.py:1) : Cannot merge devices with incompatible "
            "ids: '/device:CPU:0' and '/device:CPU:1'",
            ""},
           {{"a /cpu:0 g", "b /gpu:0 g"},
            "Cannot colocate nodes node b (defined at p.py:1)  and node a "
            "(defined at p.py:1) : Cannot merge devices with incompatible "
            "types: '/device:GPU:0' and '/device:CPU:0'",
            ""},
           {{"a /job:ps g", "b /cpu:0 g", "d /job:worker g"},
            "Cannot colocate nodes node d (defined at p.py:1)  and node a "
            "(defined at p.py:1) : Cannot merge devices with incompatible "
            "jobs: '/job:ps/device:CPU:0' and '/job:worker'",
            "Cannot assign a device for operation a: Could not satisfy "
            "explicit device specification '/job:ps' because the node node a "},
           {{"a /task:0 g", "b /cpu:0 g", "d /replica:0/task:1 g"},
            "Cannot colocate nodes node d (defined at p.py:1)  and node a "
            "(defined at p.py:1) : Cannot merge devices with incompatible "
            "tasks: '/replica:0/task:0/device:CPU:0' and '/replica:0/task:1'",
            "Cannot assign a device for operation d: node d (defined at "
            "p.py:1)  was explicitly assigned to /replica:0/task:1"},
           {{"a /cpu:0 g", "b /device:CPU:* g", "d /job:localhost g"}, "", ""},
       }) {
    for (bool soft : {false, true}) {
      const std::string& error = soft ? c.soft_error : c.error;
      const absl::Status status = RunNodes(registry_.get(), c.nodes, soft);
      if (error.empty()) {
        EXPECT_OK(status) << c.nodes.back();
      } else {
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                     StartsWith(error)));
      }
    }
  }
}

struct ResourceCase {
  std::string first, second, user;  // devices
  std::string error;                // how it begins; "" if there is none
};

// Two variables, and an op that uses both.
TEST_F(PlacementTest, ResourcesOfOneOpStandOnOneDevice) {
  constexpr char kApart[] =
      "Cannot place the graph because a reference or resource edge connects "
      "colocation groups with incompatible resource devices: ";
  registry_->Op("UsesBoth")
      .Input("v: resource")
      .Input("w: resource")
      .Kernel({}, LambdaKernelFactory([](KernelContext*) {}));
  for (const ResourceCase& c : std::vector<ResourceCase>{
           {"/cpu:1", "/cpu:0", "",
            absl::StrCat(kApart, "/device:CPU:0 vs /device:CPU:1. The edge src "
                                 "node is w , and the dst node is M")},
           {"/job:localhost", "/cpu:0", "/cpu:1",
            absl::StrCat(kApart, "/device:CPU:0 vs /job:localhost")},
           {"/job:ps", "/job:worker", "",
            absl::StrCat(kApart, "/job:worker vs /job:ps")},
           {"/task:0/cpu:0", "/job:localhost/cpu:0", "",
            absl::StrCat(kApart, "/job:localhost/device:CPU:0 vs "
                                 "/task:0/device:CPU:0")},
           // A part of the other, or none; the op itself is overruled.
           {"/cpu:0", "/job:localhost/cpu:0", "", ""},
           {"/cpu:0", "", "/cpu:1", ""},
           {"", "/cpu:0", "/job:ps", ""},
       }) {
    auto graph = Graph::Create(registry_.get());
    GraphBuilder b(graph.get());
    const auto variable = [&](const std::string& name) {
      return b.Op("VarHandleOp", {},
                  {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape())}, name);
    };
    Output v, w;
    {
      const OnDevice scope(graph.get(), c.first);
      v = variable("v");
    }
    {
      const OnDevice scope(graph.get(), c.second);
      w = variable("w");
    }
    const OnDevice scope(graph.get(), c.user);
    Operation* user = b.AddOp("UsesBoth", {v, w}, {}, "M");
    ASSERT_OK(b.status());
    SessionOptions options;
    options.cpu_devices = 2;
    RG_ASSERT_OK_AND_ASSIGN(auto session, Session::Create(graph, options));
    const absl::Status status = session->Run({}, {}, {user}).status();
    if (c.error.empty()) {
      EXPECT_OK(status) << c.first << " " << c.second << " " << c.user;
    } else {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                   StartsWith(c.error)));
    }
  }
}

}  // namespace
}  // namespace retrograph
