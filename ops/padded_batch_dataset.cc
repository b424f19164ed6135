// Batches of elements of several shapes, filled up to one.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"
#include "ops/dataset.h"

namespace retrograph {
namespace {

// The shape that all rows of a component get.
absl::StatusOr<TensorShape> RowShape(const std::vector<Element>& rows,
                                     size_t component,
                                     const Padding& padding) {
  const int64_t rank = static_cast<int64_t>(padding.dims.size());
  std::vector<int64_t> dims = padding.dims;
  for (const Element& row : rows) {
    const TensorShape& shape = row[component].shape();
    if (shape.rank() != rank) {
      return absl::InvalidArgumentError(absl::StrCat(
          "All elements in a batch must have the same rank as the padded "
          "shape for component",
          component, ": expected rank ", rank, " but got element with rank ",
          shape.rank()));
    }
    for (int64_t d = 0; d < rank; ++d) {
      if (padding.dims[d] < 0) {
        dims[d] = std::max(dims[d], shape.dim(d));
      } else if (shape.dim(d) > dims[d]) {
        return absl::DataLossError(
            "Attempted to pad to a smaller size than the input element.");
      }
    }
  }
  return TensorShape::Create(dims);
}

// Puts `value` at the start of the row `number` along every axis.
void CopyIntoRow(const Tensor& value, const TensorShape& row_shape,
                 int64_t number, Tensor* out) {
  const int64_t rank = row_shape.rank();
  const int64_t first = number * row_shape.num_elements();
  if (value.num_elements() == 0) return;
  if (rank == 0) {
    CopyElements(value, 0, 1, out, first);
    return;
  }
  const int64_t run = value.shape().dim(rank - 1);
  const std::vector<int64_t> strides = Strides(row_shape);
  std::vector<int64_t> at(rank, 0);
  for (int64_t from = 0; from < value.num_elements(); from += run) {
    int64_t to = first;
    for (int64_t d = 0; d < rank; ++d) to += at[d] * strides[d];
    CopyElements(value, from, run, out, to);
    for (int64_t d = rank - 2; d >= 0; --d) {
      if (++at[d] < value.shape().dim(d)) break;
      at[d] = 0;
    }
  }
}

absl::StatusOr<Tensor> PadComponent(const std::vector<Element>& rows,
                                    size_t component, const Padding& padding) {
  for (const Element& row : rows) {
    if (component >= row.size() ||
        row[component].dtype() != padding.value.dtype()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Mismatched type between padding value ", component,
          " and input dataset's component ", component));
    }
  }
  RG_ASSIGN_OR_RETURN(const TensorShape row_shape,
                      RowShape(rows, component, padding));
  std::vector<int64_t> dims = {static_cast<int64_t>(rows.size())};
  dims.insert(dims.end(), row_shape.dims().begin(), row_shape.dims().end());
  RG_ASSIGN_OR_RETURN(const TensorShape shape, TensorShape::Create(dims));
  RG_ASSIGN_OR_RETURN(Tensor out,
                      Tensor::Allocate(padding.value.dtype(), shape));
  WithElementType(out.dtype(), [&](auto element) {
    using T = decltype(element);
    T* const to = MutableElements<T>(&out);
    std::fill(to, to + out.num_elements(), Elements<T>(padding.value)[0]);
  });
  for (size_t row = 0; row < rows.size(); ++row) {
    CopyIntoRow(rows[row][component], row_shape, static_cast<int64_t>(row),
                &out);
  }
  return out;
}

class PaddedBatchDataset final : public OverOne {
 public:
  PaddedBatchDataset(DatasetPtr input, int64_t size,
                     std::vector<Padding> paddings, bool drop_remainder)
      : OverOne(std::move(input)),
        size_(size),
        paddings_(std::move(paddings)),
        drop_remainder_(drop_remainder) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return PaddedBatched(std::move(input), size_, paddings_, drop_remainder_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), size = size_,
                       paddings = paddings_, drop = drop_remainder_](
                          IteratorContext* ctx,
                          Element* element) -> absl::StatusOr<bool> {
      RG_ASSIGN_OR_RETURN(const std::vector<Element> rows,
                          NextRows(ctx, input.get(), size, drop));
      if (rows.empty()) return false;
      element->clear();
      for (size_t i = 0; i < paddings.size(); ++i) {
        RG_ASSIGN_OR_RETURN(Tensor out, PadComponent(rows, i, paddings[i]));
        element->push_back(std::move(out));
      }
      return true;
    });
  }

 private:
  const int64_t size_;
  const std::vector<Padding> paddings_;
  const bool drop_remainder_;
};

}  // namespace

DatasetPtr PaddedBatched(DatasetPtr input, int64_t size,
                         std::vector<Padding> paddings, bool drop_remainder) {
  return std::make_shared<PaddedBatchDataset>(
      std::move(input), size, std::move(paddings), drop_remainder);
}

}  // namespace retrograph
