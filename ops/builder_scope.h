// BuilderScope: the name scope that a function made of several ops opens, under
// a name that a user may have given; a bad one is the builder's error.
#ifndef RETROGRAPH_OPS_BUILDER_SCOPE_H_
#define RETROGRAPH_OPS_BUILDER_SCOPE_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "graph/builder.h"

namespace retrograph {

class BuilderScope {
 public:
  BuilderScope(GraphBuilder& b, absl::string_view name) : graph_(b.graph()) {
    auto entered = graph_->EnterNameScope(name);
    entered_ = entered.ok();
    full_name_ = b.Take(std::move(entered));
  }
  ~BuilderScope() {
    if (entered_) graph_->ExitNameScope();
  }
  BuilderScope(const BuilderScope&) = delete;
  BuilderScope& operator=(const BuilderScope&) = delete;
  // "a/b/": the name of the scope's last op, taken as it is.
  const std::string& full_name() const { return full_name_; }

 private:
  Graph* graph_;
  bool entered_ = false;
  std::string full_name_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_BUILDER_SCOPE_H_
