// GoogleTest matchers for absl::Status and absl::StatusOr.
//
//   EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound,
//                                HasSubstr("w2")));
//   EXPECT_OK(saver.Save(...));
//   RG_ASSERT_OK_AND_ASSIGN(std::string prefix, saver.Save(...));
#ifndef RETROGRAPH_CORE_STATUS_MATCHERS_H_
#define RETROGRAPH_CORE_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {

inline const absl::Status& GetStatus(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

class StatusIsMatcher {
 public:
  using is_gtest_matcher = void;

  StatusIsMatcher(absl::StatusCode code,
                  testing::Matcher<const std::string&> message)
      : code_(code), message_(std::move(message)) {}

  template <typename StatusOrStatusOr>
  bool MatchAndExplain(const StatusOrStatusOr& value,
                       testing::MatchResultListener* listener) const {
    const absl::Status& status = GetStatus(value);
    *listener << "which is " << status.ToString();
    return status.code() == code_ &&
           message_.MatchAndExplain(std::string(status.message()), listener);
  }
  void DescribeTo(std::ostream* os) const {
    *os << "has code " << absl::StatusCodeToString(code_)
        << " and a message that ";
    message_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "has another code than " << absl::StatusCodeToString(code_)
        << " or a message that ";
    message_.DescribeNegationTo(os);
  }

 private:
  const absl::StatusCode code_;
  const testing::Matcher<const std::string&> message_;
};

// A status, or a StatusOr, with this code and a message that matches.
inline StatusIsMatcher StatusIs(
    absl::StatusCode code,
    testing::Matcher<const std::string&> message = testing::_) {
  return StatusIsMatcher(code, std::move(message));
}

// ErrorClassName() and the message: PythonErrorIs("ValueError", "No ...").
MATCHER_P2(PythonErrorIs, class_name, message, "") {
  const absl::Status& status = GetStatus(arg);
  *result_listener << "which is " << ErrorClassName(status) << ": "
                   << status.message();
  return ErrorClassName(status) == class_name &&
         testing::Matches(message)(std::string(status.message()));
}

MATCHER(IsOk, "") {
  *result_listener << "which is " << GetStatus(arg).ToString();
  return GetStatus(arg).ok();
}

}  // namespace retrograph

#undef ASSERT_OK
#undef EXPECT_OK
#define ASSERT_OK(expr) ASSERT_THAT(expr, ::retrograph::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT(expr, ::retrograph::IsOk())

#define RG_ASSERT_OK_AND_ASSIGN(lhs, expr) \
  RG_ASSERT_OK_AND_ASSIGN_IMPL_(RG_CONCAT_(rg_statusor_, __LINE__), lhs, expr)
#define RG_ASSERT_OK_AND_ASSIGN_IMPL_(var, lhs, expr) \
  auto var = (expr);                                  \
  ASSERT_OK(var);                                     \
  lhs = *std::move(var)

#endif  // RETROGRAPH_CORE_STATUS_MATCHERS_H_
