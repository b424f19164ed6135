#include "ops/example_parser.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace retrograph {
namespace {

// Tags of a message's fields with a length.
constexpr char kField1 = 0x0a, kField2 = 0x12, kField3 = 0x1a;
constexpr char kVarintField1 = 0x08, kFixed32Field1 = 0x0d;

bool TakeVarint(absl::string_view* in, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 70 && !in->empty(); shift += 7) {
    const uint64_t byte = static_cast<unsigned char>(in->front());
    in->remove_prefix(1);
    if (shift < 64) *value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool TakeByte(absl::string_view* in, char byte) {
  if (in->empty() || in->front() != byte) return false;
  in->remove_prefix(1);
  return true;
}

// A length and as many bytes, all of which must be there.
bool TakeString(absl::string_view* in, absl::string_view* value) {
  uint64_t length = 0;
  if (!TakeVarint(in, &length) || length > in->size()) return false;
  *value = in->substr(0, static_cast<size_t>(length));
  in->remove_prefix(static_cast<size_t>(length));
  return true;
}

// A length and as many bytes, or what there is of them.
bool TakeMessage(absl::string_view* in, absl::string_view* message) {
  uint64_t length = 0;
  if (!TakeVarint(in, &length)) return false;
  const size_t size =
      static_cast<size_t>(std::min<uint64_t>(length, in->size()));
  *message = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

// A field that is not known.
bool SkipField(absl::string_view* in) {
  uint64_t tag = 0, ignored = 0;
  if (!TakeVarint(in, &tag)) return false;
  absl::string_view bytes;
  size_t size = 0;
  switch (tag & 7) {
    case 0:
      return TakeVarint(in, &ignored);
    case 1:
      size = 8;
      break;
    case 2:
      return TakeString(in, &bytes);
    case 5:
      size = 4;
      break;
    default:
      return false;
  }
  if (in->size() < size) return false;
  in->remove_prefix(size);
  return true;
}

bool ParseEntry(absl::string_view entry, NamedFeature* feature) {
  absl::string_view value;
  if (!TakeByte(&entry, kField1) || !TakeString(&entry, &feature->first) ||
      !TakeByte(&entry, kField2) || !TakeString(&entry, &value)) {
    return false;
  }
  feature->second = SerializedFeature(value);
  return entry.empty();
}

bool ParseMap(absl::string_view map, std::vector<NamedFeature>* features) {
  while (!map.empty()) {
    absl::string_view entry;
    NamedFeature feature;
    if (!TakeByte(&map, kField1) || !TakeMessage(&map, &entry) ||
        !ParseEntry(entry, &feature)) {
      return false;
    }
    features->push_back(feature);
  }
  return true;
}

bool Parse(absl::string_view in, std::vector<NamedFeature>* features) {
  while (!in.empty()) {
    if (in.front() != kField1) {
      if (!SkipField(&in)) return false;
      continue;
    }
    in.remove_prefix(1);
    absl::string_view map;
    if (!TakeMessage(&in, &map) || !ParseMap(map, features)) return false;
  }
  return true;
}

// The list in a feature of this kind.
bool TakeList(absl::string_view feature, char kind, absl::string_view* list) {
  return TakeByte(&feature, kind) && TakeMessage(&feature, list);
}

float FloatOf(absl::string_view bytes) {
  uint32_t bits = 0;
  for (int i = 3; i >= 0; --i) {
    bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  }
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace

bool SerializedFeature::GetType(DataType* type) const {
  *type = DT_INVALID;
  if (bytes_.empty()) return true;
  switch (bytes_.front()) {
    case kField1:
      *type = DT_STRING;
      return true;
    case kField2:
      *type = DT_FLOAT;
      return true;
    case kField3:
      *type = DT_INT64;
      return true;
    default:
      return false;
  }
}

bool SerializedFeature::GetValues(std::vector<int64_t>* values) const {
  absl::string_view list;
  if (!TakeList(bytes_, kField3, &list)) return false;
  uint64_t value = 0;
  if (TakeByte(&list, kField1)) {
    absl::string_view packed;
    if (!TakeString(&list, &packed)) return false;
    while (!packed.empty()) {
      if (!TakeVarint(&packed, &value)) return false;
      values->push_back(static_cast<int64_t>(value));
    }
    return true;
  }
  while (!list.empty()) {
    if (!TakeByte(&list, kVarintField1) || !TakeVarint(&list, &value)) {
      return false;
    }
    values->push_back(static_cast<int64_t>(value));
  }
  return true;
}

bool SerializedFeature::GetValues(std::vector<float>* values) const {
  constexpr size_t kSize = sizeof(float);
  absl::string_view list;
  if (!TakeList(bytes_, kField2, &list)) return false;
  if (TakeByte(&list, kField1)) {
    absl::string_view packed;
    if (!TakeString(&list, &packed)) return false;
    for (; packed.size() >= kSize; packed.remove_prefix(kSize)) {
      values->push_back(FloatOf(packed));
    }
    return true;
  }
  while (!list.empty()) {
    if (!TakeByte(&list, kFixed32Field1) || list.size() < kSize) return false;
    values->push_back(FloatOf(list));
    list.remove_prefix(kSize);
  }
  return true;
}

bool SerializedFeature::GetValues(std::vector<std::string>* values) const {
  absl::string_view list;
  if (!TakeList(bytes_, kField1, &list)) return false;
  while (!list.empty()) {
    absl::string_view value;
    if (!TakeByte(&list, kField1) || !TakeString(&list, &value)) return false;
    values->emplace_back(value);
  }
  return true;
}

absl::StatusOr<std::vector<NamedFeature>> ParseExampleFeatures(
    absl::string_view serialized) {
  std::vector<NamedFeature> features;
  if (Parse(serialized, &features)) return features;
  return absl::InvalidArgumentError(absl::StrCat(
      "Could not parse example input, value: '", serialized, "'"));
}

}  // namespace retrograph
