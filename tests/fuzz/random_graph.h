// A graph that a row of choices makes: any registered op, with inputs of the
// right types but any shape and value, and any attrs. What the graph refuses is
// left out.
#ifndef RETROGRAPH_TESTS_FUZZ_RANDOM_GRAPH_H_
#define RETROGRAPH_TESTS_FUZZ_RANDOM_GRAPH_H_

#include <memory>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "tests/fuzz/input.h"

namespace retrograph {
namespace fuzz {

class RandomGraph {
 public:
  explicit RandomGraph(FuzzInput* input);

  // Adds nodes until the choices end, some dozens at most.
  void Grow();
  const std::shared_ptr<Graph>& graph() const { return graph_; }

 private:
  void AddAnyOp();
  // A tensor of this type: one that there is, or a new constant.
  Output PickTensor(DataType dtype);
  Output PickReference(DataType dtype);
  Output PickHandle();
  Output Constant(DataType dtype);
  AttrValue PickAttr(const OpDef::AttrDef& attr);
  DataType PickType(const OpDef::AttrDef& attr);
  TensorProto PickValue(DataType dtype);
  TensorShapeProto PickShape();
  int64_t PickNumber();
  std::string PickString();
  bool AddInputs(const OpDef::ArgDef& arg, const AttrList& attrs,
                 NodeSpec* spec);
  Operation* Make(NodeSpec spec);

  FuzzInput* const input_;
  const std::shared_ptr<Graph> graph_;
  const std::vector<std::string> op_names_;
  std::vector<Output> tensors_;
};

}  // namespace fuzz
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_FUZZ_RANDOM_GRAPH_H_
