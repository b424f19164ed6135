#include "tests/hostile/file_doors.h"

#include <utility>

#include "checkpoint/bundle_reader.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/merge.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/tensor_slice.h"

namespace retrograph {
namespace hostile {
namespace {

using RestoreFunction = absl::StatusOr<std::vector<Tensor>> (*)(
    FileSystem*, absl::string_view, absl::Span<const std::string>,
    absl::Span<const std::string>, absl::Span<const DataType>);

void AskAlone(RestoreFunction restore, FileSystem* fs,
              const std::string& prefix, const Question& question,
              Answers* answers) {
  absl::StatusOr<std::vector<Tensor>> values = restore(
      fs, prefix, {question.name}, {question.spec}, {question.dtype});
  if (values.ok()) {
    AddAnswer(question, (*values)[0], answers);
  } else {
    AddAnswer(question, values.status(), answers);
  }
}

Answers AskBy(RestoreFunction restore, FileSystem* fs,
              const std::string& prefix, const Questions& questions) {
  Answers answers;
  std::vector<std::string> names, specs;
  std::vector<DataType> dtypes;
  for (const Question& question : questions) {
    AskAlone(restore, fs, prefix, question, &answers);
    names.push_back(question.name);
    specs.push_back(question.spec);
    dtypes.push_back(question.dtype);
  }
  const auto all = restore(fs, prefix, names, specs, dtypes);
  AddStatus(all.status(), &answers);
  for (size_t i = 0; all.ok() && i < questions.size(); ++i) {
    AddAnswer(questions[i], (*all)[i], &answers);
  }
  return answers;
}

absl::StatusOr<TensorSlice> SliceOf(const std::string& spec) {
  absl::StatusOr<ShapeAndSlice> parsed = ParseShapeAndSlice(spec);
  if (!parsed.ok()) return parsed.status();
  return parsed->slice;
}

}  // namespace

void AddAnswer(const Question& question, absl::StatusOr<Tensor> value,
               Answers* answers) {
  answers->push_back({question.name, question.spec, std::move(value)});
}

void AddStatus(const absl::Status& status, Answers* answers) {
  absl::StatusOr<Tensor> value = Tensor();
  if (!status.ok()) value = status;
  answers->push_back({"", "", std::move(value)});
}

Answers AskBundleReader(FileSystem* fs, const std::string& prefix,
                        const Questions& questions) {
  Answers answers;
  const auto reader = BundleReader::Open(fs, prefix);
  AddStatus(reader.status(), &answers);
  if (!reader.ok()) return answers;
  AddStatus((*reader)->DebugString().status(), &answers);
  AddStatus((*reader)->ForEachEntry(
                [](absl::string_view, const BundleEntryProto&) {
                  return absl::OkStatus();
                }),
            &answers);
  for (const Question& question : questions) {
    if (question.spec.empty()) {
      AddAnswer(question, (*reader)->Lookup(question.name), &answers);
      continue;
    }
    AddAnswer(question,
              (*reader)->LookupSlice(question.name, *SliceOf(question.spec)),
              &answers);
  }
  return answers;
}

Answers AskCheckpointReader(FileSystem* fs, const std::string& prefix,
                            const Questions& questions) {
  Answers answers;
  const auto reader = CheckpointReader::Open(fs, prefix);
  AddStatus(reader.status(), &answers);
  if (!reader.ok()) return answers;
  // Also what nobody expects to be there.
  for (const std::string& name : (*reader)->names()) {
    AddAnswer({name, "", (*reader)->dtypes().at(name)},
              (*reader)->GetTensor(name), &answers);
  }
  for (const Question& question : questions) {
    if (question.spec.empty()) {
      AddAnswer(question, (*reader)->GetTensor(question.name), &answers);
      continue;
    }
    AddAnswer(question,
              (*reader)->GetSlice(question.name, *SliceOf(question.spec)),
              &answers);
  }
  return answers;
}

Answers AskRestore(FileSystem* fs, const std::string& prefix,
                   const Questions& questions) {
  return AskBy(RestoreTensors, fs, prefix, questions);
}

Answers AskV1Restore(FileSystem* fs, const std::string& pattern,
                     const Questions& questions) {
  return AskBy(RestoreTensorsV1, fs, pattern, questions);
}

Answers AskMerged(FileSystem* fs, const std::string& prefix,
                  const std::string& merged, const Questions& questions) {
  Answers answers;
  const absl::Status status = MergeBundles(fs, {prefix}, merged);
  AddStatus(status, &answers);
  if (!status.ok()) return answers;
  for (Answer& answer : AskRestore(fs, merged, questions)) {
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace hostile
}  // namespace retrograph
