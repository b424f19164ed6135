// ParseExample and ParseSingleExample.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/example_parser.h"
#include "ops/kernel.h"
#include "ops/parsing_ops.h"

namespace retrograph {
namespace {

// What an op is to find in an example.
struct Wanted {
  struct Dense {
    std::string key;
    DataType type = DT_INVALID;
    PartialTensorShape shape;
    Tensor default_value;
    bool is_variable = false;  // the first dimension is as long as it needs
    int64_t per_row = 1;       // elements of the shape, or of one of its rows
    bool is_required() const {
      return !is_variable && default_value.num_elements() == 0;
    }
  };
  struct Sparse {
    std::string key;
    DataType type = DT_INVALID;
  };
  std::vector<Dense> dense;
  std::vector<Sparse> sparse;
};

// The values of one feature of one example.
struct Values {
  std::vector<int64_t> int64s;
  std::vector<float> floats;
  std::vector<std::string> strings;
  bool is_there = false;

  bool Take(const SerializedFeature& feature, DataType type) {
    is_there = true;
    if (type == DT_INT64) return feature.GetValues(&int64s);
    if (type == DT_FLOAT) return feature.GetValues(&floats);
    return feature.GetValues(&strings);
  }
  int64_t size() const {
    return static_cast<int64_t>(
        std::max({int64s.size(), floats.size(), strings.size()}));
  }
  // Puts them into `out` from element `at` on.
  void MoveTo(Tensor* out, int64_t at) {
    if (out->dtype() == DT_INT64) {
      std::copy(int64s.begin(), int64s.end(),
                out->mutable_flat<int64_t>().begin() + at);
    } else if (out->dtype() == DT_FLOAT) {
      std::copy(floats.begin(), floats.end(),
                out->mutable_flat<float>().begin() + at);
    } else {
      std::move(strings.begin(), strings.end(),
                out->mutable_flat<std::string>().begin() + at);
    }
  }
};

// All that is wanted of one example.
struct Found {
  std::vector<Values> dense, sparse;
};

absl::string_view ValuesName(DataType type) {
  return type == DT_STRING ? "bytes" : type == DT_FLOAT ? "float" : "int64";
}

// Texts of errors, which tell which example it is unless it is the only one.
class Place {
 public:
  Place() = default;
  Place(std::string name, int64_t index)
      : single_(false), name_(std::move(name)), index_(index) {}

  bool single() const { return single_; }
  absl::Status Error(absl::string_view key, absl::string_view what) const {
    return absl::InvalidArgumentError(
        single_ ? absl::StrCat("Key: ", key, ".  ", what)
                : absl::StrCat("Name: ", name_, ", Key: ", key, ", Index: ",
                               index_, ".  ", what));
  }
  absl::Status Missing(const Wanted::Dense& dense) const {
    return absl::InvalidArgumentError(absl::StrCat(
        single_ ? "" : absl::StrCat("Name: ", name_, ", "),
        "Feature: ", dense.key, " (data type: ", DataTypeString(dense.type),
        ") is required but could not be found."));
  }

 private:
  const bool single_ = true;
  const std::string name_;
  const int64_t index_ = 0;
};

constexpr char kCannotParse[] = "Can't parse serialized Example.";

absl::Status TakeDense(const Wanted::Dense& wanted,
                       const SerializedFeature& feature, DataType type,
                       const Place& place, Values* values) {
  if (type != wanted.type) {
    return place.Error(
        wanted.key, absl::StrCat("Data types don't match. Data type: ",
                                 DataTypeString(type), " but expected type: ",
                                 DataTypeString(wanted.type)));
  }
  if (!values->Take(feature, type)) {
    return place.Error(wanted.key, kCannotParse);
  }
  const int64_t size = values->size();
  if (wanted.is_variable) {
    const bool fits = wanted.per_row == 0 ? size == 0
                                          : size % wanted.per_row == 0;
    if (fits) return absl::OkStatus();
    if (place.single()) return place.Error(wanted.key, kCannotParse);
    return place.Error(
        wanted.key,
        absl::StrCat("Number of ", ValuesName(type),
                     " values is not a multiple of stride length. Saw ", size,
                     " values but output shape is: ",
                     wanted.shape.DebugString()));
  }
  if (size == wanted.per_row) return absl::OkStatus();
  if (place.single()) return place.Error(wanted.key, kCannotParse);
  return place.Error(
      wanted.key,
      absl::StrCat("Number of ", ValuesName(type),
                   " values != expected.  Values size: ", size,
                   " but output shape: ", wanted.shape.DebugString()));
}

absl::Status TakeSparse(const Wanted::Sparse& wanted,
                        const SerializedFeature& feature, DataType type,
                        const Place& place, Values* values) {
  if (type != wanted.type) {
    return place.Error(
        wanted.key,
        absl::StrCat("Data types don't match. Expected type: ",
                     DataTypeString(wanted.type),
                     ", Actual type: ", DataTypeString(type)));
  }
  if (!values->Take(feature, type)) {
    return place.Error(wanted.key, kCannotParse);
  }
  return absl::OkStatus();
}

absl::Status TakeFeature(const Wanted& wanted, const NamedFeature& named,
                         const Place& place, Found* found) {
  for (size_t i = 0; i < wanted.dense.size() + wanted.sparse.size(); ++i) {
    const bool is_dense = i < wanted.dense.size();
    const size_t j = is_dense ? i : i - wanted.dense.size();
    const std::string& key =
        is_dense ? wanted.dense[j].key : wanted.sparse[j].key;
    Values* const values = is_dense ? &found->dense[j] : &found->sparse[j];
    if (key != named.first || values->is_there) continue;
    DataType type = DT_INVALID;
    if (!named.second.GetType(&type)) {
      return place.Error(key, kCannotParse);
    }
    if (type == DT_INVALID) continue;
    RG_RETURN_IF_ERROR(
        is_dense
            ? TakeDense(wanted.dense[j], named.second, type, place, values)
            : TakeSparse(wanted.sparse[j], named.second, type, place, values));
  }
  return absl::OkStatus();
}

absl::StatusOr<Found> ParseOne(const Wanted& wanted,
                               absl::string_view serialized,
                               const Place& place) {
  RG_ASSIGN_OR_RETURN(const std::vector<NamedFeature> features,
                      ParseExampleFeatures(serialized));
  Found found;
  found.dense.resize(wanted.dense.size());
  found.sparse.resize(wanted.sparse.size());
  // From the last on, which counts where there are two.
  for (auto named = features.rbegin(); named != features.rend(); ++named) {
    RG_RETURN_IF_ERROR(TakeFeature(wanted, *named, place, &found));
  }
  for (size_t d = 0; d < wanted.dense.size(); ++d) {
    if (!found.dense[d].is_there && wanted.dense[d].is_required()) {
      return place.Missing(wanted.dense[d]);
    }
  }
  return found;
}

// ---- What the ops give ----

void FillWith(const Tensor& value, Tensor* out, int64_t at, int64_t count) {
  const auto fill = [&](auto element) {
    using T = decltype(element);
    const auto to = out->mutable_flat<T>();
    std::fill(to.begin() + at, to.begin() + at + count, value.flat<T>()[0]);
  };
  if (count == 0) return;
  if (out->dtype() == DT_INT64) {
    fill(int64_t());
  } else if (out->dtype() == DT_FLOAT) {
    fill(float());
  } else {
    fill(std::string());
  }
}

template <typename T>
void CopyAll(const Tensor& value, Tensor* out, int64_t at) {
  const auto from = value.flat<T>();
  std::copy(from.begin(), from.end(), out->mutable_flat<T>().begin() + at);
}

void CopyDefault(const Tensor& value, Tensor* out, int64_t at) {
  if (out->dtype() == DT_INT64) {
    CopyAll<int64_t>(value, out, at);
  } else if (out->dtype() == DT_FLOAT) {
    CopyAll<float>(value, out, at);
  } else {
    CopyAll<std::string>(value, out, at);
  }
}

// The dense feature `d` of all examples, along a first axis unless `single`.
absl::StatusOr<Tensor> DenseOutput(const Wanted::Dense& wanted, size_t d,
                                   std::vector<Found>* examples, bool single) {
  int64_t rows = 0;
  for (const Found& example : *examples) {
    if (wanted.per_row > 0) {
      rows = std::max(rows, example.dense[d].size() / wanted.per_row);
    }
  }
  std::vector<int64_t> dims;
  if (!single) dims.push_back(static_cast<int64_t>(examples->size()));
  for (int i = 0; i < wanted.shape.rank(); ++i) {
    dims.push_back(i == 0 && wanted.is_variable ? rows : wanted.shape.dim(i));
  }
  RG_ASSIGN_OR_RETURN(const TensorShape shape, TensorShape::Create(dims));
  RG_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(wanted.type, shape));
  const int64_t size =
      wanted.is_variable ? rows * wanted.per_row : wanted.per_row;
  int64_t at = 0;
  for (Found& example : *examples) {
    Values& values = example.dense[d];
    const int64_t count = values.size();
    if (values.is_there) {
      values.MoveTo(&out, at);
    }
    if (wanted.is_variable) {
      FillWith(wanted.default_value, &out, at + count, size - count);
    } else if (!values.is_there) {
      CopyDefault(wanted.default_value, &out, at);
    }
    at += size;
  }
  return out;
}

struct SparseOutput {
  Tensor indices, values, shape;
};

absl::StatusOr<SparseOutput> SparseOutputOf(const Wanted::Sparse& wanted,
                                            size_t s,
                                            std::vector<Found>* examples,
                                            bool single) {
  int64_t total = 0, most = 0;
  for (const Found& example : *examples) {
    total += example.sparse[s].size();
    most = std::max(most, example.sparse[s].size());
  }
  const int64_t rank = single ? 1 : 2;
  SparseOutput out;
  RG_ASSIGN_OR_RETURN(
      out.indices, Tensor::Allocate(DT_INT64, TensorShape({total, rank})));
  RG_ASSIGN_OR_RETURN(out.values,
                      Tensor::Allocate(wanted.type, TensorShape({total})));
  out.shape =
      single ? Tensor::Vector<int64_t>({most})
             : Tensor::Vector<int64_t>(
                   {static_cast<int64_t>(examples->size()), most});
  const auto indices = out.indices.mutable_flat<int64_t>();
  int64_t at = 0, number = 0;
  for (Found& example : *examples) {
    Values& values = example.sparse[s];
    const int64_t count = values.size();
    values.MoveTo(&out.values, at);
    for (int64_t i = 0; i < count; ++i) {
      if (!single) indices[(at + i) * 2] = number;
      indices[(at + i) * rank + rank - 1] = i;
    }
    at += count;
    ++number;
  }
  return out;
}

absl::Status SetOutputs(const Wanted& wanted, std::vector<Found>* examples,
                        bool single, KernelContext* ctx) {
  const int num_sparse = static_cast<int>(wanted.sparse.size());
  for (int s = 0; s < num_sparse; ++s) {
    RG_ASSIGN_OR_RETURN(SparseOutput out,
                        SparseOutputOf(wanted.sparse[s], s, examples, single));
    ctx->set_output(s, std::move(out.indices));
    ctx->set_output(num_sparse + s, std::move(out.values));
    ctx->set_output(2 * num_sparse + s, std::move(out.shape));
  }
  for (size_t d = 0; d < wanted.dense.size(); ++d) {
    RG_ASSIGN_OR_RETURN(
        Tensor out, DenseOutput(wanted.dense[d], d, examples, single));
    ctx->set_output(3 * num_sparse + static_cast<int>(d), std::move(out));
  }
  return absl::OkStatus();
}

// ---- What the ops ask for ----

// Fills in what follows from the shape and the default.
absl::Status CompleteDense(size_t d, Wanted::Dense* dense) {
  const PartialTensorShape& shape = dense->shape;
  if (shape.unknown_rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("dense_shapes[", d, "] has unknown rank"));
  }
  dense->is_variable = shape.rank() > 0 && shape.dim(0) < 0;
  for (int i = dense->is_variable ? 1 : 0; i < shape.rank(); ++i) {
    if (shape.dim(i) < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "dense_shapes[", d, "] has unknown rank or unknown inner "
          "dimensions: ", shape.DebugString()));
    }
    if (__builtin_mul_overflow(dense->per_row, shape.dim(i),
                               &dense->per_row)) {
      return absl::InvalidArgumentError(
          absl::StrCat("dense_shapes[", d, "] has too many elements"));
    }
  }
  const Tensor& value = dense->default_value;
  if (dense->is_variable) {
    if (value.num_elements() == 1) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "dense_shape[", d, "] is a variable length shape: ",
        shape.DebugString(), ", therefore def_value[", d,
        "] must contain a single element (the padding element).  But its "
        "shape is: ",
        value.shape().DebugString()));
  }
  if (value.num_elements() == 0 ||
      shape.IsCompatibleWith(PartialTensorShape(value.shape()))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "def_value[", d, "].shape() == ", value.shape().DebugString(),
      " is not compatible with dense_shapes_[", d,
      "] == ", shape.DebugString()));
}

absl::StatusOr<std::vector<PartialTensorShape>> DenseShapes(
    const Operation& op) {
  std::vector<PartialTensorShape> shapes;
  const AttrValue* const attr = op.FindAttr("dense_shapes");
  if (attr == nullptr) return shapes;
  for (const TensorShapeProto& proto : attr->list().shape()) {
    RG_ASSIGN_OR_RETURN(PartialTensorShape shape,
                        PartialTensorShape::FromProto(proto));
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

// All but the keys. The defaults begin with input `first_default`.
absl::StatusOr<Wanted> WantedBy(const KernelContext& ctx, int first_default) {
  Wanted wanted;
  DataTypeVector sparse_types, dense_types;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("sparse_types", &sparse_types));
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("Tdense", &dense_types));
  RG_ASSIGN_OR_RETURN(const auto shapes, DenseShapes(ctx.op()));
  if (shapes.size() != dense_types.size()) {
    return absl::InvalidArgumentError("len(dense_keys) != len(dense_shapes)");
  }
  for (DataType type : sparse_types) {
    wanted.sparse.emplace_back();
    wanted.sparse.back().type = type;
  }
  for (size_t d = 0; d < dense_types.size(); ++d) {
    wanted.dense.emplace_back();
    Wanted::Dense& dense = wanted.dense.back();
    dense.type = dense_types[d];
    dense.shape = shapes[d];
    dense.default_value = ctx.input(first_default + static_cast<int>(d));
    RG_RETURN_IF_ERROR(CompleteDense(d, &dense));
  }
  return wanted;
}

absl::Status ParseBatch(KernelContext* ctx) {
  const Tensor& serialized = ctx->input(0);
  const Tensor& names = ctx->input(1);
  if (serialized.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected serialized to be a vector, got shape: ",
                     serialized.shape().DebugString()));
  }
  if (names.num_elements() > 0 &&
      names.num_elements() != serialized.num_elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected len(names) == len(serialized), but got: ",
        names.num_elements(), " vs. ", serialized.num_elements()));
  }
  int64_t num_sparse = 0, num_dense = 0;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("Nsparse", &num_sparse));
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("Ndense", &num_dense));
  constexpr int kFirstKey = 2;
  const int first_default = kFirstKey + static_cast<int>(num_sparse + num_dense);
  RG_ASSIGN_OR_RETURN(Wanted wanted, WantedBy(*ctx, first_default));
  if (static_cast<int64_t>(wanted.sparse.size()) != num_sparse ||
      static_cast<int64_t>(wanted.dense.size()) != num_dense) {
    return absl::InvalidArgumentError("len(sparse_keys) != len(sparse_types)");
  }
  for (int i = 0; i < num_sparse + num_dense; ++i) {
    const Tensor& key = ctx->input(kFirstKey + i);
    const bool is_sparse = i < num_sparse;
    if (key.num_elements() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Expected ", is_sparse ? "sparse" : "dense",
          "_key to be a scalar, got shape: ", key.shape().DebugString()));
    }
    const std::string& text = key.flat<std::string>()[0];
    if (is_sparse) {
      wanted.sparse[i].key = text;
    } else {
      wanted.dense[i - num_sparse].key = text;
    }
  }
  std::vector<Found> examples;
  const auto texts = serialized.flat<std::string>();
  for (size_t i = 0; i < texts.size(); ++i) {
    const Place place(names.num_elements() > 0 ? names.flat<std::string>()[i]
                                               : "<unknown>",
                      static_cast<int64_t>(i));
    RG_ASSIGN_OR_RETURN(Found found, ParseOne(wanted, texts[i], place));
    examples.push_back(std::move(found));
  }
  return SetOutputs(wanted, &examples, /*single=*/false, ctx);
}

absl::Status ParseSingle(KernelContext* ctx) {
  const Tensor& serialized = ctx->input(0);
  if (serialized.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected serialized to be a scalar, got shape: ",
                     serialized.shape().DebugString()));
  }
  RG_ASSIGN_OR_RETURN(Wanted wanted, WantedBy(*ctx, 1));
  std::vector<std::string> sparse_keys, dense_keys;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("sparse_keys", &sparse_keys));
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("dense_keys", &dense_keys));
  int64_t num_sparse = 0;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("num_sparse", &num_sparse));
  if (sparse_keys.size() != wanted.sparse.size() ||
      num_sparse != static_cast<int64_t>(wanted.sparse.size())) {
    return absl::InvalidArgumentError("len(sparse_keys) != len(sparse_types)");
  }
  if (dense_keys.size() != wanted.dense.size()) {
    return absl::InvalidArgumentError("len(dense_keys) != len(dense_types)");
  }
  for (size_t i = 0; i < sparse_keys.size(); ++i) {
    wanted.sparse[i].key = sparse_keys[i];
  }
  for (size_t i = 0; i < dense_keys.size(); ++i) {
    wanted.dense[i].key = dense_keys[i];
  }
  RG_ASSIGN_OR_RETURN(
      Found found,
      ParseOne(wanted, serialized.scalar<std::string>(), Place()));
  std::vector<Found> examples;
  examples.push_back(std::move(found));
  return SetOutputs(wanted, &examples, /*single=*/true, ctx);
}

template <absl::Status (*parse)(KernelContext*)>
void ParseKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, parse(ctx));
}

// ---- Shapes ----

absl::Status ParseShape(InferenceContext* c) {
  const bool single = c->op().type() == "ParseSingleExample";
  RG_ASSIGN_OR_RETURN(const Shape input,
                      c->WithRank(c->input(0), single ? 0 : 1));
  if (!single) RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 1).status());
  int64_t num_sparse = 0;
  RG_RETURN_IF_ERROR(
      c->GetAttr(single ? "num_sparse" : "Nsparse", &num_sparse));
  const int64_t rank = single ? 1 : 2;
  const int n = static_cast<int>(num_sparse);
  if (3 * n > c->num_outputs()) return absl::OkStatus();
  for (int s = 0; s < n; ++s) {
    c->set_output(s, Shape({kUnknownDim, rank}));
    c->set_output(n + s, Shape({kUnknownDim}));
    c->set_output(2 * n + s, Shape({rank}));
  }
  RG_ASSIGN_OR_RETURN(const auto shapes, DenseShapes(c->op()));
  for (int d = 0; 3 * n + d < c->num_outputs() &&
                  d < static_cast<int>(shapes.size());
       ++d) {
    if (single) {
      c->set_output(3 * n + d, shapes[d]);
      continue;
    }
    RG_ASSIGN_OR_RETURN(Shape shape, c->Concatenate(input, shapes[d]));
    c->set_output(3 * n + d, std::move(shape));
  }
  return absl::OkStatus();
}

}  // namespace

void RegisterExampleOps(OpRegistry* registry) {
  registry->Op("ParseExample")
      .Input("serialized: string")
      .Input("names: string")
      .Input("sparse_keys: Nsparse * string")
      .Input("dense_keys: Ndense * string")
      .Input("dense_defaults: Tdense")
      .Output("sparse_indices: Nsparse * int64")
      .Output("sparse_values: sparse_types")
      .Output("sparse_shapes: Nsparse * int64")
      .Output("dense_values: Tdense")
      .Attr("Nsparse: int >= 0")
      .Attr("Ndense: int >= 0")
      .Attr("sparse_types: list({float, int64, string}) >= 0")
      .Attr("Tdense: list({float, int64, string}) >= 0")
      .Attr("dense_shapes: list(shape) >= 0")
      .Shape(ParseShape)
      .Kernel({}, StatelessKernel(ParseKernel<ParseBatch>));
  registry->Op("ParseSingleExample")
      .Input("serialized: string")
      .Input("dense_defaults: Tdense")
      .Output("sparse_indices: num_sparse * int64")
      .Output("sparse_values: sparse_types")
      .Output("sparse_shapes: num_sparse * int64")
      .Output("dense_values: Tdense")
      .Attr("num_sparse: int >= 0")
      .Attr("sparse_keys: list(string) >= 0")
      .Attr("dense_keys: list(string) >= 0")
      .Attr("sparse_types: list({float, int64, string}) >= 0")
      .Attr("Tdense: list({float, int64, string}) >= 0")
      .Attr("dense_shapes: list(shape) >= 0")
      .Shape(ParseShape)
      .Kernel({}, StatelessKernel(ParseKernel<ParseSingle>));
}

}  // namespace retrograph
