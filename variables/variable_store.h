// Private to variables/: what get_variable remembers of one graph.
//
// The store belongs to the graph and is shared by its threads; the current
// variable scope and the counts of opened scopes are per thread.
#ifndef RETROGRAPH_VARIABLES_VARIABLE_STORE_H_
#define RETROGRAPH_VARIABLES_VARIABLE_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "variables/variable_scope.h"

namespace retrograph {

// The scopes that one thread has open in one graph.
struct VariableScopeStack {
  VariableScopeStack();
  // Innermost last; the first is the root and stays.
  std::vector<std::unique_ptr<VariableScope>> scopes;
  // How often each scope name was opened since its parent was.
  std::map<std::string, int> counts;

  VariableScope* current() { return scopes.back().get(); }
  // Forgets the scopes below `name` (of all for the root's "").
  void CloseSubscopes(const std::string& name);
  // `prefix`, or prefix_N if that scope was opened already.
  std::string UniqueName(const std::string& prefix) const;
};

class VariableStore {
 public:
  // The store of a graph, made when first asked for. It goes some time after
  // the graph does.
  static std::shared_ptr<VariableStore> Of(Graph* graph);

  // This thread's scopes.
  VariableScopeStack* ThisThread();

  // By full name.
  std::map<std::string, std::shared_ptr<Variable>> All() const;

  // get_variable below the scope's defaults: `options` is complete.
  GotVariable Get(GraphBuilder& b, GetVariableOptions options);

 private:
  GotVariable GetWithoutGetter(GraphBuilder& b, GetVariableOptions options);
  std::shared_ptr<Variable> GetSingle(GraphBuilder& b,
                                      const GetVariableOptions& options,
                                      const PartitionInfo* partition);
  std::shared_ptr<Variable> MakeSingle(GraphBuilder& b,
                                       const GetVariableOptions& options,
                                       const PartitionInfo* partition);
  void Regularize(GraphBuilder& b, const GetVariableOptions& options,
                  const Variable& variable);
  std::shared_ptr<PartitionedVariable> GetPartitioned(
      GraphBuilder& b, GetVariableOptions options);
  std::shared_ptr<PartitionedVariable> MakePartitioned(
      GraphBuilder& b, GetVariableOptions options, const TensorShape& shape,
      const std::vector<int>& partitions);
  // Variables named like parts must be all that the partitioner asks for.
  absl::Status CheckExistingParts(const std::string& name, int count) const;
  static Output SliceOfValue(GraphBuilder& b, const Input& value,
                             const SaveSliceInfo& slice, DataType* dtype);

  std::shared_ptr<Variable> Find(const std::string& name) const;
  std::shared_ptr<PartitionedVariable> FindPartitioned(
      const std::string& name) const;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<Variable>> variables_
      ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, std::shared_ptr<PartitionedVariable>>
      partitioned_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<int64_t, std::unique_ptr<VariableScopeStack>> threads_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_VARIABLES_VARIABLE_STORE_H_
