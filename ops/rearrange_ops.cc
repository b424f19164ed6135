// Ops that put a tensor's elements elsewhere: Tile, Transpose, Pad, ReverseV2
// and their like. Each makes a table of offsets for each axis and leaves the
// copying to CopyByOffsets().
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// Output 0, of this shape: along axis d, place i comes from offset(d, i). The
// tables are made only for what has elements and fits in memory.
template <typename Offset>
void CopyToOutput(KernelContext* ctx, const Tensor& from,
                  const TensorShape& shape, const Offset& offset) {
  Tensor out = ctx->Allocate(from.dtype(), shape);
  if (!ctx->status().ok()) return;
  if (out.num_elements() > 0) {
    std::vector<std::vector<int64_t>> offsets(shape.rank());
    for (int d = 0; d < shape.rank(); ++d) {
      for (int64_t i = 0; i < shape.dim(d); ++i) {
        offsets[d].push_back(offset(d, i));
      }
    }
    CopyByOffsets(from, offsets, nullptr, &out);
  }
  ctx->set_output(0, std::move(out));
}

// ---- Tile ----

absl::Status TileShape(InferenceContext* c) {
  Shape input = c->input(0);
  RG_ASSIGN_OR_RETURN(Shape multiples, c->MakeShapeFromInput(1));
  if (!input.unknown_rank()) {
    RG_ASSIGN_OR_RETURN(multiples, c->WithRank(multiples, input.rank()));
    RG_RETURN_IF_ERROR(c->Merge(c->input(1), VectorOf(input.rank())).status());
  }
  if (multiples.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(input, c->WithRank(input, multiples.rank()));
  Shape out = Shape::UnknownOfRank(multiples.rank());
  for (int i = 0; i < out.rank(); ++i) {
    out.set_dim(i, MultiplyDims(c->Dim(input, i), multiples.dim(i)));
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

void TileKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  const Tensor& multiples_tensor = ctx->input(1);
  const int rank = input.shape().rank();
  RG_KERNEL_REQUIRES(ctx, multiples_tensor.shape().rank() == 1,
                     absl::InvalidArgumentError(absl::StrCat(
                         "Expected multiples to be 1-D, but got shape ",
                         multiples_tensor.shape().DebugString())));
  RG_KERNEL_REQUIRES(
      ctx, multiples_tensor.num_elements() == rank,
      absl::InvalidArgumentError(absl::StrCat(
          "Expected multiples argument to be a vector of length ", rank,
          " but got length ", multiples_tensor.num_elements())));
  const std::vector<int64_t> multiples = IntegerValues(multiples_tensor);
  std::vector<int64_t> dims(rank);
  for (int d = 0; d < rank; ++d) {
    RG_KERNEL_REQUIRES(
        ctx, multiples[d] >= 0,
        absl::InvalidArgumentError(absl::StrCat(
            "Expected multiples[", d, "] >= 0, but got ", multiples[d])));
    const int64_t dim = input.shape().dim(d);
    RG_KERNEL_REQUIRES(ctx, dim == 0 || multiples[d] <= INT64_MAX / dim,
                       absl::InvalidArgumentError("tile result is too large"));
    dims[d] = dim * multiples[d];
  }
  auto shape = TensorShape::Create(dims);
  RG_KERNEL_OK(ctx, shape.status());
  const std::vector<int64_t> strides = Strides(input.shape());
  CopyToOutput(ctx, input, *shape, [&](int d, int64_t i) {
    return i % input.shape().dim(d) * strides[d];
  });
}

// ---- Transpose, InvertPermutation ----

absl::Status TransposeShape(InferenceContext* c) {
  Shape input = c->input(0);
  Shape perm_shape = c->input(1);
  const Tensor* perm = c->input_tensor(1);
  int64_t rank = input.rank();
  if (rank < 0) rank = perm_shape.num_elements();
  if (rank < 0 && perm != nullptr) rank = perm->num_elements();
  if (rank < 0 || rank > TensorShape::kMaxRank) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  // One entry may stand for a vector or, in TensorFlow, for a scalar.
  if (input.unknown_rank() && rank < 2) {
    c->set_output(0, input);
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(input, c->WithRank(input, rank));
  RG_ASSIGN_OR_RETURN(perm_shape, c->WithRank(perm_shape, 1));
  RG_RETURN_IF_ERROR(c->WithValue(c->Dim(perm_shape, 0), rank).status());
  Shape out = Shape::UnknownOfRank(rank);
  // A value may turn out to have another size than its shape said.
  if (perm != nullptr && perm->num_elements() == rank) {
    const std::vector<int64_t> axes = IntegerValues(*perm);
    for (int64_t i = 0; i < rank; ++i) {
      if (axes[i] >= rank || axes[i] < -rank) {
        return absl::InvalidArgumentError(
            absl::StrCat("perm dim ", axes[i],
                         " is out of range of input rank ", rank));
      }
      out.set_dim(i, c->Dim(input, axes[i]));
    }
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::Status CheckPermutation(const std::vector<int64_t>& perm) {
  const int64_t rank = perm.size();
  std::vector<bool> seen(rank, false);
  for (int64_t axis : perm) {
    if (axis < 0 || axis >= rank) {
      return absl::InvalidArgumentError(
          absl::StrCat(axis, " is out of range [0 .. ", rank, ")"));
    }
    seen[axis] = true;
  }
  for (int64_t i = 0; i < rank; ++i) {
    if (!seen[i]) {
      return absl::InvalidArgumentError(absl::StrCat(
          i, " is missing from {", absl::StrJoin(perm, ","), "}."));
    }
  }
  return absl::OkStatus();
}

void TransposeKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  const Tensor& perm_tensor = ctx->input(1);
  const int rank = input.shape().rank();
  RG_KERNEL_REQUIRES(
      ctx, perm_tensor.shape().rank() == 1,
      absl::InvalidArgumentError(absl::StrCat(
          "perm must be a vector, not ", perm_tensor.shape().DebugString())));
  RG_KERNEL_REQUIRES(
      ctx, perm_tensor.num_elements() == rank,
      absl::InvalidArgumentError(absl::StrCat(
          "transpose expects a vector of size ", rank,
          ". But input(1) is a vector of size ", perm_tensor.num_elements())));
  const std::vector<int64_t> perm = IntegerValues(perm_tensor);
  RG_KERNEL_OK(ctx, CheckPermutation(perm));
  if (std::is_sorted(perm.begin(), perm.end())) {  // nothing moves
    ctx->set_output(0, input);
    return;
  }
  const std::vector<int64_t> strides = Strides(input.shape());
  TensorShape shape = input.shape();
  for (int d = 0; d < rank; ++d) shape.set_dim(d, input.shape().dim(perm[d]));
  CopyToOutput(ctx, input, shape,
               [&](int d, int64_t i) { return i * strides[perm[d]]; });
}

template <typename T>
void Conjugate(Tensor* tensor) {
  for (T& value : tensor->mutable_flat<T>()) value = std::conj(value);
}

void ConjugateTransposeKernel(KernelContext* ctx) {
  TransposeKernel(ctx);
  if (!ctx->status().ok()) return;
  Tensor& out = ctx->outputs()[0].tensor;
  if (out.dtype() == DT_COMPLEX64) Conjugate<std::complex<float>>(&out);
  if (out.dtype() == DT_COMPLEX128) Conjugate<std::complex<double>>(&out);
}

absl::Status InvertPermutationShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape out, c->WithRank(c->input(0), 1));
  c->set_output(0, out);
  return absl::OkStatus();
}

void InvertPermutationKernel(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  RG_KERNEL_REQUIRES(
      ctx, input.shape().rank() == 1,
      absl::InvalidArgumentError("invert_permutation expects a 1D vector."));
  const std::vector<int64_t> perm = IntegerValues(input);
  const int64_t size = perm.size();
  std::vector<int64_t> inverse(size, -1);
  for (int64_t i = 0; i < size; ++i) {
    RG_KERNEL_REQUIRES(ctx, perm[i] >= 0 && perm[i] < size,
                       absl::InvalidArgumentError(absl::StrCat(
                           perm[i], " is not between 0 and ", size)));
    RG_KERNEL_REQUIRES(ctx, inverse[perm[i]] == -1,
                       absl::InvalidArgumentError(absl::StrCat(
                           perm[i], " is duplicated in the input.")));
    inverse[perm[i]] = i;
  }
  ctx->set_output(0, IntegerVector(input.dtype(), inverse));
}

// ---- ReverseV2 ----

// Axes as a flag for each axis. (TensorFlow's text lacks the bracket.)
absl::StatusOr<std::vector<bool>> ReversedAxes(const Tensor& axis_tensor,
                                               int64_t rank) {
  std::vector<bool> reversed(rank, false);
  const std::vector<int64_t> axes = IntegerValues(axis_tensor);
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t axis = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (axis < 0 || axis >= rank) {
      return absl::InvalidArgumentError(
          absl::StrCat("'axis'[", i, "] = ", axes[i],
                       " is out of valid range [0, ", rank - 1));
    }
    if (reversed[axis]) {
      return absl::InvalidArgumentError(
          absl::StrCat("axis ", axis, " specified more than once."));
    }
    reversed[axis] = true;
  }
  return reversed;
}

absl::Status ReverseShape(InferenceContext* c) {
  const Shape& input = c->input(0);
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 1).status());
  constexpr int kMaxRank = 8;
  if (input.rank() > kMaxRank) {
    return absl::InvalidArgumentError(
        "reverse does not work on tensors with more than 8 dimensions");
  }
  const Tensor* axis = c->input_tensor(1);
  if (axis != nullptr && !input.unknown_rank()) {
    RG_RETURN_IF_ERROR(ReversedAxes(*axis, input.rank()).status());
  }
  c->set_output(0, input);
  return absl::OkStatus();
}

void ReverseKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  const int axis_rank = ctx->input(1).shape().rank();
  RG_KERNEL_REQUIRES(ctx, axis_rank == 1,
                     absl::InvalidArgumentError(absl::StrCat(
                         "'dims' must be 1-dimension, not ", axis_rank)));
  auto reversed = ReversedAxes(ctx->input(1), input.shape().rank());
  RG_KERNEL_OK(ctx, reversed.status());
  const std::vector<int64_t> strides = Strides(input.shape());
  CopyToOutput(ctx, input, input.shape(), [&](int d, int64_t i) {
    const int64_t size = input.shape().dim(d);
    return ((*reversed)[d] ? size - 1 - i : i) * strides[d];
  });
}

// ---- ReverseSequence ----

absl::Status ReverseSequenceShape(InferenceContext* c) {
  const Shape& input = c->input(0);
  RG_ASSIGN_OR_RETURN(const Shape lengths, c->WithRank(c->input(1), 1));
  int64_t seq_dim = 0, batch_dim = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("seq_dim", &seq_dim));
  RG_RETURN_IF_ERROR(c->GetAttr("batch_dim", &batch_dim));
  if (input.unknown_rank()) return UnknownShape(c);
  if (batch_dim >= input.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_dim must be < input rank: ", batch_dim, " vs. ",
                     input.rank()));
  }
  if (seq_dim >= input.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "seq_dim must be < input rank: ", seq_dim, " vs. ", input.rank()));
  }
  if (batch_dim < 0 || seq_dim < 0) return UnknownShape(c);
  RG_ASSIGN_OR_RETURN(
      const int64_t batch,
      c->MergeDim(c->Dim(input, batch_dim), c->Dim(lengths, 0)));
  Shape out = input;
  out.set_dim(batch_dim, batch);
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::Status CheckReverseSequence(const Tensor& input, const Tensor& lengths,
                                  int64_t seq_dim, int64_t batch_dim) {
  const int rank = input.shape().rank();
  const auto invalid = [](auto... parts) {
    return absl::InvalidArgumentError(absl::StrCat(parts...));
  };
  if (batch_dim == seq_dim) {
    return invalid("batch_dim == seq_dim == ", seq_dim);
  }
  if (seq_dim < 0 || seq_dim >= rank) {
    return invalid("seq_dim must be < input rank", " ( ", seq_dim, " vs. ",
                   rank, ")");
  }
  if (batch_dim < 0 || batch_dim >= rank) {
    return invalid("batch_dim must be < input rank", " ( ", batch_dim, " vs. ",
                   rank, ")");
  }
  if (lengths.shape().rank() != 1) {
    return invalid("seq_lengths must be 1-dim, not ", lengths.shape().rank());
  }
  if (lengths.num_elements() != input.shape().dim(batch_dim)) {
    return invalid("Length of seq_lengths != input.dims(", batch_dim, "), ",
                   "(", lengths.num_elements(), " vs. ",
                   input.shape().dim(batch_dim), ")");
  }
  for (int64_t length : IntegerValues(lengths)) {
    if (length < 0) return invalid("seq_lens(d) < 0");
    if (length > input.shape().dim(seq_dim)) {
      return invalid("seq_lens(d) > input.dims(", seq_dim, ")");
    }
  }
  return absl::OkStatus();
}

void ReverseSequenceKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  int64_t seq_dim = 0, batch_dim = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("seq_dim", &seq_dim));
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("batch_dim", &batch_dim));
  RG_KERNEL_OK(ctx, CheckReverseSequence(input, ctx->input(1), seq_dim,
                                         batch_dim));
  const std::vector<int64_t> lengths = IntegerValues(ctx->input(1));
  const std::vector<int64_t> strides = Strides(input.shape());
  Tensor out = ctx->Allocate(input.dtype(), input.shape());
  if (!ctx->status().ok()) return;
  const int64_t size = input.shape().dim(seq_dim);
  const int64_t step = strides[seq_dim];
  WithElementType(input.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* from = Elements<T>(input);
    T* to = MutableElements<T>(&out);
    for (int64_t i = 0; i < input.num_elements(); ++i) {
      const int64_t at = i / step % size;
      const int64_t length =
          lengths[i / strides[batch_dim] % input.shape().dim(batch_dim)];
      to[i] = at < length ? from[i + (length - 1 - 2 * at) * step] : from[i];
    }
  });
  ctx->set_output(0, std::move(out));
}

void RegisterReverseSequence(OpRegistry* registry) {
  registry->Op("ReverseSequence")
      .Input("input: T")
      .Input("seq_lengths: Tlen")
      .Output("output: T")
      .Attr("seq_dim: int")
      .Attr("batch_dim: int = 0")
      .Attr("T: type")
      .Attr("Tlen: {int32, int64} = DT_INT64")
      .Shape(ReverseSequenceShape)
      .Kernel({{"T", PodAndStringTypes()}, {"Tlen", IndexTypes()}},
              StatelessKernel(ReverseSequenceKernel));
}

}  // namespace

void RegisterRearrangeOps(OpRegistry* registry) {
  RegisterReverseSequence(registry);
  registry->Op("Tile")
      .Input("input: T")
      .Input("multiples: Tmultiples")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tmultiples: {int32, int64} = DT_INT32")
      .Shape(TileShape)
      .Kernel({{"Tmultiples", IndexTypes()}}, StatelessKernel(TileKernel));
  auto transpose = [&](const char* name, void (*compute)(KernelContext*)) {
    registry->Op(name)
        .Input("x: T")
        .Input("perm: Tperm")
        .Output("y: T")
        .Attr("T: type")
        .Attr("Tperm: {int32, int64} = DT_INT32")
        .Shape(TransposeShape)
        .Kernel({{"T", AllTypes()}}, StatelessKernel(compute));
  };
  transpose("Transpose", TransposeKernel);
  transpose("ConjugateTranspose", ConjugateTransposeKernel);
  registry->Op("InvertPermutation")
      .Input("x: T")
      .Output("y: T")
      .Attr("T: {int32, int64} = DT_INT32")
      .Shape(InvertPermutationShape)
      .Kernel({{"T", IndexTypes()}}, StatelessKernel(InvertPermutationKernel));
  registry->Op("ReverseV2")
      .Input("tensor: T")
      .Input("axis: Tidx")
      .Output("output: T")
      .Attr("Tidx: {int32, int64} = DT_INT32")
      .Attr("T: {uint8, int8, uint16, int16, int32, int64, bool, bfloat16, "
            "half, float, double, complex64, complex128, string}")
      .Shape(ReverseShape)
      .Kernel({{"T", PodAndStringTypes()}, {"Tidx", IndexTypes()}},
              StatelessKernel(ReverseKernel));
  RegisterPadOps(registry);
}

}  // namespace retrograph
