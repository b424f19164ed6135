// MessageItem: an object in a collection that is known by its message alone: a
// control-flow context, a queue runner, a Saver, an Any.
#ifndef RETROGRAPH_SAVER_MESSAGE_ITEM_H_
#define RETROGRAPH_SAVER_MESSAGE_ITEM_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "saver/collection_object.h"

namespace retrograph {

class MessageItem : public CollectionObject, public MetaGraphItem {
 public:
  // The object of an element of the collection `key`, its names moved into
  // `import_scope`. Null if the collection holds no such objects. An error if
  // the bytes are no such message (DecodeError) or name what the graph does not
  // have.
  static absl::StatusOr<std::shared_ptr<CollectionObject>> FromProto(
      const Graph& graph, absl::string_view key, const std::string& bytes,
      absl::string_view import_scope);
  static std::shared_ptr<MessageItem> OfAny(const google::protobuf::Any& any);

  // "CondContext", "WhileContext", "QueueRunner", "Saver", "Any".
  std::string TypeName() const override { return type_name_; }
  absl::optional<std::string> CollectionName() const override { return name_; }
  absl::optional<PlainValue> Plain() const override;
  absl::StatusOr<absl::optional<std::string>> ToProto(
      absl::string_view export_scope) const override;
  // The message, serialised.
  const std::string& bytes() const { return bytes_; }

 private:
  MessageItem(std::string type_name, absl::optional<std::string> name,
              std::string bytes);

  const std::string type_name_;
  const absl::optional<std::string> name_;
  const std::string bytes_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_MESSAGE_ITEM_H_
