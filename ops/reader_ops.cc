// Readers: the ops that make one and those that use it.
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/queue.h"
#include "ops/queue_ops.h"
#include "ops/reader.h"
#include "ops/resource_handle.h"
#include "ops/waiting_kernel.h"

namespace retrograph {
namespace {

using ReaderPtr = std::shared_ptr<Reader>;

// ---- Making one ----

absl::StatusOr<ReaderConfig> ConfigOf(const Operation& op) {
  ReaderConfig config;
  config.kind = op.type();
  const std::pair<const char*, int64_t*> numbers[] = {
      {"skip_header_lines", &config.skip_header_lines},
      {"header_bytes", &config.header_bytes},
      {"record_bytes", &config.record_bytes},
      {"footer_bytes", &config.footer_bytes},
      {"hop_bytes", &config.hop_bytes}};
  for (const auto& [name, value] : numbers) {
    if (op.FindAttr(name) == nullptr) continue;
    RG_RETURN_IF_ERROR(op.GetAttr(name, value));
  }
  for (const char* name : {"compression_type", "encoding"}) {
    if (op.FindAttr(name) == nullptr) continue;
    RG_RETURN_IF_ERROR(op.GetAttr(name, &config.compression));
  }
  return config;
}

absl::StatusOr<ReaderPtr> MakeNamed(const ReaderConfig& config,
                                    const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(ReaderPtr reader, MakeReader(config));
  const absl::string_view kind = absl::StripSuffix(config.kind, "V2");
  reader->set_name(absl::StrCat(kind, " '", ctx.op().name(), "'"));
  return reader;
}

absl::StatusOr<Tensor> MakeOrFindReader(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const ResourceName name, NameResource(ctx->op()));
  RG_ASSIGN_OR_RETURN(const ReaderConfig config, ConfigOf(ctx->op()));
  RG_RETURN_IF_ERROR(ctx->env()
                         .resources
                         ->LookupOrCreate<Reader>(
                             name.container, name.name,
                             [&] { return MakeNamed(config, *ctx); })
                         .status());
  return ResourceHandleTo<Reader>(name, kReaderTypeText);
}

// ---- Using one ----

absl::StatusOr<ReaderPtr> ReaderOf(const KernelContext& ctx) {
  return LookupInput<Reader>(ctx, 0, kReaderTypeText);
}

using UseReader = void (*)(KernelContext*, const ReaderPtr&, Done);

void Read(KernelContext* ctx, const ReaderPtr& reader, Done done) {
  auto queue = LookupInput<Queue>(*ctx, 1, kQueueTypeText);
  if (!queue.ok()) {
    ctx->SetStatus(queue.status());
    return done();
  }
  reader->Read(ctx, *std::move(queue), std::move(done));
}

void ReadUpTo(KernelContext* ctx, const ReaderPtr& reader, Done done) {
  auto queue = LookupInput<Queue>(*ctx, 1, kQueueTypeText);
  ctx->SetStatus(queue.status());
  if (ctx->status().ok() && ctx->input(2).shape().rank() != 0) {
    ctx->SetStatus(
        absl::InvalidArgumentError("num_records must be a scalar"));
  }
  if (!ctx->status().ok()) return done();
  const int64_t count = ctx->input(2).scalar<int64_t>();
  reader->ReadUpTo(ctx, *std::move(queue), count, std::move(done));
}

// What is done in a turn of its own.
template <void (*act)(KernelContext*, Reader*)>
void InTurn(KernelContext* ctx, const ReaderPtr& reader, Done done) {
  reader->TakeTurn([ctx, reader, done = std::move(done)] {
    act(ctx, reader.get());
    const Done after = done;
    reader->EndTurn();
    after();
  });
}

void TellRecords(KernelContext* ctx, Reader* reader) {
  ctx->set_output(0, Tensor::Scalar<int64_t>(reader->num_records_produced()));
}
void TellWorkUnits(KernelContext* ctx, Reader* reader) {
  ctx->set_output(0,
                  Tensor::Scalar<int64_t>(reader->num_work_units_completed()));
}
void ResetReader(KernelContext*, Reader* reader) { reader->Reset(); }
void Serialize(KernelContext* ctx, Reader* reader) {
  absl::StatusOr<std::string> state = reader->SerializeState();
  RG_KERNEL_OK(ctx, state.status());
  ctx->set_output(0, Tensor::Scalar(*std::move(state)));
}
void Restore(KernelContext* ctx, Reader* reader) {
  const Tensor& state = ctx->input(1);
  RG_KERNEL_REQUIRES(ctx, state.shape().rank() == 0,
                     absl::InvalidArgumentError(absl::StrCat(
                         "Reader state must be scalar, but had shape: ",
                         state.shape().DebugString())));
  RG_KERNEL_OK(ctx, reader->RestoreState(state.scalar<std::string>()));
}

// ---- Registration ----

absl::Status ReadUpToShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 0).status());
  c->set_output(0, Shape({kUnknownDim}));
  c->set_output(1, Shape({kUnknownDim}));
  return absl::OkStatus();
}

OpBuilder Maker(OpRegistry* registry, const char* type) {
  OpBuilder op = registry->Op(type);
  op.Output("reader_handle: resource")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, KernelOf<HandleKernel<MakeOrFindReader>>());
  return op;
}

OpBuilder& WithNames(OpBuilder& op) {
  return op.Attr("container: string = ''").Attr("shared_name: string = ''");
}

template <UseReader use>
OpBuilder User(OpRegistry* registry, const char* type) {
  OpBuilder op = registry->Op(type);
  op.Input("reader_handle: resource")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, KernelOf<WaitingKernel<Reader, ReaderOf, use>>());
  return op;
}

}  // namespace

void RegisterReaderOps(OpRegistry* registry) {
  OpBuilder lines = Maker(registry, "TextLineReaderV2");
  WithNames(lines.Attr("skip_header_lines: int = 0"));
  OpBuilder records = Maker(registry, "TFRecordReaderV2");
  WithNames(records).Attr("compression_type: string = ''");
  OpBuilder whole = Maker(registry, "WholeFileReaderV2");
  WithNames(whole);
  OpBuilder same = Maker(registry, "IdentityReaderV2");
  WithNames(same);
  OpBuilder fixed = Maker(registry, "FixedLengthRecordReaderV2");
  WithNames(fixed.Attr("header_bytes: int = 0")
                .Attr("record_bytes: int")
                .Attr("footer_bytes: int = 0")
                .Attr("hop_bytes: int = 0"))
      .Attr("encoding: string = ''");

  User<Read>(registry, "ReaderReadV2")
      .Input("queue_handle: resource")
      .Output("key: string")
      .Output("value: string");
  User<ReadUpTo>(registry, "ReaderReadUpToV2")
      .Input("queue_handle: resource")
      .Input("num_records: int64")
      .Output("keys: string")
      .Output("values: string")
      .Shape(ReadUpToShape);
  User<InTurn<TellRecords>>(registry, "ReaderNumRecordsProducedV2")
      .Output("records_produced: int64");
  User<InTurn<TellWorkUnits>>(registry, "ReaderNumWorkUnitsCompletedV2")
      .Output("units_completed: int64");
  User<InTurn<Serialize>>(registry, "ReaderSerializeStateV2")
      .Output("state: string");
  User<InTurn<Restore>>(registry, "ReaderRestoreStateV2")
      .Input("state: string");
  User<InTurn<ResetReader>>(registry, "ReaderResetV2");
}

}  // namespace retrograph
