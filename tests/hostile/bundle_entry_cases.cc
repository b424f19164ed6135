// Lies in the fields of a V2 checkpoint's entries.
#include <cstring>
#include <functional>

#include "absl/strings/str_cat.h"
#include "checkpoint/tensor_slice.h"
#include "core/crc32c.h"
#include "proto/tensor_bundle.pb.h"
#include "tests/hostile/hostile_files.h"

namespace retrograph {
namespace hostile {
namespace {

using Change = std::function<void(BundleEntryProto*)>;

// The good bundle with one entry changed. If numbers then lie elsewhere in the
// data, the checksum is put right and those are the right values.
HostileCase WithChange(const std::string& name, const std::string& key,
                       const std::string& tensor, bool fix_checksum,
                       const Change& change) {
  HostileCase c;
  c.name = name;
  c.entry = tensor;
  Entries entries = GoodV2().entries;
  BundleEntryProto entry;
  entry.ParseFromString(entries.at(key));
  change(&entry);
  entries[key] = entry.SerializeAsString();
  const std::string& data = GoodV2().data;
  if (fix_checksum) {
    Entries one = {{key, entries[key]}};
    FixEntryChecksums(data, &one);
    entries[key] = one[key];
    Tensor value(DT_FLOAT, TensorShape({2}));
    if (tensor == "weights" && entry.size() == 8 && entry.offset() >= 0 &&
        entry.offset() <= static_cast<int64_t>(data.size()) - 8) {
      std::memcpy(value.mutable_data(), data.data() + entry.offset(), 8);
      c.also_right["weights"] = value;
    }
  }
  c.files = BundleFiles(entries, data);
  return c;
}

std::string SliceKey(const std::string& name, const std::string& slice) {
  return EncodeTensorNameSlice(name, *TensorSlice::Parse(slice));
}

void AddFieldCases(const std::string& key, const std::string& tensor,
                   const std::string& what, bool fix_checksum, Cases* cases) {
  for (const int64_t number : StrangeNumbers()) {
    const auto add = [&](const char* field, const Change& change) {
      cases->push_back(WithChange(
          absl::StrCat("v2_", what, "_", field, "_", number), key, tensor,
          fix_checksum, change));
    };
    add("offset", [=](BundleEntryProto* e) { e->set_offset(number); });
    add("size", [=](BundleEntryProto* e) { e->set_size(number); });
    add("offset_and_size", [=](BundleEntryProto* e) {
      e->set_offset(number);
      // The sum is 0, without overflow in signed numbers.
      e->set_size(static_cast<int64_t>(-static_cast<uint64_t>(number)));
    });
    const int32_t small = static_cast<int32_t>(number);
    if (small != number || small == 0) continue;
    add("shard", [=](BundleEntryProto* e) { e->set_shard_id(small); });
  }
}

void AddRawCases(const std::string& key, const std::string& tensor,
                 Cases* cases) {
  const std::vector<std::string> values = {
      "", "\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
      std::string("\0", 1), "\x08", "\x12\xff\xff\xff\xff\x0f",
      "\x12\x02\x12", std::string("\x0b", 1), "\x3a\x7f",
      // Groups in groups, deeper than a parser goes.
      std::string(300, '\x0b'), std::string(100000, '\x0b'),
      std::string(4000, '\x08')};
  for (size_t i = 0; i < values.size(); ++i) {
    HostileCase c;
    c.name = absl::StrCat("v2_", tensor, "_bytes_", i);
    c.entry = tensor;
    Entries entries = GoodV2().entries;
    entries[key] = values[i];
    c.files = BundleFiles(entries, GoodV2().data);
    cases->push_back(std::move(c));
  }
}

void AddUnknownFields(Cases* cases) {
  // What a later version might add does no harm.
  HostileCase c;
  c.name = "v2_w_unknown_fields";
  Entries entries = GoodV2().entries;
  entries["weights"] += "\xa2\x06\x03" "abc" "\x98\x06\x07";
  c.files = BundleFiles(entries, GoodV2().data);
  cases->push_back(std::move(c));
}

}  // namespace

Cases BundleEntryCases() {
  Cases cases;
  AddFieldCases("weights", "weights", "weights", /*fix_checksum=*/true, &cases);
  AddFieldCases("strings", "strings", "strings", /*fix_checksum=*/false, &cases);
  AddFieldCases(SliceKey("parts", "2,2"), "parts", "p_slice", /*fix_checksum=*/false,
                &cases);
  for (const uint32_t crc : {0u, 1u, 0xa282ead8u, 0xffffffffu}) {
    for (const char* const key : {"weights", "strings", "empty", "bools"}) {
      cases.push_back(WithChange(
          absl::StrCat("v2_", key, "_crc_", crc), key, key, false,
          [=](BundleEntryProto* e) { e->set_crc32c(crc); }));
    }
  }
  AddRawCases("weights", "weights", &cases);
  AddRawCases(SliceKey("parts", "0,2"), "parts", &cases);
  AddUnknownFields(&cases);
  return cases;
}

namespace {

// An entry's shape, with the good size or the one that the shape would take,
// as far as a 64-bit number holds it.
void AddShapeCases(const std::string& key, Cases* cases) {
  constexpr int64_t kMax = INT64_MAX;
  const std::vector<std::vector<int64_t>> shapes = {
      {-1}, {-2}, {INT64_MIN}, {kMax}, {int64_t{1} << 31}, {int64_t{1} << 32},
      {(int64_t{1} << 32) + 2}, {int64_t{1} << 40}, {int64_t{1} << 60},
      {int64_t{1} << 61}, {int64_t{1} << 62}, {(int64_t{1} << 62) + 2},
      {int64_t{1} << 32, int64_t{1} << 32}, {int64_t{1} << 40, int64_t{1} << 40},
      {3, kMax}, {0, kMax, 3}, {kMax, kMax, 0}, {2, -1}, {-1, -2}, {0}, {1},
      {3}, {4}, {1, 1}, {}, {1000}, std::vector<int64_t>(254, 1),
      std::vector<int64_t>(255, 1), std::vector<int64_t>(100000, 1),
      std::vector<int64_t>(64, 2), std::vector<int64_t>(63, 2)};
  int number = 0;
  for (const auto& dims : shapes) {
    for (const bool fitting_size : {false, true}) {
      const std::string name = absl::StrCat("v2_", key, "_shape_", number,
                                            fitting_size ? "_sized" : "");
      cases->push_back(WithChange(name, key, key, false, [&](auto* e) {
        e->clear_shape();
        uint64_t elements = 1;
        for (const int64_t dim : dims) {
          e->mutable_shape()->add_dim()->set_size(dim);
          elements *= static_cast<uint64_t>(dim);
        }
        if (fitting_size) {
          e->set_size(static_cast<int64_t>(elements * (key == "parts" ? 8 : 4)));
        }
      }));
    }
    ++number;
  }
  // Another shape of as many elements is what the file says.
  const Tensor& good = GoodValues().at(key);
  HostileCase c = WithChange(
      absl::StrCat("v2_", key, "_shape_same_count"), key, key, false,
      [&](BundleEntryProto* e) {
        e->clear_shape();
        e->mutable_shape()->add_dim()->set_size(1);
        e->mutable_shape()->add_dim()->set_size(good.num_elements());
      });
  if (key != "parts") {
    c.also_right[key] = good.Reshaped(TensorShape({1, good.num_elements()}));
  }
  cases->push_back(std::move(c));
  cases->push_back(WithChange(
      absl::StrCat("v2_", key, "_shape_unknown_rank"), key, key, false,
      [](BundleEntryProto* e) {
        e->mutable_shape()->set_unknown_rank(true);
      }));
}

void AddDtypeCases(const std::string& key, Cases* cases) {
  std::vector<int> dtypes = {-1, 1000, INT32_MAX, INT32_MIN};
  for (int i = 0; i <= 24; ++i) dtypes.push_back(i);
  for (const int i : {101, 107, 120, 123}) dtypes.push_back(i);
  const Tensor& good = GoodValues().at(key);
  for (const int number : dtypes) {
    const DataType dtype = static_cast<DataType>(number);
    HostileCase c = WithChange(
        absl::StrCat("v2_", key, "_dtype_", number), key, key, false,
        [=](BundleEntryProto* e) { e->set_dtype(dtype); });
    if (key != "parts" && number >= 0 && number <= 23 && IsPodType(dtype) &&
        dtype != DT_BOOL && good.dtype() != DT_STRING &&
        DataTypeSize(dtype) == DataTypeSize(good.dtype())) {
      c.also_right[key] = good.BitcastTo(dtype);
    }
    cases->push_back(std::move(c));
  }
}

}  // namespace

Cases BundleShapeCases() {
  Cases cases;
  for (const char* const key : {"weights", "strings", "parts"}) AddShapeCases(key, &cases);
  for (const char* const key : {"weights", "strings", "parts", "bools"}) AddDtypeCases(key, &cases);
  // A byte that no bool has.
  HostileCase c = WithChange("v2_b_byte_2", "bools", "bools", false, [](auto*) {});
  Entries entries = GoodV2().entries;
  BundleEntryProto entry;
  entry.ParseFromString(entries.at("bools"));
  std::string data = GoodV2().data;
  data[entry.offset()] = 2;
  FixEntryChecksums(data, &entries);
  entries["strings"] = GoodV2().entries.at("strings");  // of which the bytes are not all
  entries["parts"] = GoodV2().entries.at("parts");
  c.files = BundleFiles(entries, data);
  cases.push_back(std::move(c));
  return cases;
}

}  // namespace hostile
}  // namespace retrograph
