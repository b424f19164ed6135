#include "ops/builders.h"

#include <map>
#include <string>
#include <utility>

#include "core/errors.h"
#include "core/tensor_proto.h"
#include "ops/builder_scope.h"

namespace retrograph {
namespace {

// tf.zeros and tf.ones: small ones are constants, so that graphs stay simple,
// large ones are filled, so that GraphDefs stay small.
Output Filled(GraphBuilder& b, const TensorShape& shape, const Tensor& value,
              absl::string_view name) {
  if (!b.ok()) return Output();
  constexpr int64_t kTooLargeForConst = 1000;
  BuilderScope scope(b, name);
  if (shape.num_elements() < kTooLargeForConst) {
    return RepeatedConstant(b, value, shape, scope.full_name());
  }
  std::vector<int32_t> dims(shape.dims().begin(), shape.dims().end());
  const Output shape_tensor =
      Constant(b, Tensor::Vector<int32_t>(absl::MakeConstSpan(dims)),
               "shape_as_tensor");
  const Output fill = Constant(b, value);
  return b.Op("Fill", {shape_tensor, fill}, {}, scope.full_name());
}

template <typename T>
void SetOne(Tensor* scalar) {
  scalar->mutable_flat<T>()[0] = static_cast<T>(1.0f);
}

// The attrs seed and seed2; where no seed is set they stay 0.
AttrList SeedAttrs(GraphBuilder& b, absl::optional<int64_t> op_seed) {
  const auto seeds = b.graph()->GetSeed(op_seed);
  AttrList attrs;
  if (seeds.first.has_value()) attrs.push_back(Attr("seed", *seeds.first));
  if (seeds.second.has_value()) attrs.push_back(Attr("seed2", *seeds.second));
  return attrs;
}

// A random op's values times `scale` plus `offset`.
Output ScaledNormal(GraphBuilder& b, const char* op_type, const Input& shape,
                    const Input& mean, const Input& stddev, DataType dtype,
                    absl::optional<int64_t> seed, absl::string_view name) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, name);
  const Output shape_tensor = b.Convert(shape, DT_INVALID, "shape", DT_INT32);
  const Output mean_tensor = b.Convert(mean, dtype, "mean");
  const Output stddev_tensor = b.Convert(stddev, dtype, "stddev");
  if (!b.ok()) return Output();
  AttrList attrs = SeedAttrs(b, seed);
  attrs.push_back(Attr("dtype", dtype));
  const Output values = b.Op(op_type, {shape_tensor}, std::move(attrs));
  const Output scaled = b.Op("Mul", {values, stddev_tensor}, {}, "mul");
  return b.Op("Add", {scaled, mean_tensor}, {}, scope.full_name());
}

// A NoOp on `device` that waits for `ops`.
Operation* GroupOnDevice(GraphBuilder& b, const std::string& device,
                         const std::vector<Operation*>& ops,
                         absl::string_view name) {
  ControlDependencies after(b.graph(), ops);
  if (device.empty()) return NoOp(b, name);
  DeviceScope on(b.graph(), device);
  return NoOp(b, name);
}

}  // namespace

// A Const that holds `value` once and repeats it over `shape`, as
// tf.constant(value, shape=shape) writes it.
Output RepeatedConstant(GraphBuilder& b, const Tensor& value,
                        const TensorShape& shape, absl::string_view name) {
  AttrValue attr;
  TensorProto* proto = attr.mutable_tensor();
  if (shape.num_elements() > 0) {
    *proto = MakeTensorProto(value);
  } else {
    proto->set_dtype(value.dtype());
  }
  shape.AsProto(proto->mutable_tensor_shape());
  return b.Op("Const", {}, {{"value", attr}, Attr("dtype", value.dtype())},
              name);
}

Output Constant(GraphBuilder& b, const Tensor& value, absl::string_view name) {
  if (!b.ok()) return Output();
  return b.Op("Const", {}, {Attr("value", value), Attr("dtype", value.dtype())},
              name);
}

Output Placeholder(GraphBuilder& b, DataType dtype,
                   const PartialTensorShape& shape, absl::string_view name) {
  return b.Op("Placeholder", {}, {Attr("dtype", dtype), Attr("shape", shape)},
              name);
}

Output PlaceholderWithDefault(GraphBuilder& b, const Input& value,
                              const PartialTensorShape& shape,
                              absl::string_view name) {
  return b.Op("PlaceholderWithDefault", {value}, {Attr("shape", shape)}, name);
}

Output Identity(GraphBuilder& b, const Input& input, absl::string_view name) {
  return b.Op("Identity", {input}, {}, name);
}

Operation* NoOp(GraphBuilder& b, absl::string_view name) {
  return b.AddOp("NoOp", {}, {}, name);
}

Operation* Group(GraphBuilder& b, const std::vector<Operation*>& inputs,
                 absl::string_view name) {
  if (!b.ok()) return nullptr;
  std::vector<std::string> devices;
  for (const Operation* op : inputs) devices.push_back(op->device());
  return Group(b, inputs, devices, name);
}

Operation* Group(GraphBuilder& b, const std::vector<Operation*>& inputs,
                 const std::vector<std::string>& devices,
                 absl::string_view name) {
  if (!b.ok()) return nullptr;
  BuilderScope scope(b, name);
  if (!b.ok()) return nullptr;
  std::map<std::string, std::vector<Operation*>> by_device;
  for (size_t i = 0; i < inputs.size(); ++i) {
    by_device[devices[i]].push_back(inputs[i]);
  }
  if (by_device.empty()) return NoOp(b, scope.full_name());
  if (by_device.size() == 1) {
    const auto& only = *by_device.begin();
    return GroupOnDevice(b, only.first, only.second, scope.full_name());
  }
  std::vector<Operation*> groups;
  for (const auto& entry : by_device) {
    groups.push_back(GroupOnDevice(b, entry.first, entry.second, ""));
    if (!b.ok()) return nullptr;
  }
  ControlDependencies after(b.graph(), groups);
  return NoOp(b, scope.full_name());
}

Output Zeros(GraphBuilder& b, const TensorShape& shape, DataType dtype,
             absl::string_view name) {
  return Filled(b, shape, Tensor(dtype, TensorShape()), name);
}

Output Ones(GraphBuilder& b, const TensorShape& shape, DataType dtype,
            absl::string_view name) {
  Tensor one(dtype, TensorShape());
#define RG_SET_ONE(T) \
  if (dtype == DataTypeOf<T>::value) SetOne<T>(&one);
  RG_NUMBER_TYPES(RG_SET_ONE)
#undef RG_SET_ONE
  if (dtype == DT_BOOL) one.mutable_flat<bool>()[0] = true;
  return Filled(b, shape, one, name);
}

Output Fill(GraphBuilder& b, const Input& dims, const Input& value,
            absl::string_view name) {
  return b.Op("Fill", {dims, value}, {}, name);
}

Output Reshape(GraphBuilder& b, const Input& tensor, const Input& shape,
               absl::string_view name) {
  return b.Op("Reshape", {tensor, shape}, {}, name);
}

Output Cast(GraphBuilder& b, const Input& x, DataType dtype,
            absl::string_view name) {
  if (!b.ok()) return Output();
  // A tensor of that type already is returned as it is, and no name is used up;
  // a variable is read first, under the name.
  if (x.is_output() && !x.ref().valid() && x.output().dtype() == dtype) {
    return x.output();
  }
  BuilderScope scope(b, name);
  const Output value = b.Convert(x, DT_INVALID, "x");
  if (!b.ok() || RemoveRefType(value.dtype()) == dtype) return value;
  return b.Op("Cast", {value}, {Attr("DstT", dtype)}, scope.full_name());
}

Output RandomUniform(GraphBuilder& b, const Input& shape, const Input& minval,
                     const Input& maxval, DataType dtype,
                     absl::optional<int64_t> seed, absl::string_view name) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, name);
  const Output shape_tensor = b.Convert(shape, DT_INVALID, "shape", DT_INT32);
  const Output low = b.Convert(minval, dtype, "min");
  const Output high = b.Convert(maxval, dtype, "max");
  if (!b.ok()) return Output();
  AttrList attrs = SeedAttrs(b, seed);
  if (IsIntegerType(dtype)) {
    return b.Op("RandomUniformInt", {shape_tensor, low, high}, std::move(attrs),
                scope.full_name());
  }
  attrs.push_back(Attr("dtype", dtype));
  const Output values = b.Op("RandomUniform", {shape_tensor}, std::move(attrs));
  const Output range = b.Op("Sub", {high, low}, {}, "sub");
  const Output scaled = b.Op("Mul", {values, range}, {}, "mul");
  return b.Op("Add", {scaled, low}, {}, scope.full_name());
}

Output RandomNormal(GraphBuilder& b, const Input& shape, const Input& mean,
                    const Input& stddev, DataType dtype,
                    absl::optional<int64_t> seed, absl::string_view name) {
  return ScaledNormal(b, "RandomStandardNormal", shape, mean, stddev, dtype,
                      seed, name);
}

Output TruncatedNormal(GraphBuilder& b, const Input& shape, const Input& mean,
                       const Input& stddev, DataType dtype,
                       absl::optional<int64_t> seed, absl::string_view name) {
  return ScaledNormal(b, "TruncatedNormal", shape, mean, stddev, dtype, seed,
                      name);
}

}  // namespace retrograph
