// Lies in `.meta` files: graphs that cannot be, Savers and collections that
// name what is not there, text and bytes that no parser should follow.
#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "proto/meta_graph.pb.h"
#include "proto/variable.pb.h"
#include "tests/hostile/hostile_files.h"

namespace retrograph {
namespace hostile {
namespace {

void AddBytes(const std::string& name, const std::string& bytes,
              Cases* cases) {
  HostileCase c;
  c.kind = Kind::kMeta;
  c.name = "meta_" + name;
  c.files = {{"m.meta", bytes}};
  cases->push_back(std::move(c));
}

using Change = std::function<void(MetaGraphDef*)>;
void Add(const std::string& name, const Change& change, Cases* cases) {
  MetaGraphDef meta_graph;
  meta_graph.ParseFromString(GoodMeta());
  change(&meta_graph);
  AddBytes(name, meta_graph.SerializeAsString(), cases);
}

NodeDef* AddNode(const std::string& name, const std::string& op,
                 const std::vector<std::string>& inputs, MetaGraphDef* meta) {
  NodeDef* const node = meta->mutable_graph_def()->add_node();
  node->set_name(name);
  node->set_op(op);
  for (const std::string& input : inputs) node->add_input(input);
  if (op != "NoOp") (*node->mutable_attr())["T"].set_type(DT_FLOAT);
  return node;
}

NodeDef* Find(const std::string& name, MetaGraphDef* meta) {
  for (NodeDef& node : *meta->mutable_graph_def()->mutable_node()) {
    if (node.name() == name) return &node;
  }
  return nullptr;
}

NodeDef* AddConst(const std::string& name, DataType dtype,
                  const std::vector<int64_t>& dims, MetaGraphDef* meta) {
  NodeDef* const node = AddNode(name, "Const", {}, meta);
  node->mutable_attr()->clear();
  (*node->mutable_attr())["dtype"].set_type(dtype);
  TensorProto* const value = (*node->mutable_attr())["value"].mutable_tensor();
  value->set_dtype(dtype);
  for (const int64_t dim : dims) {
    value->mutable_tensor_shape()->add_dim()->set_size(dim);
  }
  return node;
}

// Edges.
void AddInputs(Cases* cases) {
  int count = 0;
  for (const char* const input :
       {"weights:1", "weights:4294967296", "weights:18446744073709551616", "weights:-1", "weights:0:0", ":0",
        "", "^", "^weights:1", "nothing", "^nothing", "weights:99999999999999999999999999",
        "weights: 0", "save/restore_all", "save/restore_all:0", "weights:00000000000000001",
        "x/y/z/", "\xff"}) {
    Add(absl::StrCat("input_", count++),
        [&](MetaGraphDef* m) { AddNode("n", "Identity", {input}, m); }, cases);
  }
  Add("self_loop", [](auto* m) { AddNode("n", "Identity", {"n"}, m); }, cases);
  Add("cycle",
      [](auto* m) {
        AddNode("a", "Identity", {"b"}, m);
        AddNode("b", "Identity", {"a"}, m);
      },
      cases);
  Add("control_cycle",
      [](auto* m) {
        AddNode("a", "NoOp", {"^b"}, m);
        AddNode("b", "NoOp", {"^a"}, m);
      },
      cases);
  Add("merge_of_nothing",
      [](auto* m) {
        (*AddNode("a", "Merge", {}, m)->mutable_attr())["N"].set_i(0);
      },
      cases);
  Add("loop_without_exit",
      [](auto* m) {
        (*AddNode("a", "Merge", {"b", "b"}, m)->mutable_attr())["N"].set_i(2);
        AddNode("b", "NextIteration", {"a"}, m);
      },
      cases);
  Add("enter_from_inside",
      [](auto* m) {
        (*AddNode("a", "Merge", {"b", "n"}, m)->mutable_attr())["N"].set_i(2);
        (*AddNode("b", "Enter", {"n"}, m)->mutable_attr())["frame_name"].set_s(
            "f");
        AddNode("n", "NextIteration", {"a"}, m);
      },
      cases);
  Add("frames_mixed",
      [](auto* m) {
        AddConst("c", DT_FLOAT, {}, m);
        for (const char* const frame : {"f", "g"}) {
          (*AddNode(frame, "Enter", {"c"}, m)->mutable_attr())["frame_name"]
              .set_s(frame);
        }
        AddNode("s", "Add", {"f", "g"}, m);
        AddNode("e", "Exit", {"s"}, m);
        AddNode("e2", "Exit", {"e"}, m);
      },
      cases);
  for (const int64_t number : StrangeNumbers()) {
    Add(absl::StrCat("number_of_inputs_", number),
        [=](auto* m) {
          (*AddNode("a", "AddN", {"weights/read", "weights/read"}, m)->mutable_attr())["N"].set_i(
              number);
        },
        cases);
    Add(absl::StrCat("const_dim_", number),
        [=](auto* m) { AddConst("a", DT_FLOAT, {number}, m); }, cases);
    Add(absl::StrCat("variable_dim_", number),
        [=](auto* m) {
          NodeDef* const w = Find("weights", m);
          w->mutable_attr()->erase("_output_shapes");
          (*w->mutable_attr())["shape"].mutable_shape()->mutable_dim(0)
              ->set_size(number);
        },
        cases);
  }
}

// Nodes.
void AddNodes(Cases* cases) {
  Add("same_name_twice", [](auto* m) { AddNode("weights", "NoOp", {}, m); }, cases);
  Add("same_name_other_case", [](auto* m) { AddNode("Weights", "NoOp", {}, m); },
      cases);
  int count = 0;
  for (const std::string& name :
       {std::string(), std::string(" "), std::string("/"), std::string("a//b"),
        std::string("\xff\xfe"), std::string("a\0b", 3), std::string("^a"),
        std::string("a:0"), std::string(1 << 20, 'n')}) {
    Add(absl::StrCat("node_name_", count), [&](auto* m) {
          AddNode(name, "NoOp", {}, m);
        }, cases);
    Add(absl::StrCat("op_name_", count++),
        [&](auto* m) { AddNode("n", name, {}, m); }, cases);
  }
  // Every prefix of such a name is the name of a scope.
  std::string scopes;
  for (int i = 0; i < 100000; ++i) scopes += "a/";
  Add("node_name_of_scopes",
      [&](auto* m) { AddNode(scopes + "a", "NoOp", {}, m); }, cases);
  Add("device", [](auto* m) { Find("weights", m)->set_device("/cpu:-1:x"); }, cases);
  Add("device_number",
      [](auto* m) { Find("weights", m)->set_device("/device:CPU:99999999999999"); },
      cases);
  Add("colocated_with_itself",
      [](auto* m) {
        (*Find("weights", m)->mutable_attr())["_class"].mutable_list()->add_s(
            "loc:@weights");
      },
      cases);
  Add("colocated_with_nothing",
      [](auto* m) {
        (*Find("weights", m)->mutable_attr())["_class"].mutable_list()->add_s(
            "loc:@nothing");
      },
      cases);
  Add("no_attrs", [](auto* m) { Find("weights", m)->mutable_attr()->clear(); },
      cases);
  Add("attr_of_other_kind",
      [](auto* m) { (*Find("weights", m)->mutable_attr())["dtype"].set_i(1); },
      cases);
  for (const int dtype : {-1, 0, 24, 100, 101, 199, 1000, INT32_MAX}) {
    Add(absl::StrCat("dtype_", dtype),
        [=](auto* m) {
          (*Find("weights", m)->mutable_attr())["dtype"].set_type(
              static_cast<DataType>(dtype));
        },
        cases);
    Add(absl::StrCat("const_dtype_", dtype),
        [=](auto* m) { AddConst("k", static_cast<DataType>(dtype), {2}, m); },
        cases);
  }
  Add("content_too_short",
      [](auto* m) {
        (*AddConst("a", DT_FLOAT, {2}, m)->mutable_attr())["value"]
            .mutable_tensor()->set_tensor_content("abc");
      },
      cases);
  Add("string_content",
      [](auto* m) {
        (*AddConst("a", DT_STRING, {2}, m)->mutable_attr())["value"]
            .mutable_tensor()->set_tensor_content("\xff\xff\xff\xff\x0f" "a");
      },
      cases);
  Add("output_shapes_too_many",
      [](auto* m) {
        for (int i = 0; i < 100; ++i) {
          (*Find("weights", m)->mutable_attr())["_output_shapes"].mutable_list()
              ->add_shape();
        }
      },
      cases);
  Add("chain_of_30000",
      [](auto* m) {
        std::string last = "weights/read";
        for (int i = 0; i < 30000; ++i) {
          const std::string name = absl::StrCat("chain", i);
          AddNode(name, "Identity", {last}, m);
          last = name;
        }
        Find("save/restore_all", m)->add_input("^" + last);
      },
      cases);
  Add("library",
      [](auto* m) {
        FunctionDef* const f =
            m->mutable_graph_def()->mutable_library()->add_function();
        f->mutable_signature()->set_name("f");
        OpDef::ArgDef* const out = f->mutable_signature()->add_output_arg();
        out->set_name("y");
        out->set_type_attr("T");
        out->set_number_attr("N");
        NodeDef* const node = AddNode("call", "f", {}, m);
        (*node->mutable_attr())["N"].set_i(int64_t{1} << 40);
      },
      cases);
  Add("op_list",
      [](auto* m) {
        OpDef* const op = m->mutable_meta_info_def()
                              ->mutable_stripped_op_list()->add_op();
        op->set_name("Strange");
        OpDef::ArgDef* const out = op->add_output_arg();
        out->set_type_attr("T");
        out->set_number_attr("N");
        NodeDef* const node = AddNode("strange", "Strange", {}, m);
        (*node->mutable_attr())["N"].set_i(int64_t{1} << 40);
      },
      cases);
}

// The SaverDef, versions and collections.
void AddRest(Cases* cases) {
  int count = 0;
  for (const std::string& name :
       {std::string(), std::string(":0"), std::string("nothing:0"),
        std::string("weights"), std::string("weights:7"), std::string("save/Const:1"),
        std::string("^weights"), std::string("\xff")}) {
    Add(absl::StrCat("filename_tensor_", count),
        [&](auto* m) {
          m->mutable_saver_def()->set_filename_tensor_name(name);
        },
        cases);
    Add(absl::StrCat("restore_op_", count),
        [&](auto* m) { m->mutable_saver_def()->set_restore_op_name(name); },
        cases);
    Add(absl::StrCat("save_tensor_", count++),
        [&](auto* m) { m->mutable_saver_def()->set_save_tensor_name(name); },
        cases);
  }
  for (const int number : {-1, 0, 3, 77, INT32_MAX, INT32_MIN}) {
    Add(absl::StrCat("saver_version_", number),
        [=](auto* m) {
          m->mutable_saver_def()->set_version(
              static_cast<SaverDef::CheckpointFormatVersion>(number));
        },
        cases);
    Add(absl::StrCat("max_to_keep_", number),
        [=](auto* m) { m->mutable_saver_def()->set_max_to_keep(number); },
        cases);
    Add(absl::StrCat("producer_", number),
        [=](auto* m) {
          m->mutable_graph_def()->mutable_versions()->set_producer(number);
        },
        cases);
    Add(absl::StrCat("min_consumer_", number),
        [=](auto* m) {
          m->mutable_graph_def()->mutable_versions()->set_min_consumer(number);
        },
        cases);
  }
  const auto variable = [](MetaGraphDef* m, const std::string& bytes) {
    (*m->mutable_collection_def())["variables"].mutable_bytes_list()->add_value(
        bytes);
  };
  count = 0;
  for (const std::string& bytes :
       {std::string(), std::string("\xff"), std::string(1000, '\x0b'),
        std::string("\x0a\x09weights:0", 11), std::string("\x0a\x07nothing", 9)}) {
    Add(absl::StrCat("variable_def_", count++),
        [&](auto* m) { variable(m, bytes); }, cases);
  }
  for (const char* const key : {"while_context", "cond_context"}) {
    for (const std::string& bytes :
         {std::string("\x0a\x09weights:0", 11), std::string("\xff"), std::string()}) {
      Add(absl::StrCat(key, "_", count++),
          [&](auto* m) {
            (*m->mutable_collection_def())[key].mutable_bytes_list()->add_value(
                bytes);
          },
          cases);
    }
  }
  Add("node_list_of_nothing",
      [](auto* m) {
        (*m->mutable_collection_def())["x"].mutable_node_list()->add_value(
            "nothing:0");
      },
      cases);
  Add("node_list_far",
      [](auto* m) {
        (*m->mutable_collection_def())["x"].mutable_node_list()->add_value(
            "weights:4294967296");
      },
      cases);
  Add("any_of_nothing",
      [](auto* m) {
        (*m->mutable_collection_def())["x"].mutable_any_list()->add_value()
            ->set_type_url("a/b");
      },
      cases);
  Add("collection_name",
      [](auto* m) {
        (*m->mutable_collection_def())["\xff"].mutable_node_list();
      },
      cases);
}

void AddDamaged(uint32_t seed, Cases* cases) {
  const std::string& good = GoodMeta();
  AddBytes("empty", "", cases);
  AddBytes("binary_deep", std::string(300, '\x0b'), cases);
  AddBytes("binary_very_deep", std::string(1000000, '\x0b'), cases);
  const auto repeat = [](const std::string& part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  const std::string deep = "attr { key: \"a\" value { func { ";
  AddBytes("text_deep", "graph_def { node { " + repeat(deep, 40), cases);
  AddBytes("text_very_deep", "graph_def { node { " + repeat(deep, 30000), cases);
  AddBytes("text_closed",
           "graph_def { node { " + repeat(deep, 30000) + repeat("} ", 90002),
           cases);
  AddBytes("text_unknown", "graph_deff { }", cases);
  AddBytes("text_string", "graph_def { node { name: \"", cases);
  AddBytes("text_number",
           "graph_def { versions { producer: 99999999999999999999 } }", cases);
  AddBytes("not_utf8", "graph_def { \xff\xfe }", cases);
  std::mt19937 random(seed);
  for (int i = 0; i < 60; ++i) {
    std::string bytes = good;
    for (unsigned k = 1 + random() % 4; k > 0; --k) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    AddBytes(absl::StrCat("changed_", i), bytes, cases);
  }
  for (int i = 0; i < 20; ++i) {
    AddBytes(absl::StrCat("cut_", i), good.substr(0, random() % good.size()),
             cases);
  }
}

}  // namespace

Cases MetaCases(uint32_t seed) {
  Cases cases;
  AddInputs(&cases);
  AddNodes(&cases);
  AddRest(&cases);
  AddDamaged(seed, &cases);
  return cases;
}

}  // namespace hostile
}  // namespace retrograph
