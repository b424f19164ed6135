// How objects in a graph's collections are kept by a meta graph.
//
// A Variable is known to this room. Any other object that a meta graph can keep
// is a CollectionObject that is a MetaGraphItem too: a value of Python's, a
// message kept since its import.
#ifndef RETROGRAPH_SAVER_COLLECTION_OBJECT_H_
#define RETROGRAPH_SAVER_COLLECTION_OBJECT_H_

#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/any.pb.h"
#include "graph/graph.h"

namespace retrograph {

using PlainValue =
    std::variant<std::string, int64_t, double, google::protobuf::Any>;

class MetaGraphItem {
 public:
  virtual ~MetaGraphItem() = default;
  // The value of an object that is one.
  virtual absl::optional<PlainValue> Plain() const { return absl::nullopt; }
  // What collections with messages of their own ("savers") keep: the message,
  // serialised, with names as inside `export_scope`; nullopt if the object is
  // not inside it. AttributeError if the object has no such form.
  virtual absl::StatusOr<absl::optional<std::string>> ToProto(
      absl::string_view export_scope) const = 0;
};

// Bytes, which Python tells from text: what an imported collection holds.
class BytesItem : public CollectionObject, public MetaGraphItem {
 public:
  explicit BytesItem(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string TypeName() const override { return "bytes"; }
  const std::string& bytes() const { return bytes_; }
  absl::optional<PlainValue> Plain() const override { return bytes_; }
  absl::StatusOr<absl::optional<std::string>> ToProto(
      absl::string_view export_scope) const override;

 private:
  const std::string bytes_;
};

// The Python class of an element, for texts: "Tensor", "int", "RefVariable".
std::string PythonTypeName(const CollectionItem& item);

// "'bytes' object has no attribute 'to_proto'".
absl::Status HasNoAttribute(absl::string_view type_name,
                            absl::string_view attribute);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_COLLECTION_OBJECT_H_
