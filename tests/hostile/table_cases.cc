// Lies in the tables that both kinds of checkpoints are made of.
#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "checkpoint/names.h"
#include "snappy.h"
#include "tests/hostile/hostile_files.h"

namespace retrograph {
namespace hostile {
namespace {

class TableCaseMaker {
 public:
  explicit TableCaseMaker(Kind kind)
      : kind_(kind),
        entries_(kind == Kind::kBundle ? GoodV2().entries : GoodV1()) {}

  Cases Take() { return std::move(cases_); }
  const Entries& entries() const { return entries_; }
  std::string GoodTable() const { return TableOf(entries_); }
  std::string GoodBlock() const { return PlainBlock(entries_); }

  void Add(const std::string& name, std::string table) {
    HostileCase c;
    c.kind = kind_;
    c.name =
        absl::StrCat(kind_ == Kind::kBundle ? "v2_table_" : "v1_table_", name);
    if (kind_ == Kind::kBundle) {
      c.files = BundleFiles(entries_, GoodV2().data);
      c.files[MetaFilename("m")] = std::move(table);
    } else {
      c.files = {{"m", std::move(table)}};
    }
    cases_.push_back(std::move(c));
  }

  void LastHasAnyValue() { cases_.back().any_value = true; }

  // A table with this as its only data block.
  void AddBlock(const std::string& name, const std::string& contents,
                char type = kBlockUncompressed) {
    RawTable table;
    const BlockHandle handle = table.AddBlock(contents, type);
    table.AddIndexEntry("\xff", EncodeHandle(handle));
    Add(name, table.Finish());
  }

  // The good data block, and this as its handle in the index.
  void AddHandle(const std::string& name, const std::string& handle) {
    RawTable table;
    table.AddBlock(GoodBlock());
    table.AddIndexEntry("\xff", handle);
    Add(name, table.Finish());
  }

 private:
  const Kind kind_;
  const Entries entries_;
  Cases cases_;
};

void AddFooters(TableCaseMaker* maker) {
  const std::string good = maker->GoodTable();
  for (size_t cut = 1; cut <= kTableFooterSize + 1; ++cut) {
    maker->Add(absl::StrCat("footer_short_by_", cut),
               good.substr(0, good.size() - cut));
  }
  for (size_t byte = 1; byte <= 8; ++byte) {
    std::string bad = good;
    bad[bad.size() - byte] = static_cast<char>(bad[bad.size() - byte] ^ 0x40);
    maker->Add(absl::StrCat("magic_byte_", byte), bad);
  }
  maker->Add("twice", good + good);
  maker->Add("then_more", good + std::string(48, '\0'));
  std::string overlong = good;
  const size_t footer = overlong.size() - kTableFooterSize;
  for (size_t i = 0; i < 40; ++i) overlong[footer + i] = '\xff';
  maker->Add("footer_overlong_numbers", overlong);
}

void AddHandles(TableCaseMaker* maker) {
  const uint64_t size = maker->GoodBlock().size();
  for (const int64_t number : StrangeNumbers()) {
    const uint64_t n = static_cast<uint64_t>(number);
    maker->AddHandle(absl::StrCat("block_offset_", number),
                     EncodeHandle({n, size}));
    maker->AddHandle(absl::StrCat("block_size_", number),
                     EncodeHandle({0, n}));
    maker->AddHandle(absl::StrCat("block_both_", number),
                     EncodeHandle({n, 0 - n}));
    for (const bool offset : {true, false}) {
      RawTable table;
      const BlockHandle block = table.AddBlock(maker->GoodBlock());
      const std::string index =
          PlainBlock({{"\xff", EncodeHandle(block)}});
      const BlockHandle lie = offset ? BlockHandle{n, index.size()}
                                     : BlockHandle{size + kBlockTrailerSize, n};
      maker->Add(
          absl::StrCat("index_", offset ? "offset_" : "size_", number),
          table.FinishWith(index, kBlockUncompressed, &lie));
    }
  }
  maker->AddHandle("handle_empty", "");
  maker->AddHandle("handle_half", EncodeHandle({0, size}).substr(0, 1));
  maker->AddHandle("handle_overlong", std::string(11, '\xff'));
  maker->AddHandle("handle_then_more", EncodeHandle({0, size}) + "abc");
}

void AddRestarts(TableCaseMaker* maker) {
  std::vector<RawEntry> raw;
  for (const auto& [key, value] : maker->entries()) {
    raw.push_back(PlainEntry(key, value));
  }
  for (const int64_t number : StrangeNumbers()) {
    if (number < 0 || number > UINT32_MAX) continue;
    const uint32_t n = static_cast<uint32_t>(number);
    maker->AddBlock(absl::StrCat("num_restarts_", number),
                    RawBlock(raw, {0}, n));
    maker->AddBlock(absl::StrCat("restart_", number), RawBlock(raw, {n}));
    maker->AddBlock(absl::StrCat("second_restart_", number),
                    RawBlock(raw, {0, n}));
    RawTable table;
    const BlockHandle block = table.AddBlock(RawBlock(raw));
    const std::vector<RawEntry> index = {
        PlainEntry("\xff", EncodeHandle(block))};
    maker->Add(absl::StrCat("index_num_restarts_", number),
               table.FinishWith(RawBlock(index, {0}, n)));
    maker->Add(absl::StrCat("index_restart_", number),
               table.FinishWith(RawBlock(index, {n})));
  }
  maker->AddBlock("block_of_3_bytes", "abc");
  maker->AddBlock("block_of_no_bytes", "");
  maker->AddBlock("block_of_restarts", std::string(4000, '\0'));
}

void AddEntryLengths(TableCaseMaker* maker) {
  for (const int64_t number : StrangeNumbers()) {
    for (const size_t at : {size_t{0}, size_t{1}, maker->entries().size() - 1}) {
      for (int field = 0; field < 3; ++field) {
        std::vector<RawEntry> raw;
        for (const auto& [key, value] : maker->entries()) {
          raw.push_back(PlainEntry(key, value));
        }
        RawEntry& entry = raw[at];
        const uint64_t n = static_cast<uint64_t>(number);
        const char* const names[] = {"shared", "unshared", "value_length"};
        (field == 0   ? entry.shared
         : field == 1 ? entry.unshared
                      : entry.value_length) = n;
        // As many numbers are like those that a fuzzer finds; take a third.
        if ((at + static_cast<size_t>(field) + static_cast<size_t>(n % 7)) % 3 !=
            0) {
          continue;
        }
        maker->AddBlock(
            absl::StrCat(names[field], "_of_", at, "_", number), RawBlock(raw));
      }
    }
  }
}

// Keys out of order or twice, blocks that are empty, come twice or overlap.
void AddOrders(TableCaseMaker* maker) {
  const Entries& entries = maker->entries();
  std::vector<RawEntry> raw;
  for (const auto& [key, value] : entries) raw.push_back(PlainEntry(key, value));
  std::vector<RawEntry> reversed(raw.rbegin(), raw.rend());
  maker->AddBlock("reversed", RawBlock(reversed));
  std::vector<RawEntry> twice = raw;
  twice.insert(twice.end(), raw.begin(), raw.end());
  maker->AddBlock("entries_twice", RawBlock(twice));
  {
    // The same block again and again: a small file, an endless walk.
    RawTable table;
    const BlockHandle block = table.AddBlock(maker->GoodBlock());
    for (int i = 0; i < 200000; ++i) {
      table.AddIndexEntry("\xff", EncodeHandle(block));
    }
    maker->Add("block_200000_times", table.Finish());
  }
  {
    RawTable table;
    const BlockHandle empty = table.AddBlock(RawBlock({}));
    for (int i = 0; i < 1000; ++i) table.AddIndexEntry("", EncodeHandle(empty));
    const BlockHandle block = table.AddBlock(maker->GoodBlock());
    table.AddIndexEntry("\xff", EncodeHandle(block));
    maker->Add("empty_blocks", table.Finish());
  }
  {
    // Each key has all of the one before: ten thousand keys take a fifth of a
    // megabyte in the file and half a gigabyte in memory.
    std::vector<RawEntry> growing = {raw[0]};
    std::string name(50000, 'k');
    growing.push_back(PlainEntry("zz" + name, raw[1].bytes));
    for (int i = 0; i < 10000; ++i) {
      RawEntry entry = PlainEntry(absl::StrCat("_", 10000 + i), "\x08\x01");
      entry.shared = name.size();
      growing.push_back(entry);
    }
    maker->AddBlock("keys_share_much", RawBlock(growing));
  }
}

void AddSnappy(TableCaseMaker* maker) {
  const std::string block = maker->GoodBlock();
  std::string good;
  snappy::Compress(block.data(), block.size(), &good);
  maker->AddBlock("snappy_good", good, kBlockSnappy);
  maker->AddBlock("snappy_not", block, kBlockSnappy);
  maker->AddBlock("snappy_empty", "", kBlockSnappy);
  maker->AddBlock("snappy_cut", good.substr(0, good.size() / 2), kBlockSnappy);
  maker->AddBlock("snappy_more", good + "abc", kBlockSnappy);
  for (const int64_t number : StrangeNumbers()) {
    std::string lying;
    AppendVarint64(&lying, static_cast<uint64_t>(number));
    maker->AddBlock(absl::StrCat("snappy_length_", number),
                    lying + good.substr(block.size() < 128 ? 1 : 2),
                    kBlockSnappy);
  }
  // Literals and copies that reach out of what is there.
  const std::vector<std::string> bad = {
      std::string("\x08\xfc\xff\xff\xff\x7f", 6), std::string("\x08\x01\x00", 3),
      std::string("\x08\x02\xff\xff", 4), std::string("\x08\x00x\x01\x00", 5),
      std::string("\x20\x00x\x03\xff\xff\xff\x7f", 8),
      std::string("\x08\xf0", 2), std::string("\xff\xff\xff\xff\x0f", 5)};
  for (size_t i = 0; i < bad.size(); ++i) {
    maker->AddBlock(absl::StrCat("snappy_bad_", i), bad[i], kBlockSnappy);
  }
  // A megabyte of zeros that says it is a block.
  std::string zeros;
  const std::string many(1 << 20, '\0');
  snappy::Compress(many.data(), many.size(), &zeros);
  maker->AddBlock("snappy_zeros", zeros, kBlockSnappy);
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    std::string bytes = good;
    for (int k = 0; k < 3; ++k) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    maker->AddBlock(absl::StrCat("snappy_changed_", i), bytes, kBlockSnappy);
    maker->LastHasAnyValue();
  }
  for (const int type : {2, 3, 4, 127, 255}) {
    maker->AddBlock(absl::StrCat("block_type_", type), block,
                    static_cast<char>(type));
  }
}

}  // namespace

Cases TableCases(Kind kind) {
  TableCaseMaker maker(kind);
  AddFooters(&maker);
  AddHandles(&maker);
  AddRestarts(&maker);
  AddEntryLengths(&maker);
  AddOrders(&maker);
  AddSnappy(&maker);
  return maker.Take();
}

}  // namespace hostile
}  // namespace retrograph
