#include "checkpoint/save_restore.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "checkpoint/bundle_cursor.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/names.h"
#include "checkpoint/nearest_key.h"
#include "checkpoint/read_from.h"
#include "checkpoint/v1_reader.h"
#include "checkpoint/v1_writer.h"
#include "core/errors.h"
#include "core/observer.h"

namespace retrograph {
namespace {

// Reading is spread over threads, this many bytes at a time, over at most so
// many. A tensor counts as some bytes more than it has.
constexpr int64_t kBatchBytes = 4 << 20;
constexpr int64_t kEntryCost = 256;
constexpr unsigned kMaxThreads = 8;

KeyEvent MakeKeyEvent(absl::string_view prefix, absl::string_view key,
                      absl::string_view slice, const Tensor& tensor,
                      const std::string& dtype, const std::string& shape) {
  KeyEvent event;
  event.prefix = prefix;
  event.key = key;
  event.dtype = dtype;
  event.shape = shape;
  event.slice = slice;
  event.bytes = static_cast<int64_t>(tensor.bytes());
  return event;
}

using Report = void (Observer::*)(const KeyEvent&);

void ReportKey(Report report, absl::string_view prefix, absl::string_view key,
               absl::string_view slice, const Tensor& tensor) {
  Observer* observer = CurrentObserver();
  if (observer == nullptr) return;
  const std::string dtype = DataTypeString(tensor.dtype());
  const std::string shape = tensor.shape().DebugString();
  (observer->*report)(MakeKeyEvent(prefix, key, slice, tensor, dtype, shape));
}

// Takes a specification apart and checks that the tensor is what it says.
absl::StatusOr<ShapeAndSlice> ParseFor(const std::string& spec,
                                       const Tensor& tensor) {
  RG_ASSIGN_OR_RETURN(ShapeAndSlice parsed, ParseShapeAndSlice(spec));
  if (parsed.slice_shape != tensor.shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Slice in shape_and_slice specification does not match the shape of "
        "the tensor to  save: ",
        spec, ", tensor: ", tensor.shape().DebugString()));
  }
  return parsed;
}

absl::Status AddSpecified(BundleWriter* writer, const std::string& name,
                          const std::string& spec, const Tensor& tensor) {
  if (spec.empty()) return writer->Add(name, tensor);
  RG_ASSIGN_OR_RETURN(const ShapeAndSlice parsed, ParseFor(spec, tensor));
  return writer->AddSlice(name, parsed.shape, parsed.slice, tensor);
}

absl::Status AddSpecified(V1Writer* writer, const std::string& name,
                          const std::string& spec, const Tensor& tensor) {
  if (spec.empty()) {
    return writer->Add(name, tensor.shape(),
                       TensorSlice(tensor.shape().rank()), tensor);
  }
  RG_ASSIGN_OR_RETURN(const ShapeAndSlice parsed, ParseFor(spec, tensor));
  return writer->Add(name, parsed.shape, parsed.slice, tensor);
}

// The order in which a V1 file lists its tensors. TensorFlow sorts with
// std::sort, so the order of the slices of one tensor is whatever that leaves;
// the same function on the same numbers leaves the same.
std::vector<size_t> V1Order(absl::Span<const std::string> names) {
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [names](size_t a, size_t b) { return names[a] < names[b]; });
  return order;
}

// The order in which the tensors stand in the index, which is mostly that in
// the data file too.
std::vector<size_t> SortedByName(absl::Span<const std::string> names) {
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [names](size_t a, size_t b) { return names[a] < names[b]; });
  return order;
}

absl::StatusOr<Tensor> RestoreOne(BundleCursor* cursor,
                                  const std::string& index,
                                  const std::string& name,
                                  const std::string& spec) {
  if (spec.empty()) return cursor->Lookup(name);
  DataType dtype;
  TensorShape saved_shape;
  RG_RETURN_IF_ERROR(cursor->LookupDtypeAndShape(name, &dtype, &saved_shape));
  RG_ASSIGN_OR_RETURN(const ShapeAndSlice parsed, ParseShapeAndSlice(spec));
  if (parsed.shape != saved_shape) {
    return ReadFrom(
        index, name,
        absl::InvalidArgumentError(absl::StrCat(
            "tensor_name = ", name, "; shape in shape_and_slice spec ",
            parsed.shape.DebugString(),
            " does not match the shape stored in checkpoint: ",
            saved_shape.DebugString())));
  }
  return cursor->LookupSlice(name, parsed.slice);
}

// Tensors begin to end of an order: what one thread reads at a time.
struct Batch {
  size_t begin = 0;
  size_t end = 0;
};

// Checks that all names are there with the dtypes that are expected, and cuts
// the order into batches.
absl::StatusOr<std::vector<Batch>> CheckAndBatch(
    const BundleReader& reader, absl::Span<const std::string> names,
    absl::Span<const DataType> dtypes, const std::vector<size_t>& order) {
  BundleCursor cursor(&reader);
  std::vector<std::string> mismatches;
  std::vector<Batch> batches;
  int64_t bytes = kBatchBytes;  // of the last batch; none is begun
  for (size_t n = 0; n < order.size(); ++n) {
    const std::string& name = names[order[n]];
    DataType dtype;
    TensorShape shape;
    absl::Status found = cursor.LookupDtypeAndShape(name, &dtype, &shape);
    if (absl::IsNotFound(found)) {
      const std::string hint = NearestKeyHint(reader, name);
      if (!hint.empty()) SetErrorHint(&found, hint);
    }
    if (!found.ok()) return found;
    if (dtype != dtypes[order[n]]) {
      mismatches.push_back(absl::StrCat(
          "tensor_name = ", name, "; expected dtype ",
          DataTypeString(dtypes[order[n]]), " does not equal original dtype ",
          DataTypeString(dtype)));
    }
    if (bytes >= kBatchBytes) {
      batches.push_back({n, n});
      bytes = 0;
    }
    batches.back().end = n + 1;
    // Rough, and the number is not to be trusted: an entry costs something too.
    const int64_t elements = std::min(shape.num_elements(), kBatchBytes);
    bytes += kEntryCost + elements * std::max(1, DataTypeSize(dtype));
  }
  if (mismatches.empty()) return batches;
  return ReadFrom(MetaFilename(reader.prefix()), "",
                  absl::InvalidArgumentError(absl::StrJoin(mismatches, "\n")));
}

// Calls work(i) for all i < n, by several threads if n is more than 1.
template <typename Work>
void ForAll(size_t n, const Work& work) {
  std::atomic<size_t> next{0};
  auto take = [&] {
    for (size_t i; (i = next.fetch_add(1)) < n;) work(i);
  };
  std::vector<std::thread> helpers;
  const unsigned threads =
      std::min(std::thread::hardware_concurrency(), kMaxThreads);
  try {
    for (unsigned t = 1; t < threads && t < n; ++t) helpers.emplace_back(take);
  } catch (const std::system_error&) {
    // No more threads can be had: those there are do the work.
  }
  take();
  for (std::thread& helper : helpers) helper.join();
}

absl::StatusOr<std::vector<Tensor>> RestoreV2(
    FileSystem* fs, absl::string_view prefix,
    absl::Span<const std::string> names,
    absl::Span<const std::string> shape_and_slices,
    absl::Span<const DataType> dtypes) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<BundleReader> reader,
                      BundleReader::Open(fs, prefix));
  const std::vector<size_t> order = SortedByName(names);
  RG_ASSIGN_OR_RETURN(const std::vector<Batch> batches,
                      CheckAndBatch(*reader, names, dtypes, order));
  const std::string index = MetaFilename(prefix);
  std::vector<Tensor> result(names.size());
  std::vector<absl::Status> statuses(batches.size());
  // The error that is reported is the one of the first tensor that has one, so
  // only the batches after a failed one are left out.
  std::atomic<size_t> first_failed{batches.size()};
  ForAll(batches.size(), [&](size_t b) {
    BundleCursor cursor(reader.get());
    for (size_t n = batches[b].begin; n < batches[b].end; ++n) {
      if (b > first_failed) return;
      const size_t i = order[n];
      absl::StatusOr<Tensor> value =
          RestoreOne(&cursor, index, names[i], shape_and_slices[i]);
      if (value.ok()) {
        result[i] = *std::move(value);
        continue;
      }
      statuses[b] = value.status();
      size_t failed = first_failed;
      while (b < failed && !first_failed.compare_exchange_weak(failed, b)) {
      }
      return;
    }
  });
  if (first_failed < batches.size()) return statuses[first_failed];
  for (size_t i : order) {
    ReportKey(&Observer::OnKeyRead, prefix, names[i], shape_and_slices[i],
              result[i]);
  }
  return result;
}

absl::StatusOr<Tensor> RestoreOneV1(const V1Reader& reader,
                                    absl::string_view pattern,
                                    const std::string& name,
                                    const std::string& spec, DataType dtype) {
  const V1Reader::TensorInfo* info = reader.Find(name);
  if (info == nullptr) {
    return absl::NotFoundError(absl::StrCat(
        "Tensor name \"", name, "\" not found in checkpoint files ", pattern));
  }
  if (info->dtype != dtype) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected to restore a tensor of type ", DataTypeString(dtype),
        ", got a tensor of type ", DataTypeString(info->dtype),
        " instead: tensor_name = ", name));
  }
  if (spec.empty()) {
    return reader.ReadSlice(name, TensorSlice(info->shape.rank()));
  }
  RG_ASSIGN_OR_RETURN(const ShapeAndSlice parsed, ParseShapeAndSlice(spec));
  if (parsed.shape != info->shape) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Shape in shape_and_slice spec does not match the shape in the save "
        "file: ",
        parsed.shape.DebugString(),
        ", save file shape: ", info->shape.DebugString()));
  }
  return reader.ReadSlice(name, parsed.slice);
}

}  // namespace

absl::Status SaveTensorsV2(FileSystem* fs, absl::string_view prefix,
                           absl::Span<const std::string> names,
                           absl::Span<const std::string> shape_and_slices,
                           absl::Span<const Tensor> tensors,
                           const BundleWriterOptions& options) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<BundleWriter> writer,
                      BundleWriter::Create(fs, prefix, options));
  for (size_t i = 0; i < names.size(); ++i) {
    RG_RETURN_IF_ERROR(
        AddSpecified(writer.get(), names[i], shape_and_slices[i], tensors[i]));
    ReportKey(&Observer::OnKeyWritten, prefix, names[i], shape_and_slices[i],
              tensors[i]);
  }
  return writer->Finish();
}

absl::Status SaveTensorsV1(FileSystem* fs, absl::string_view path,
                           absl::Span<const std::string> names,
                           absl::Span<const std::string> shape_and_slices,
                           absl::Span<const Tensor> tensors,
                           const CommitOptions& options) {
  V1Writer writer(fs, path, options);
  for (size_t i : V1Order(names)) {
    const std::string spec =
        shape_and_slices.empty() ? "" : shape_and_slices[i];
    RG_RETURN_IF_ERROR(AddSpecified(&writer, names[i], spec, tensors[i]));
    ReportKey(&Observer::OnKeyWritten, path, names[i], spec, tensors[i]);
  }
  return writer.Finish();
}

absl::StatusOr<std::vector<Tensor>> RestoreTensorsV1(
    FileSystem* fs, absl::string_view pattern,
    absl::Span<const std::string> names,
    absl::Span<const std::string> shape_and_slices,
    absl::Span<const DataType> dtypes) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<V1Reader> reader,
                      V1Reader::Open(fs, pattern));
  std::vector<Tensor> result(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    absl::StatusOr<Tensor> value = RestoreOneV1(
        *reader, pattern, names[i], shape_and_slices[i], dtypes[i]);
    if (!value.ok()) return ReadFrom(pattern, names[i], value.status());
    result[i] = *std::move(value);
    ReportKey(&Observer::OnKeyRead, pattern, names[i], shape_and_slices[i],
              result[i]);
  }
  return result;
}

absl::StatusOr<std::vector<Tensor>> RestoreTensors(
    FileSystem* fs, absl::string_view prefix,
    absl::Span<const std::string> names,
    absl::Span<const std::string> shape_and_slices,
    absl::Span<const DataType> dtypes) {
  if (IsV2Checkpoint(fs, prefix)) {
    return RestoreV2(fs, prefix, names, shape_and_slices, dtypes);
  }
  return RestoreTensorsV1(fs, prefix, names, shape_and_slices, dtypes);
}

}  // namespace retrograph
