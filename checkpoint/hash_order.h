// The order in which TensorFlow's readers list the tensors of a checkpoint.
//
// get_variable_to_shape_map() hands on a hash table of the C++ library that
// TensorFlow 1.15.5 was linked with (GCC 7's). Its order shows wherever such a
// map is printed, error texts included.
#ifndef RETROGRAPH_CHECKPOINT_HASH_ORDER_H_
#define RETROGRAPH_CHECKPOINT_HASH_ORDER_H_

#include <string>
#include <vector>

#include "checkpoint/checkpoint_reader.h"

namespace retrograph {

// The names, each once, as a std::unordered_map<string, ...> lists them after
// they were put in one by one.
std::vector<std::string> InHashOrder(const std::vector<std::string>& names);

// A checkpoint's tensors in the order in which TensorFlow lists them.
std::vector<std::string> ListedNames(const CheckpointReader& reader);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_HASH_ORDER_H_
