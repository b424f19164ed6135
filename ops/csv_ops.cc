// DecodeCSV: the fields of lines.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/parsing_ops.h"

namespace retrograph {
namespace {

struct CsvOptions {
  char delimiter = ',';
  bool use_quotes = true;
  std::string na_value;
  std::vector<int64_t> columns;  // empty: all

  bool Wants(int64_t column, size_t next) const {
    return columns.empty() ||
           (next < columns.size() && columns[next] == column);
  }
};

class RecordSplitter {
 public:
  RecordSplitter(absl::string_view record, const CsvOptions& options)
      : rest_(record), options_(options) {}

  absl::StatusOr<std::vector<std::string>> Split() {
    std::vector<std::string> fields;
    if (rest_.empty()) return fields;
    for (int64_t column = 0;; ++column) {
      std::string field;
      RG_ASSIGN_OR_RETURN(const bool more, TakeField(&field));
      if (options_.Wants(column, fields.size())) {
        fields.push_back(std::move(field));
      }
      if (!more) return fields;
    }
  }

 private:
  bool StartsWithQuote() const {
    return options_.use_quotes && !rest_.empty() && rest_.front() == '"';
  }
  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // Whether another field follows.
  absl::StatusOr<bool> TakeField(std::string* field) {
    return StartsWithQuote() ? TakeQuoted(field) : TakePlain(field);
  }

  absl::StatusOr<bool> TakePlain(std::string* field) {
    while (!rest_.empty()) {
      const char c = Take();
      if (c == options_.delimiter) return true;
      if (options_.use_quotes && (c == '"' || c == '\n' || c == '\r')) {
        return absl::InvalidArgumentError(
            "Unquoted fields cannot have quotes/CRLFs inside");
      }
      field->push_back(c);
    }
    return false;
  }

  absl::StatusOr<bool> TakeQuoted(std::string* field) {
    Take();
    while (!rest_.empty()) {
      const char c = Take();
      if (c != '"') {
        field->push_back(c);
        continue;
      }
      if (rest_.empty()) return false;
      const char next = Take();
      if (next == options_.delimiter) return true;
      if (next != '"') {
        return absl::InvalidArgumentError(
            "Quote inside a string has to be escaped by another quote");
      }
      field->push_back('"');
    }
    return absl::InvalidArgumentError(
        "Quoted field has to end with quote followed by delim or end");
  }

  absl::string_view rest_;
  const CsvOptions& options_;
};

bool ToNumber(const std::string& text, int32_t* value) {
  return absl::SimpleAtoi(text, value);
}
bool ToNumber(const std::string& text, int64_t* value) {
  return absl::SimpleAtoi(text, value);
}
bool ToNumber(const std::string& text, float* value) {
  return absl::SimpleAtof(text, value);
}
bool ToNumber(const std::string& text, double* value) {
  return absl::SimpleAtod(text, value);
}
bool ToNumber(const std::string& text, std::string* value) {
  *value = text;
  return true;
}

template <typename T>
absl::Status PutField(const std::string& text, bool is_missing,
                      const Tensor& default_value, int64_t record, int field,
                      absl::string_view type, Tensor* out) {
  T& value = out->mutable_flat<T>()[record];
  if (is_missing) {
    if (default_value.num_elements() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("Field ", field, " is required but missing in record ",
                       record, "!"));
    }
    value = default_value.flat<T>()[0];
    return absl::OkStatus();
  }
  if (ToNumber(text, &value)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Field ", field, " in record ", record, " is not a valid ",
                   type, ": ", text));
}

absl::Status PutFieldOfType(const std::string& text, bool is_missing,
                            const Tensor& default_value, int64_t record,
                            int field, Tensor* out) {
  switch (out->dtype()) {
    case DT_INT32:
      return PutField<int32_t>(text, is_missing, default_value, record, field,
                               "int32", out);
    case DT_INT64:
      return PutField<int64_t>(text, is_missing, default_value, record, field,
                               "int64", out);
    case DT_FLOAT:
      return PutField<float>(text, is_missing, default_value, record, field,
                             "float", out);
    case DT_DOUBLE:
      return PutField<double>(text, is_missing, default_value, record, field,
                              "double", out);
    case DT_STRING:
      return PutField<std::string>(text, is_missing, default_value, record,
                                   field, "string", out);
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          "csv: data type ", DataTypeString(out->dtype()),
          " not supported in field ", field));
  }
}

absl::StatusOr<CsvOptions> OptionsOf(const Operation& op) {
  CsvOptions options;
  std::string delimiter;
  RG_RETURN_IF_ERROR(op.GetAttr("field_delim", &delimiter));
  if (delimiter.size() != 1) {
    return absl::InvalidArgumentError("field_delim should be only 1 char");
  }
  options.delimiter = delimiter[0];
  RG_RETURN_IF_ERROR(op.GetAttr("use_quote_delim", &options.use_quotes));
  RG_RETURN_IF_ERROR(op.GetAttr("na_value", &options.na_value));
  RG_RETURN_IF_ERROR(op.GetAttr("select_cols", &options.columns));
  return options;
}

absl::Status DecodeCsv(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const CsvOptions options, OptionsOf(ctx->op()));
  const int num_fields = ctx->op().num_outputs();
  for (int i = 0; i < num_fields; ++i) {
    const Tensor& value = ctx->input(1 + i);
    if (value.num_elements() < 2) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("There should only be 1 default per field but field ", i,
                     " has ", value.num_elements()));
  }
  const Tensor& records = ctx->input(0);
  std::vector<Tensor> outputs;
  for (int i = 0; i < num_fields; ++i) {
    outputs.push_back(ctx->Allocate(ctx->op().output_type(i), records.shape()));
    RG_RETURN_IF_ERROR(ctx->status());
  }
  const auto texts = records.flat<std::string>();
  for (size_t r = 0; r < texts.size(); ++r) {
    RG_ASSIGN_OR_RETURN(const std::vector<std::string> fields,
                        RecordSplitter(texts[r], options).Split());
    if (static_cast<int>(fields.size()) != num_fields) {
      return absl::InvalidArgumentError(
          absl::StrCat("Expect ", num_fields, " fields but have ",
                       fields.size(), " in record ", r));
    }
    for (int f = 0; f < num_fields; ++f) {
      const bool missing =
          fields[f].empty() || fields[f] == options.na_value;
      RG_RETURN_IF_ERROR(PutFieldOfType(fields[f], missing, ctx->input(1 + f),
                                        static_cast<int64_t>(r), f,
                                        &outputs[f]));
    }
  }
  for (int i = 0; i < num_fields; ++i) {
    ctx->set_output(i, std::move(outputs[i]));
  }
  return absl::OkStatus();
}

void DecodeCsvKernel(KernelContext* ctx) { RG_KERNEL_OK(ctx, DecodeCsv(ctx)); }

absl::Status DecodeCsvShape(InferenceContext* c) {
  for (int i = 1; i < c->num_inputs(); ++i) {
    RG_ASSIGN_OR_RETURN(const Shape shape, c->WithRankAtMost(c->input(i), 1));
    if (shape.rank() == 1 && c->Dim(shape, 0) > 1) {
      return absl::InvalidArgumentError(
          "Shape of a default must be a length-0 or length-1 vector, or a "
          "scalar.");
    }
  }
  for (int i = 0; i < c->num_outputs(); ++i) c->set_output(i, c->input(0));
  return absl::OkStatus();
}

}  // namespace

void RegisterCsvOps(OpRegistry* registry) {
  registry->Op("DecodeCSV")
      .Input("records: string")
      .Input("record_defaults: OUT_TYPE")
      .Output("output: OUT_TYPE")
      .Attr("OUT_TYPE: list({float, double, int32, int64, string}) >= 1")
      .Attr("field_delim: string = ','")
      .Attr("use_quote_delim: bool = true")
      .Attr("na_value: string = ''")
      .Attr("select_cols: list(int) = []")
      .Shape(DecodeCsvShape)
      .Kernel({}, StatelessKernel(DecodeCsvKernel));
}

}  // namespace retrograph
