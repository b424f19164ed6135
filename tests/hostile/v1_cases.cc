// Lies in the list of tensors and the records of a V1 checkpoint.
#include <functional>

#include "absl/strings/str_cat.h"
#include "checkpoint/tensor_slice.h"
#include "proto/saved_tensor_slice.pb.h"
#include "tests/hostile/hostile_files.h"

namespace retrograph {
namespace hostile {
namespace {

std::string KeyOf(const std::string& tensor, const std::string& slice) {
  return EncodeTensorNameSlice(tensor, *TensorSlice::Parse(slice));
}

void Add(const std::string& name, const std::string& entry,
         const Entries& entries, Cases* cases) {
  HostileCase c;
  c.kind = Kind::kV1;
  c.name = "v1_" + name;
  c.entry = entry;
  c.files = {{"m", TableOf(entries)}};
  cases->push_back(std::move(c));
}

using ListChange = std::function<void(SavedTensorSliceMeta*)>;
void AddList(const std::string& name, const std::string& entry,
             const ListChange& change, Cases* cases) {
  Entries entries = GoodV1();
  SavedTensorSlices list;
  list.ParseFromString(entries.at(""));
  change(list.mutable_meta());
  entries[""] = list.SerializeAsString();
  Add("list_" + name, entry, entries, cases);
}

SavedSliceMeta* Find(SavedTensorSliceMeta* meta, const std::string& name) {
  for (SavedSliceMeta& tensor : *meta->mutable_tensor()) {
    if (tensor.name() == name) return &tensor;
  }
  return nullptr;
}

using RecordChange = std::function<void(SavedSlice*)>;
void AddRecord(const std::string& name, const std::string& entry,
               const std::string& key, const RecordChange& change,
               Cases* cases) {
  Entries entries = GoodV1();
  SavedTensorSlices record;
  record.ParseFromString(entries.at(key));
  change(record.mutable_data());
  entries[key] = record.SerializeAsString();
  Add("record_" + name, entry, entries, cases);
}

void AddShapes(Cases* cases) {
  for (const char* const name : {"weights", "strings", "parts", "matrix"}) {
    for (const int64_t number : StrangeNumbers()) {
      AddList(absl::StrCat(name, "_dim_", number), name,
              [&](SavedTensorSliceMeta* meta) {
                Find(meta, name)->mutable_shape()->mutable_dim(0)->set_size(
                    number);
              },
              cases);
      cases->back().any_value = number == 0;  // no values are fine then
    }
    AddList(absl::StrCat(name, "_unknown_rank"), name,
            [&](SavedTensorSliceMeta* meta) {
              Find(meta, name)->mutable_shape()->set_unknown_rank(true);
            },
            cases);
    for (const int rank : {0, 3, 254, 255, 100000}) {
      AddList(absl::StrCat(name, "_rank_", rank), name,
              [&](SavedTensorSliceMeta* meta) {
                TensorShapeProto* const shape =
                    Find(meta, name)->mutable_shape();
                shape->clear_dim();
                for (int i = 0; i < rank; ++i) shape->add_dim()->set_size(1);
              },
              cases);
    }
    for (int dtype = -1; dtype <= 24; ++dtype) {
      AddList(absl::StrCat(name, "_dtype_", dtype), name,
              [&](SavedTensorSliceMeta* meta) {
                Find(meta, name)->set_type(static_cast<DataType>(dtype));
              },
              cases);
    }
  }
}

void AddSlices(Cases* cases) {
  for (const int64_t number : StrangeNumbers()) {
    AddList(absl::StrCat("p_start_", number), "parts",
            [&](SavedTensorSliceMeta* meta) {
              Find(meta, "parts")->mutable_slice(1)->mutable_extent(0)->set_start(
                  number);
            },
            cases);
    AddList(absl::StrCat("p_length_", number), "parts",
            [&](SavedTensorSliceMeta* meta) {
              Find(meta, "parts")->mutable_slice(1)->mutable_extent(0)->set_length(
                  number);
            },
            cases);
  }
  AddList("p_no_slices", "parts",
          [](SavedTensorSliceMeta* meta) { Find(meta, "parts")->clear_slice(); },
          cases);
  AddList("p_no_extents", "parts",
          [](SavedTensorSliceMeta* meta) {
            Find(meta, "parts")->mutable_slice(0)->clear_extent();
          },
          cases);
  AddList("p_slice_twice", "parts",
          [](SavedTensorSliceMeta* meta) {
            SavedSliceMeta* const p = Find(meta, "parts");
            *p->add_slice() = p->slice(0);
          },
          cases);
  AddList("p_whole_too", "parts",
          [](SavedTensorSliceMeta* meta) {
            Find(meta, "parts")->add_slice()->add_extent();
          },
          cases);
}

void AddLists(Cases* cases) {
  AddList("w_twice", "weights",
          [](SavedTensorSliceMeta* meta) {
            *meta->add_tensor() = *Find(meta, "weights");
          },
          cases);
  AddList("w_twice_other_shape", "weights",
          [](SavedTensorSliceMeta* meta) {
            SavedSliceMeta* const w = meta->add_tensor();
            *w = *Find(meta, "weights");
            w->mutable_shape()->add_dim()->set_size(1);
          },
          cases);
  AddList("w_renamed", "weights",
          [](SavedTensorSliceMeta* meta) { Find(meta, "weights")->set_name("x"); },
          cases);
  AddList("w_no_name", "weights",
          [](SavedTensorSliceMeta* meta) { Find(meta, "weights")->clear_name(); },
          cases);
  AddList("w_long_name", "",
          [](SavedTensorSliceMeta* meta) {
            meta->add_tensor()->set_name(std::string(1 << 20, 'n'));
          },
          cases);
  for (const int version : {-1, 0, 2, 99, INT32_MAX, INT32_MIN}) {
    AddList(absl::StrCat("producer_", version), "",
            [=](SavedTensorSliceMeta* meta) {
              meta->mutable_versions()->set_producer(version);
            },
            cases);
    AddList(absl::StrCat("min_consumer_", version), "",
            [=](SavedTensorSliceMeta* meta) {
              meta->mutable_versions()->set_min_consumer(version);
            },
            cases);
  }
  int count = 0;
  for (const std::string& bytes :
       {std::string(), std::string("\xff\xff"), std::string(200, '\x0b'),
        std::string(100000, '\x0b'), std::string("\x0a\x7f"),
        std::string("\x12\x00", 2)}) {
    Entries entries = GoodV1();
    entries[""] = bytes;
    Add(absl::StrCat("list_bytes_", count), "", entries, cases);
    entries = GoodV1();
    entries[KeyOf("weights", "-")] = bytes;
    Add(absl::StrCat("record_bytes_", count++), "weights", entries, cases);
  }
  Entries entries = GoodV1();
  entries.erase("");
  Add("no_list", "", entries, cases);
  entries = GoodV1();
  entries.erase(KeyOf("weights", "-"));
  Add("no_record", "weights", entries, cases);
  entries = GoodV1();
  entries[KeyOf("parts", "0,2")] = entries.at(KeyOf("weights", "-"));
  Add("record_of_another", "parts", entries, cases);
}

void AddRecords(Cases* cases) {
  const std::string w = KeyOf("weights", "-");
  AddRecord("too_few", "weights", w,
            [](SavedSlice* s) {
              s->mutable_data()->mutable_float_val()->RemoveLast();
            },
            cases);
  AddRecord("none", "weights", w, [](SavedSlice* s) { s->clear_data(); }, cases);
  AddRecord("too_many", "weights", w,
            [](SavedSlice* s) { s->mutable_data()->add_float_val(9); }, cases);
  AddRecord("other_field", "weights", w,
            [](SavedSlice* s) {
              s->mutable_data()->clear_float_val();
              s->mutable_data()->add_int_val(1);
              s->mutable_data()->add_int_val(2);
            },
            cases);
  AddRecord("content", "weights", w,
            [](SavedSlice* s) {
              s->mutable_data()->clear_float_val();
              s->mutable_data()->set_tensor_content("12345678");
            },
            cases);
  AddRecord("few_strings", "strings", KeyOf("strings", "-"),
            [](SavedSlice* s) {
              s->mutable_data()->mutable_string_val()->RemoveLast();
            },
            cases);
  AddRecord("half_a_complex", "complexes", KeyOf("complexes", "-"),
            [](SavedSlice* s) {
              s->mutable_data()->mutable_scomplex_val()->RemoveLast();
            },
            cases);
  AddRecord("few_in_slice", "parts", KeyOf("parts", "0,2"),
            [](SavedSlice* s) {
              s->mutable_data()->mutable_int64_val()->RemoveLast();
            },
            cases);
  // The shape that stands in a record does not count: these are harmless.
  for (const int64_t number : StrangeNumbers()) {
    AddRecord(absl::StrCat("shape_", number), "weights", w,
              [=](SavedSlice* s) {
                TensorProto* const data = s->mutable_data();
                data->mutable_tensor_shape()->add_dim()->set_size(number);
                data->set_dtype(DT_STRING);
              },
              cases);
  }
}

void AddFiles(Cases* cases) {
  const auto add = [cases](const std::string& name, const std::string& path,
                           const std::string& bytes) {
    HostileCase c;
    c.kind = Kind::kV1;
    c.name = "v1_file_" + name;
    c.files = {{path, bytes}};
    cases->push_back(std::move(c));
  };
  add("empty", "m", "");
  add("text", "m", std::string(100, 'x'));
  add("zeros", "m", std::string(5000, '\0'));
  add("folder", "m/", "");
}

}  // namespace

Cases V1Cases() {
  Cases cases;
  AddShapes(&cases);
  AddSlices(&cases);
  AddLists(&cases);
  AddRecords(&cases);
  AddFiles(&cases);
  return cases;
}

}  // namespace hostile
}  // namespace retrograph
