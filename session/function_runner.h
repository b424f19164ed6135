// How functions of a graph's library are executed: as a session executes a
// graph, by a plan, on the calling thread.
#ifndef RETROGRAPH_SESSION_FUNCTION_RUNNER_H_
#define RETROGRAPH_SESSION_FUNCTION_RUNNER_H_

namespace retrograph {

// Installs it for ops/function.h. Every session does.
void InstallFunctionRunner();

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_FUNCTION_RUNNER_H_
