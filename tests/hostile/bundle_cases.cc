// Lies in the slices, strings, header and files of a V2 checkpoint.
#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "checkpoint/names.h"
#include "checkpoint/tensor_slice.h"
#include "core/crc32c.h"
#include "proto/tensor_bundle.pb.h"
#include "tests/hostile/hostile_files.h"

namespace retrograph {
namespace hostile {
namespace {

BundleEntryProto EntryOf(const Entries& entries, const std::string& key) {
  BundleEntryProto entry;
  entry.ParseFromString(entries.at(key));
  return entry;
}

void SetExtent(int64_t start, int64_t length, TensorSliceProto* slice) {
  TensorSliceProto::Extent* extent = slice->add_extent();
  extent->set_start(start);
  extent->set_length(length);
}

std::string KeyOf(const std::string& slice) {
  return EncodeTensorNameSlice("parts", *TensorSlice::Parse(slice));
}

HostileCase SliceCase(const std::string& name, const Entries& entries) {
  HostileCase c;
  c.name = "v2_slices_" + name;
  c.entry = "parts";
  c.files = BundleFiles(entries, GoodV2().data);
  return c;
}

// The whole entry of p, with other slices.
void AddListCases(Cases* cases) {
  using Slices = std::vector<std::vector<std::pair<int64_t, int64_t>>>;
  constexpr int64_t kMax = INT64_MAX;
  std::vector<std::pair<std::string, Slices>> lists = {
      {"no_extents", {{}}},
      {"one_without_extents", {{{0, 2}}, {}}},
      {"two_dims", {{{0, 2}, {0, 2}}}},
      {"overlapping", {{{0, 3}}, {{2, 2}}}},
      {"same_twice", {{{0, 2}}, {{0, 2}}}},
      {"gap", {{{0, 1}}, {{2, 2}}}},
      {"only_first", {{{0, 2}}}},
      {"beyond", {{{0, 2}}, {{2, 3}}}},
      {"not_stored", {{{0, 1}}, {{1, 3}}}},
      {"empty_slice", {{{0, 0}}, {{0, 2}}, {{2, 2}}}},
      {"whole_as_slice", {{{0, 4}}}},
      {"sum_overflows", {{{kMax, kMax}}, {{0, 2}}}},
      {"end_overflows", {{{2, kMax}}, {{0, 2}}}},
      {"many", Slices(5000, {{0, 2}})},
      {"deep_rank", {std::vector<std::pair<int64_t, int64_t>>(300, {0, 1})}}};
  for (const int64_t number : StrangeNumbers()) {
    lists.push_back({absl::StrCat("start_", number), {{{number, 2}}, {{2, 2}}}});
    lists.push_back(
        {absl::StrCat("length_", number), {{{0, number}}, {{2, 2}}}});
  }
  for (const auto& [name, slices] : lists) {
    Entries entries = GoodV2().entries;
    BundleEntryProto whole = EntryOf(entries, "parts");
    whole.clear_slices();
    for (const auto& extents : slices) {
      TensorSliceProto* const slice = whole.add_slices();
      for (const auto& [start, length] : extents) {
        SetExtent(start, length, slice);
      }
    }
    entries["parts"] = whole.SerializeAsString();
    cases->push_back(SliceCase(name, entries));
  }
}

// The whole tensor is a slice of itself, or a slice has slices.
void AddSelfReferences(Cases* cases) {
  Entries entries = GoodV2().entries;
  BundleEntryProto whole = EntryOf(entries, "parts");
  whole.clear_slices();
  whole.add_slices()->add_extent();
  entries["parts"] = whole.SerializeAsString();
  cases->push_back(SliceCase("full_extent", entries));

  whole.set_size(32);
  entries["parts"] = whole.SerializeAsString();
  cases->push_back(SliceCase("full_extent_sized", entries));

  entries = GoodV2().entries;
  BundleEntryProto part = EntryOf(entries, KeyOf("0,2"));
  SetExtent(0, 1, part.add_slices());
  entries[KeyOf("0,2")] = part.SerializeAsString();
  cases->push_back(SliceCase("slice_of_a_slice", entries));
  // Its own bytes count, so this is harmless.

  entries = GoodV2().entries;
  BundleEntryProto plain = EntryOf(entries, "weights");
  SetExtent(0, 1, plain.add_slices());
  SetExtent(1, 1, plain.add_slices());
  entries["weights"] = plain.SerializeAsString();
  HostileCase c = SliceCase("of_a_whole_tensor", entries);
  c.entry = "weights";
  cases->push_back(std::move(c));
}

void AddPartCases(Cases* cases) {
  const auto add = [cases](const std::string& name, const auto& change) {
    Entries entries = GoodV2().entries;
    BundleEntryProto part = EntryOf(entries, KeyOf("0,2"));
    change(&part);
    entries[KeyOf("0,2")] = part.SerializeAsString();
    cases->push_back(SliceCase(name, entries));
  };
  add("part_dtype", [](auto* e) { e->set_dtype(DT_DOUBLE); });
  add("part_string", [](auto* e) { e->set_dtype(DT_STRING); });
  add("part_resource", [](auto* e) { e->set_dtype(DT_RESOURCE); });
  add("part_shape", [](auto* e) {
    e->mutable_shape()->mutable_dim(0)->set_size(1);
    e->set_size(8);
  });
  add("part_larger", [](auto* e) {
    e->mutable_shape()->mutable_dim(0)->set_size(4);
    e->set_size(32);
    e->set_offset(0);
  });
  add("part_rank", [](auto* e) { e->mutable_shape()->add_dim()->set_size(1); });
  add("part_negative", [](auto* e) {
    e->mutable_shape()->mutable_dim(0)->set_size(-2);
  });
  Entries entries = GoodV2().entries;
  entries.erase(KeyOf("2,2"));
  cases->push_back(SliceCase("part_missing", entries));
  entries = GoodV2().entries;
  entries.erase("parts");
  cases->push_back(SliceCase("whole_missing", entries));
  // Parts that share their bytes: together they are larger than the file.
  entries = GoodV2().entries;
  BundleEntryProto whole = EntryOf(entries, "parts");
  BundleEntryProto part = EntryOf(entries, KeyOf("0,2"));
  whole.clear_slices();
  whole.mutable_shape()->mutable_dim(0)->set_size(20000);
  for (int i = 0; i < 10000; ++i) {
    SetExtent(2 * i, 2, whole.add_slices());
    entries[KeyOf(absl::StrCat(2 * i, ",2"))] = part.SerializeAsString();
  }
  entries["parts"] = whole.SerializeAsString();
  cases->push_back(SliceCase("parts_share_bytes", entries));
  cases->back().any_value = true;
}

}  // namespace

Cases BundleSliceCases() {
  Cases cases;
  AddListCases(&cases);
  AddSelfReferences(&cases);
  AddPartCases(&cases);
  return cases;
}

namespace {

HostileCase HeaderCase(const std::string& name, const std::string& header) {
  HostileCase c;
  c.name = "v2_header_" + name;
  Entries entries = GoodV2().entries;
  entries[""] = header;
  c.files = BundleFiles(entries, GoodV2().data);
  return c;
}

void AddHeaderFieldCases(Cases* cases) {
  BundleHeaderProto good;
  good.ParseFromString(GoodV2().entries.at(""));
  const auto add = [&](const std::string& name, const auto& change) {
    BundleHeaderProto header = good;
    change(&header);
    cases->push_back(HeaderCase(name, header.SerializeAsString()));
  };
  for (const int64_t number : StrangeNumbers()) {
    const int32_t small = static_cast<int32_t>(number);
    if (small != number) continue;
    add(absl::StrCat("num_shards_", number),
        [&](auto* h) { h->set_num_shards(small); });
    add(absl::StrCat("producer_", number),
        [&](auto* h) { h->mutable_version()->set_producer(small); });
    add(absl::StrCat("min_consumer_", number),
        [&](auto* h) { h->mutable_version()->set_min_consumer(small); });
    add(absl::StrCat("bad_consumer_", number),
        [&](auto* h) { h->mutable_version()->add_bad_consumers(small); });
  }
  for (const int endianness : {2, -1, 77}) {
    add(absl::StrCat("endianness_", endianness), [&](auto* h) {
      h->set_endianness(static_cast<BundleHeaderProto::Endianness>(endianness));
    });
  }
  int count = 0;
  for (const std::string& bytes :
       {std::string(), std::string("\xff\xff\xff"), std::string("\x08"),
        std::string("\x1a\x7f"), std::string(200, '\x0b'),
        std::string(200000, '\x0b')}) {
    cases->push_back(HeaderCase(absl::StrCat("bytes_", count++), bytes));
  }
}

// A file that says it is of a big-endian machine is read as one.
void AddBigEndian(Cases* cases) {
  BundleHeaderProto header;
  header.ParseFromString(GoodV2().entries.at(""));
  header.set_endianness(BundleHeaderProto::BIG);
  HostileCase c = HeaderCase("endianness_big", header.SerializeAsString());
  for (const auto& [name, value] : GoodValues()) {
    if (!IsPodType(value.dtype()) || value.num_elements() == 0) continue;
    Tensor swapped = value;
    char* const bytes = static_cast<char*>(swapped.mutable_data());
    size_t width = static_cast<size_t>(DataTypeSize(value.dtype()));
    if (IsComplexType(value.dtype())) width /= 2;
    for (size_t i = 0; i < swapped.bytes(); i += width) {
      std::reverse(bytes + i, bytes + i + width);
    }
    c.also_right[name] = swapped;
  }
  cases->push_back(std::move(c));
}

void AddFileCases(Cases* cases) {
  const auto good = BundleFiles(GoodV2().entries, GoodV2().data);
  const std::string index = MetaFilename("m");
  const std::string data = DataFilename("m", 0, 1);
  const auto add = [&](const std::string& name, const auto& change) {
    HostileCase c;
    c.name = "v2_files_" + name;
    c.files = good;
    change(&c.files);
    cases->push_back(std::move(c));
  };
  add("no_data", [&](auto* f) { f->erase(data); });
  add("empty_data", [&](auto* f) { (*f)[data] = ""; });
  add("short_data", [&](auto* f) { (*f)[data].resize(5); });
  add("data_is_folder", [&](auto* f) {
    f->erase(data);
    (*f)[data + "/"] = "";
  });
  add("empty_index", [&](auto* f) { (*f)[index] = ""; });
  add("text_index", [&](auto* f) { (*f)[index] = std::string(100, 'x'); });
  add("index_is_folder", [&](auto* f) {
    f->erase(index);
    (*f)[index + "/"] = "";
  });
  add("zeros_index", [&](auto* f) { (*f)[index] = std::string(5000, '\0'); });
  add("data_as_index", [&](auto* f) { (*f)[index] = (*f)[data]; });
  add("index_as_data", [&](auto* f) { (*f)[data] = (*f)[index]; });
  Entries entries = GoodV2().entries;
  entries.erase("");
  add("no_header", [&](auto* f) { (*f)[index] = TableOf(entries); });
  add("no_entries", [&](auto* f) { (*f)[index] = TableOf({}); });
  entries = {{"", GoodV2().entries.at("")}};
  add("only_header", [&](auto* f) { (*f)[index] = TableOf(entries); });
}

}  // namespace

Cases BundleHeaderCases() {
  Cases cases;
  AddHeaderFieldCases(&cases);
  AddBigEndian(&cases);
  AddFileCases(&cases);
  return cases;
}

namespace {

// The data file with other bytes for s, as its entry says. `lengths` are
// written as they are; their checksum, and that of the whole, fit them.
HostileCase StringCase(const std::string& name, const std::string& raw_lengths,
                       const std::vector<uint64_t>& lengths,
                       const std::string& bytes, int64_t count) {
  std::string checked;
  for (const uint64_t length : lengths) {
    const size_t width = length <= UINT32_MAX ? 4 : 8;
    checked.append(reinterpret_cast<const char*>(&length), width);
  }
  uint32_t crc = crc32c::Value(checked);
  std::string masked;
  AppendFixed32(&masked, crc32c::Mask(crc));
  crc = crc32c::Extend(crc32c::Extend(crc, masked), bytes);

  HostileCase c;
  c.name = "v2_strings_" + name;
  c.entry = "strings";
  Entries entries = GoodV2().entries;
  std::string data = GoodV2().data;
  BundleEntryProto entry = EntryOf(entries, "strings");
  entry.set_offset(static_cast<int64_t>(data.size()));
  data += raw_lengths + masked + bytes;
  entry.set_size(static_cast<int64_t>(data.size()) - entry.offset());
  entry.clear_shape();
  entry.mutable_shape()->add_dim()->set_size(count);
  entry.set_crc32c(crc32c::Mask(crc));
  entries["strings"] = entry.SerializeAsString();
  c.files = BundleFiles(entries, data);
  return c;
}

std::string Varints(const std::vector<uint64_t>& numbers) {
  std::string bytes;
  for (const uint64_t number : numbers) AppendVarint64(&bytes, number);
  return bytes;
}

}  // namespace

Cases BundleStringCases() {
  Cases cases;
  for (const int64_t number : StrangeNumbers()) {
    const uint64_t length = static_cast<uint64_t>(number);
    cases.push_back(StringCase(absl::StrCat("length_", number),
                               Varints({5, length, 3}), {5, length, 3},
                               "hellowor", 3));
  }
  const std::string overlong(11, '\xff');
  cases.push_back(StringCase("overlong", overlong, {5}, "hello", 1));
  cases.push_back(StringCase("endless", std::string(500, '\x80'), {5}, "", 1));
  cases.push_back(StringCase("none", "", {}, "", 3));
  cases.push_back(
      StringCase("fewer_lengths", Varints({5}), {5}, "hello", 1000000));
  cases.push_back(StringCase("all_of_the_file", Varints({1u << 30, 1u << 30}),
                             {1u << 30, 1u << 30}, "x", 2));
  // Many empty strings: a file of a megabyte asks for 32 of them.
  HostileCase c = StringCase("many_empty", std::string(1 << 20, '\0'),
                             std::vector<uint64_t>(1 << 20, 0), "", 1 << 20);
  c.also_right["strings"] = Tensor(DT_STRING, TensorShape({1 << 20}));
  cases.push_back(std::move(c));
  c = StringCase("padded_length", std::string("\x85\x80\x00", 3), {5}, "hello",
                 1);
  c.also_right["strings"] = Tensor::Vector<std::string>({"hello"});
  cases.push_back(std::move(c));
  return cases;
}

}  // namespace hostile
}  // namespace retrograph
