#include "scenario/source.h"

#include "absl/strings/str_cat.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenario/code.h"

namespace retrograph::scenario {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(SourceTest, KnowsTheLineOfNestedSteps) {
  const auto source = Source::Parse("s.textproto",
                                    "title: \"t\"\n"
                                    "step { graph { name: \"g\"\n"
                                    "  step { name_scope { name: \"n\"\n"
                                    "    step { saver { as: \"s\" } }\n"
                                    "  } }\n"
                                    "} }\n");
  ASSERT_TRUE(source.ok()) << source.status();
  const pb::Step& outer = source->scenario().step(0);
  const pb::Step& scope = outer.graph().step(0);
  const pb::Step& saver = scope.name_scope().step(0);
  EXPECT_EQ(source->Line(outer), 2);
  EXPECT_EQ(source->Line(scope), 3);
  EXPECT_EQ(source->Line(saver), 4);
}

struct BadSource {
  const char* text;
  const char* place;
  const char* message;
};

TEST(SourceTest, MistakesNameThePlaceAndWhatWouldBeRight) {
  const BadSource cases[] = {
      {"step { savr { } }", "s:1: ", "did you mean \"saver\"?"},
      {"step {\n  saver { expect_keys: \"a\" } }", "s:2: ",
       "did you mean \"expect_key\"?"},
      {"step { saver { max_to_keep: \"a\" } }", "s:1: ", "integer"},
      {"title: \"only\"", "s:1: ", "needs at least one step"},
      {"step { comment: \"c\" }", "s:1: ", "a step needs an action"},
      {"step { saver {} expect_error { error: \"E\" } }", "s:1: ",
       "one of \"message\" and \"pattern\""},
      {"step { saver {} expect_error { pattern: \"x\" } }", "s:1: ",
       "the class in \"error\""},
      {"step { saver {} expect_error { error: \"E\" pattern: \"(\" } }",
       "s:1: ", "not an RE2 pattern"},
      {"step { graph { name: \"g\"", "s:1:", ""},
  };
  for (const BadSource& c : cases) {
    const auto source = Source::Parse("s", c.text);
    EXPECT_THAT(source.status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(c.place), HasSubstr(c.message))))
        << c.text;
  }
}

TEST(SourceTest, DeepNestingIsAnErrorAndNoCrash) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "step { name_scope { name: \"n\" ";
  EXPECT_THAT(Source::Parse("deep", text).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deep")));
}

TEST(SourceTest, MissingFileIsNotFoundAndNamed) {
  MemFileSystem fs;
  EXPECT_THAT(Source::Load(&fs, "/no.textproto").status(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/no.textproto; No such file")));
}

TEST(PythonCodeTest, WritesTheLineThatAStepStandsFor) {
  const std::pair<const char*, const char*> cases[] = {
      {"variable { as: 'v0' name: 'variable_0' initial_value: '0' }",
       "v0 = tf.Variable(0, name='variable_0')"},
      {"get_variable { name: 'w' shape: 3 shape: 4 use_resource: true }",
       "tf.get_variable('w', [3, 4], use_resource=True)"},
      {"saver { as: 's' var_list: 'a' var_list: 'b' key: 'x' key: 'y' "
       "max_to_keep: -1 }",
       "s = tf.train.Saver({'x': a, 'y': b}, max_to_keep=None)"},
      {"run { session: 'sess' fetch: 'a' fetch: 'b' "
       "feed { tensor: 'x' value: '[1.5]' } }",
       "sess.run([a, b], {x: [1.5]})"},
      {"save { saver: 's' session: 'sess' path: 'd/m' "
       "global_step { value: 7 } }",
       "s.save(sess, 'd/m', global_step=7)"},
      {"placeholder { as: 'p' dtype: DT_FLOAT shape: '[-1, 2]' }",
       "p = tf.placeholder(tf.float32, [None, 2])"},
      {"variable_scope { name: 'vs' reuse: AUTO_REUSE }",
       "with tf.variable_scope('vs', reuse=tf.AUTO_REUSE):"},
  };
  for (const auto& [text, code] : cases) {
    const auto source = Source::Parse("s", absl::StrCat("step { ", text, " }"));
    ASSERT_TRUE(source.ok()) << source.status();
    EXPECT_EQ(PythonCode(source->scenario().step(0)), code);
  }
}

}  // namespace
}  // namespace retrograph::scenario
