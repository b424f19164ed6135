#include "core/errors.h"

#include "absl/status/statusor.h"
#include "core/status_matchers.h"

namespace retrograph {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ErrorsTest, CodeNamesTheClassUnlessTheStatusCarriesOne) {
  EXPECT_EQ(ErrorClassName(absl::OkStatus()), "");
  EXPECT_EQ(ErrorClassName(absl::NotFoundError("x")), "NotFoundError");
  EXPECT_EQ(ErrorClassName(absl::DataLossError("x")), "DataLossError");
  EXPECT_EQ(ErrorClassName(absl::InvalidArgumentError("x")),
            "InvalidArgumentError");
  EXPECT_EQ(ErrorClassName(ValueError("x")), "ValueError");
  EXPECT_EQ(ErrorClassName(PythonError("InaccessibleTensorError",
                                       absl::StatusCode::kInternal, "x")),
            "InaccessibleTensorError");
}

TEST(ErrorsTest, PythonErrorsHaveTheNearestCodeAndTheBareMessage) {
  const struct {
    absl::Status status;
    absl::StatusCode code;
    const char* name;
  } kCases[] = {
      {ValueError("m"), absl::StatusCode::kInvalidArgument, "ValueError"},
      {TypeError("m"), absl::StatusCode::kInvalidArgument, "TypeError"},
      {KeyError("m"), absl::StatusCode::kNotFound, "KeyError"},
      {LookupError("m"), absl::StatusCode::kNotFound, "LookupError"},
      {RuntimeError("m"), absl::StatusCode::kFailedPrecondition,
       "RuntimeError"},
      {AttributeError("m"), absl::StatusCode::kNotFound, "AttributeError"},
      {AssertionError("m"), absl::StatusCode::kInternal, "AssertionError"},
      {NotImplementedError("m"), absl::StatusCode::kUnimplemented,
       "NotImplementedError"},
      {OSError("m"), absl::StatusCode::kUnknown, "OSError"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(c.status, StatusIs(c.code, "m"));
    EXPECT_THAT(c.status, PythonErrorIs(c.name, "m"));
  }
}

TEST(ErrorsTest, CodeNamesAreTensorFlows) {
  EXPECT_EQ(ErrorCodeName(absl::StatusCode::kNotFound), "NOT_FOUND");
  EXPECT_EQ(ErrorCodeName(absl::StatusCode::kDataLoss), "DATA_LOSS");
  EXPECT_EQ(ErrorCodeName(absl::StatusCode::kOk), "OK");
  EXPECT_EQ(ErrorCodeName(static_cast<absl::StatusCode>(99)), "UNKNOWN");
}

TEST(ErrorsTest, HintAndOpNameAreNoPartOfTheMessage) {
  absl::Status status = absl::NotFoundError("Key w2 not found in checkpoint");
  EXPECT_EQ(ErrorHint(status), "");
  SetErrorHint(&status, "did you mean w1?");
  SetErrorOpName(&status, "save/RestoreV2");
  EXPECT_EQ(status.message(), "Key w2 not found in checkpoint");
  EXPECT_EQ(ErrorHint(status), "did you mean w1?");
  EXPECT_EQ(ErrorOpName(status), "save/RestoreV2");
  SetErrorHint(&status, "");
  EXPECT_EQ(ErrorHint(status), "");
}

TEST(ErrorsTest, WithMessageKeepsCodeAndPayloads) {
  absl::Status status = ValueError("old");
  SetErrorHint(&status, "hint");
  const absl::Status renamed = WithMessage(status, "new");
  EXPECT_THAT(renamed, StatusIs(absl::StatusCode::kInvalidArgument, "new"));
  EXPECT_EQ(ErrorClassName(renamed), "ValueError");
  EXPECT_EQ(ErrorHint(renamed), "hint");
  EXPECT_OK(WithMessage(absl::OkStatus(), "new"));
}

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) return ValueError("odd");
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  RG_ASSIGN_OR_RETURN(const int half, Half(n));
  RG_ASSIGN_OR_RETURN(int quarter, Half(half));
  RG_RETURN_IF_ERROR(absl::OkStatus());
  return quarter;
}

TEST(ErrorsTest, MacrosReturnTheFirstError) {
  RG_ASSERT_OK_AND_ASSIGN(const int two, Quarter(8));
  EXPECT_EQ(two, 2);
  EXPECT_THAT(Quarter(6), PythonErrorIs("ValueError", "odd"));
  EXPECT_THAT(Quarter(6), Not(IsOk()));
}

TEST(StatusMatchersTest, StatusIsSaysWhatIsWrong) {
  const absl::Status status = absl::NotFoundError("Key w2");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, HasSubstr("w2")));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kDataLoss)));
  EXPECT_THAT(status,
              Not(StatusIs(absl::StatusCode::kNotFound, HasSubstr("w3"))));
  testing::StringMatchResultListener listener;
  EXPECT_FALSE(testing::ExplainMatchResult(
      StatusIs(absl::StatusCode::kDataLoss), status, &listener));
  EXPECT_THAT(listener.str(), HasSubstr("NOT_FOUND: Key w2"));
}

}  // namespace
}  // namespace retrograph
