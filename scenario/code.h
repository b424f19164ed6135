// A step of a scenario as the Python line that it stands for.
#ifndef RETROGRAPH_SCENARIO_CODE_H_
#define RETROGRAPH_SCENARIO_CODE_H_

#include <string>

#include "scenario/scenario.pb.h"

namespace retrograph::scenario {

namespace pb = scenario_proto;

// "v0 = tf.Variable(0, name='variable_0')"; of a block its first line, "with
// tf.Graph().as_default() as g1:".
std::string PythonCode(const pb::Step& step);

// The steps inside a block, or null if the step is none.
const google::protobuf::RepeatedPtrField<pb::Step>* NestedSteps(const pb::Step& step);

}  // namespace retrograph::scenario

#endif  // RETROGRAPH_SCENARIO_CODE_H_
