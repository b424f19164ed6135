#include "core/tensor.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/errors.h"
#include "core/variant.h"

namespace retrograph {

// A count of references and the memory they refer to. Plain numbers stand in
// the same block as this header, C++ objects too; only external memory
// stands elsewhere.
class TensorBuffer {
 public:
  enum class Kind : uint8_t { kPlain, kString, kResource, kVariant, kExternal };

  // Null if the memory cannot be had. Plain numbers are zero if `zero`; objects
  // are always constructed.
  static TensorBuffer* New(DataType dtype, int64_t count, bool zero);
  static TensorBuffer* NewExternal(const void* data,
                                   std::function<void()> release);

  void Ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    // Whoever holds the only reference need not lock the bus to drop it.
    if (refs_.load(std::memory_order_acquire) == 1 ||
        refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      Destroy();
    }
  }
  bool IsShared() const {
    return kind_ == Kind::kExternal ||
           refs_.load(std::memory_order_acquire) > 1;
  }
  char* data() const { return data_; }

 private:
  TensorBuffer(Kind kind, int64_t count, char* data)
      : kind_(kind), count_(count), data_(data) {}
  ~TensorBuffer() = default;
  void Destroy();

  std::atomic<int32_t> refs_{1};
  const Kind kind_;
  const int64_t count_;  // of C++ objects
  char* const data_;
  std::function<void()> release_;  // of external memory
};

namespace {

constexpr size_t kAlignment = 64;

using Kind = TensorBuffer::Kind;

Kind KindOf(DataType dtype) {
  if (dtype == DT_STRING) return Kind::kString;
  if (dtype == DT_RESOURCE) return Kind::kResource;
  if (dtype == DT_VARIANT) return Kind::kVariant;
  return Kind::kPlain;
}

// What an element takes in a buffer; 0 if there are no tensors of the type.
size_t ElementSize(DataType dtype) {
  if (dtype == DT_STRING) return sizeof(std::string);
  if (dtype == DT_RESOURCE) return sizeof(ResourceHandle);
  if (dtype == DT_VARIANT) return sizeof(Variant);
  return static_cast<size_t>(DataTypeSize(dtype));
}

// Memory that is used for the first time costs a page fault for every 4 KiB,
// which can take longer than reading a checkpoint into it. Huge pages have 512
// times fewer. Only an advice: errors do not matter.
void AdviseHugePages(void* block, size_t bytes) {
#ifdef MADV_HUGEPAGE
  static const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(block) & ~(page - 1);
  const uintptr_t end =
      (reinterpret_cast<uintptr_t>(block) + bytes + page - 1) & ~(page - 1);
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
  (void)block;
  (void)bytes;
#endif
}

void* AllocateBlock(size_t bytes, bool zero) {
  // calloc knows which large blocks are fresh from the system and need no
  // zeroing; for small ones it is slower than memset.
  constexpr size_t kSmall = 16 << 10;
  constexpr size_t kHuge = 4 << 20;
  const bool small = bytes <= kSmall;
  void* block = zero && !small ? std::calloc(1, bytes) : std::malloc(bytes);
  if (block == nullptr) return nullptr;
  if (zero && small) std::memset(block, 0, bytes);
  if (bytes >= kHuge) AdviseHugePages(block, bytes);
  return block;
}

template <typename T>
void ConstructAll(char* data, int64_t count) {
  T* values = reinterpret_cast<T*>(data);
  for (int64_t i = 0; i < count; ++i) new (values + i) T();
}

template <typename T>
void DestroyAll(char* data, int64_t count) {
  T* values = reinterpret_cast<T*>(data);
  for (int64_t i = 0; i < count; ++i) values[i].~T();
}

template <typename T>
void CopyAll(const void* from, void* to, int64_t count) {
  const T* values = static_cast<const T*>(from);
  std::copy(values, values + count, static_cast<T*>(to));
}

absl::Status OutOfMemory(DataType dtype, const TensorShape& shape) {
  return absl::ResourceExhaustedError(
      absl::StrCat("OOM when allocating tensor with shape", shape.DebugString(),
                   " and type ", DataTypeString(dtype)));
}

}  // namespace

TensorBuffer* TensorBuffer::New(DataType dtype, int64_t count, bool zero) {
  const Kind kind = KindOf(dtype);
  constexpr int64_t kOverhead = sizeof(TensorBuffer) + kAlignment;
  const int64_t size = static_cast<int64_t>(ElementSize(dtype));
  int64_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) ||
      __builtin_add_overflow(bytes, kOverhead, &bytes)) {
    return nullptr;
  }
  // An aligned allocation is slower for a scalar and cannot give zeros for
  // nothing to a large tensor. So align by hand.
  void* block = AllocateBlock(static_cast<size_t>(bytes), zero);
  if (block == nullptr) return nullptr;
  const uintptr_t first =
      reinterpret_cast<uintptr_t>(block) + sizeof(TensorBuffer);
  char* data = reinterpret_cast<char*>((first + kAlignment - 1) &
                                       ~uintptr_t{kAlignment - 1});
  if (kind == Kind::kString) ConstructAll<std::string>(data, count);
  if (kind == Kind::kResource) ConstructAll<ResourceHandle>(data, count);
  if (kind == Kind::kVariant) ConstructAll<Variant>(data, count);
  return new (block) TensorBuffer(kind, count, data);
}

TensorBuffer* TensorBuffer::NewExternal(const void* data,
                                        std::function<void()> release) {
  void* block = std::malloc(sizeof(TensorBuffer));
  RG_CHECK(block != nullptr, "out of memory");
  // Never written through: IsShared() is true for external memory.
  auto* buffer = new (block) TensorBuffer(
      Kind::kExternal, 0, const_cast<char*>(static_cast<const char*>(data)));
  buffer->release_ = std::move(release);
  return buffer;
}

void TensorBuffer::Destroy() {
  if (kind_ == Kind::kString) DestroyAll<std::string>(data_, count_);
  if (kind_ == Kind::kResource) DestroyAll<ResourceHandle>(data_, count_);
  if (kind_ == Kind::kVariant) DestroyAll<Variant>(data_, count_);
  if (release_) release_();
  this->~TensorBuffer();
  std::free(this);
}

Tensor::Tensor() = default;

Tensor::Tensor(DataType dtype, const TensorShape& shape)
    : dtype_(dtype), shape_(shape) {
  RG_CHECK(ElementSize(dtype) > 0,
           absl::StrCat("no tensors of type ", DataTypeString(dtype)));
  if (shape.num_elements() == 0) return;
  buffer_ = TensorBuffer::New(dtype, shape.num_elements(), /*zero=*/true);
  RG_CHECK(buffer_ != nullptr,
           std::string(OutOfMemory(dtype, shape).message()));
}

absl::StatusOr<Tensor> Tensor::Allocate(DataType dtype,
                                        const TensorShape& shape) {
  return New(dtype, shape, /*zero=*/false);
}

absl::StatusOr<Tensor> Tensor::AllocateZeros(DataType dtype,
                                             const TensorShape& shape) {
  return New(dtype, shape, /*zero=*/true);
}

absl::StatusOr<Tensor> Tensor::New(DataType dtype, const TensorShape& shape,
                                   bool zero) {
  if (ElementSize(dtype) == 0) {
    return absl::UnimplementedError(absl::StrCat(
        "Tensors of type ", DataTypeString(dtype), " are not supported"));
  }
  if (shape.num_elements() == TensorShape::kTooMany) {
    RG_RETURN_IF_ERROR(TensorShape::Create(shape.dims()).status());
  }
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = shape;
  if (shape.num_elements() > 0) {
    tensor.buffer_ = TensorBuffer::New(dtype, shape.num_elements(), zero);
    if (tensor.buffer_ == nullptr) return OutOfMemory(dtype, shape);
  }
  return tensor;
}

Tensor Tensor::FromExternal(DataType dtype, const TensorShape& shape,
                            const void* data, std::function<void()> release) {
  RG_CHECK(IsPodType(dtype),
           absl::StrCat("no external memory of type ", DataTypeString(dtype)));
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = shape;
  tensor.buffer_ = TensorBuffer::NewExternal(data, std::move(release));
  return tensor;
}

Tensor::Tensor(const Tensor& other)
    : dtype_(other.dtype_),
      shape_(other.shape_),
      buffer_(other.buffer_),
      offset_(other.offset_) {
  if (buffer_ != nullptr) buffer_->Ref();
}

Tensor::Tensor(Tensor&& other) noexcept
    : dtype_(std::exchange(other.dtype_, DT_INVALID)),
      shape_(std::move(other.shape_)),
      buffer_(std::exchange(other.buffer_, nullptr)),
      offset_(std::exchange(other.offset_, 0)) {
  other.shape_.Clear();
}

Tensor& Tensor::operator=(const Tensor& other) {
  if (this != &other) *this = Tensor(other);
  return *this;
}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  if (this == &other) return *this;
  if (buffer_ != nullptr) buffer_->Unref();
  dtype_ = std::exchange(other.dtype_, DT_INVALID);
  shape_ = std::move(other.shape_);
  other.shape_.Clear();
  buffer_ = std::exchange(other.buffer_, nullptr);
  offset_ = std::exchange(other.offset_, 0);
  return *this;
}

Tensor::~Tensor() {
  if (buffer_ != nullptr) buffer_->Unref();
}

const void* Tensor::data() const {
  return buffer_ == nullptr || num_elements() == 0 ? nullptr
                                                   : buffer_->data() + offset_;
}

void* Tensor::mutable_data() {
  if (buffer_ == nullptr || num_elements() == 0) return nullptr;
  if (buffer_->IsShared()) {
    const int64_t count = num_elements();
    TensorBuffer* copy = TensorBuffer::New(dtype_, count, /*zero=*/false);
    RG_CHECK(copy != nullptr,
             std::string(OutOfMemory(dtype_, shape_).message()));
    if (dtype_ == DT_STRING) {
      CopyAll<std::string>(data(), copy->data(), count);
    } else if (dtype_ == DT_RESOURCE) {
      CopyAll<ResourceHandle>(data(), copy->data(), count);
    } else if (dtype_ == DT_VARIANT) {
      CopyAll<Variant>(data(), copy->data(), count);
    } else {
      std::memcpy(copy->data(), data(), bytes());
    }
    buffer_->Unref();
    buffer_ = copy;
    offset_ = 0;
  }
  return buffer_->data() + offset_;
}

bool Tensor::SharesBufferWith(const Tensor& other) const {
  return buffer_ != nullptr && buffer_ == other.buffer_;
}

bool Tensor::BufferIsShared() const {
  return buffer_ != nullptr && buffer_->IsShared();
}

Tensor Tensor::Reshaped(const TensorShape& shape) const {
  RG_CHECK(shape.num_elements() == num_elements(),
           absl::StrCat("cannot reshape ", shape_.DebugString(), " to ",
                        shape.DebugString()));
  Tensor result(*this);
  result.shape_ = shape;
  return result;
}

Tensor Tensor::BitcastTo(DataType dtype) const {
  RG_CHECK(IsPodType(dtype) && DataTypeSize(dtype) == DataTypeSize(dtype_),
           absl::StrCat("cannot bitcast ", DataTypeString(dtype_), " to ",
                        DataTypeString(dtype)));
  Tensor result(*this);
  result.dtype_ = dtype;
  return result;
}

Tensor Tensor::Slice0(int64_t begin, int64_t end) const {
  RG_CHECK(
      shape_.rank() > 0 && 0 <= begin && begin <= end && end <= shape_.dim(0),
      absl::StrCat("no rows [", begin, ", ", end, ") in ",
                   shape_.DebugString()));
  Tensor result(*this);
  result.shape_.set_dim(0, end - begin);
  if (shape_.dim(0) > 0) {
    const size_t row = static_cast<size_t>(num_elements() / shape_.dim(0));
    result.offset_ += begin * row * ElementSize(dtype_);
  }
  return result;
}

void Tensor::CheckType(DataType expected) const {
  RG_CHECK(dtype_ == expected,
           absl::StrCat("tensor of type ", DataTypeString(dtype_), " used as ",
                        DataTypeString(expected)));
}

bool TensorsIdentical(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  if (a.data() == b.data()) return true;
  if (a.dtype() == DT_STRING) {
    return a.flat<std::string>() == b.flat<std::string>();
  }
  if (a.dtype() == DT_RESOURCE) {
    return a.flat<ResourceHandle>() == b.flat<ResourceHandle>();
  }
  if (a.dtype() == DT_VARIANT) return a.flat<Variant>() == b.flat<Variant>();
  return std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

}  // namespace retrograph
