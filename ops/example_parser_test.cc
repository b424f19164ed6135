#include "ops/example_parser.h"

#include <string>
#include <vector>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Field(char tag, const std::string& content) {
  return std::string(1, tag) + static_cast<char>(content.size()) + content;
}
std::string Entry(const std::string& key, const std::string& feature) {
  return Field(0x0a, Field(0x0a, key) + Field(0x12, feature));
}
std::string Example(const std::string& entries) { return Field(0x0a, entries); }

std::string Int64s(const std::string& list) { return Field(0x1a, list); }

template <typename T>
std::vector<T> Values(const std::string& feature) {
  std::vector<T> values;
  EXPECT_TRUE(SerializedFeature(feature).GetValues(&values));
  return values;
}

TEST(ExampleParserTest, TakesListsPackedOrNot) {
  EXPECT_THAT(Values<int64_t>(Int64s(Field(0x0a, "\x05\x96\x01"))),
              ElementsAre(5, 150));
  EXPECT_THAT(Values<int64_t>(Int64s("\x08\x05\x08\x06")), ElementsAre(5, 6));
  EXPECT_THAT(Values<int64_t>(Int64s("")), IsEmpty());
  EXPECT_THAT(Values<float>(Field(0x12, Field(0x0a, std::string(
                                                        "\0\0\x80\x3f", 4)))),
              ElementsAre(1.0f));
  EXPECT_THAT(Values<std::string>(Field(0x0a, Field(0x0a, "a") +
                                                  Field(0x0a, ""))),
              ElementsAre("a", ""));
  std::vector<int64_t> values;
  EXPECT_FALSE(SerializedFeature(Int64s("\x08\x05\x0a\x01\x07"))
                   .GetValues(&values));
}

TEST(ExampleParserTest, KeepsTheFeaturesInTheirOrder) {
  const std::string text = Example(Entry("a", Int64s("\x08\x05")) +
                                   Entry("b", "") +
                                   Entry("a", Field(0x12, "")));
  const auto features = ParseExampleFeatures(text);
  ASSERT_OK(features);
  ASSERT_EQ(features->size(), 3u);
  EXPECT_EQ((*features)[1].first, "b");
  DataType type;
  ASSERT_TRUE((*features)[0].second.GetType(&type));
  EXPECT_EQ(type, DT_INT64);
  ASSERT_TRUE((*features)[1].second.GetType(&type));
  EXPECT_EQ(type, DT_INVALID);
  ASSERT_TRUE((*features)[2].second.GetType(&type));
  EXPECT_EQ(type, DT_FLOAT);
  EXPECT_FALSE(SerializedFeature("\x22").GetType(&type));
}

TEST(ExampleParserTest, RefusesWhatIsNoExample) {
  for (const std::string& text :
       {std::string("\xff\xff"), Example(Entry("a", "x")).substr(0, 5),
        Example("\x10\x05"), Example(Field(0x0a, Field(0x0a, "a"))),
        std::string("\x13\x14")}) {
    EXPECT_THAT(ParseExampleFeatures(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("Could not parse example input, value: '")));
  }
  // Fields that are not known may stand beside the features.
  EXPECT_OK(ParseExampleFeatures("\x10\x05\x1a\x01z"));
  EXPECT_OK(ParseExampleFeatures(""));
}

// Under the sanitizers this tells that nothing is read beyond the end.
TEST(ExampleParserTest, TakesNothingThatIsNotThere) {
  const std::string good =
      Example(Entry("abc", Int64s(Field(0x0a, "\x05\x96\x01"))) +
              Entry("d", Field(0x12, Field(0x0a, std::string(8, 'f')))) +
              Entry("e", Field(0x0a, Field(0x0a, "text"))));
  const auto read_all = [](const std::string& text) {
    const std::string exact(text.data(), text.size());
    const auto features = ParseExampleFeatures(exact);
    if (!features.ok()) return;
    for (const NamedFeature& feature : *features) {
      std::vector<int64_t> int64s;
      std::vector<float> floats;
      std::vector<std::string> strings;
      feature.second.GetValues(&int64s);
      feature.second.GetValues(&floats);
      feature.second.GetValues(&strings);
      EXPECT_LE(int64s.size() + floats.size() + strings.size(), text.size());
    }
  };
  for (size_t at = 0; at < good.size(); ++at) {
    read_all(good.substr(0, at));
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      read_all(bad);
    }
  }
}

}  // namespace
}  // namespace retrograph
