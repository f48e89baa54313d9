// Names as each format wants them written.
#include "harness/base/text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "harness/export/export_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

/// nlohmann's own check of UTF-8, which is not ours.
bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

TEST(Text, MovesNothingOnATerminal) {
  EXPECT_EQ(terminal_text("plain \u00fc \U0001f600 | <b>"), "plain \u00fc \U0001f600 | <b>");
  EXPECT_EQ(terminal_text("a\x1b[2Jb\n\rc\td\x7f"), R"(a\x1b[2Jb\x0a\x0dc\x09d\x7f)");
  EXPECT_EQ(terminal_text("\u009b31m"), R"(\x9b31m)") << "is a terminal's ESC [ too";
  EXPECT_EQ(terminal_text("\u202etxt.exe\u2028"), R"(\u202etxt.exe\u2028)");
  EXPECT_EQ(terminal_text("\xff"), "\ufffd");
}

TEST(Text, IsNoFormulaInASpreadsheet) {
  for (const std::string begin : {"=", "+", "-", "@"})
    EXPECT_EQ(csv_field(begin + "1+1"), "'" + begin + "1+1");
  EXPECT_EQ(csv_field("\t=1"), "'\t=1");
  EXPECT_EQ(csv_field("\r=1"), "\"'\r=1\"");
  EXPECT_EQ(csv_field(R"(=LINK("x","y"))"), R"csv("'=LINK(""x"",""y"")")csv");
  EXPECT_EQ(csv_field("a=1"), "a=1");
  EXPECT_EQ(csv_field("\x1b[2J"), "\ufffd[2J");
  EXPECT_EQ(spreadsheet_text("-1"), "'-1");
  EXPECT_EQ(spreadsheet_text(spreadsheet_text("-1")), "'-1");
}

TEST(Text, IsEscapedForXml) {
  EXPECT_EQ(xml_text("plain name"), "plain name");
  EXPECT_EQ(xml_text("a<b> & \"c\"\n"), "a&lt;b&gt; &amp; &quot;c&quot;&#10;");
  EXPECT_EQ(xml_text(std::string("\0\x1b\x7f", 3)), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(xml_text("\u00fc\U0001f600\uffff"), "\u00fc\U0001f600\ufffd");
}

TEST(Text, IsQuotedInCsvOnlyWhereItHasToBe) {
  EXPECT_EQ(csv_field("plain name"), "plain name");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"so\""), "\"say \"\"so\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field(" x"), "\" x\"");
}

TEST(Text, IsEscapedInLabels) {
  EXPECT_EQ(label_value("a\\b\"c\nd"), R"(a\\b\"c\nd)");
}

TEST(Text, IsNoMarkupInMarkdown) {
  EXPECT_EQ(markdown_text("plain, with 1.5 % (and so on)."), "plain, with 1.5 % (and so on).");
  EXPECT_EQ(markdown_text("a|b\nc"), "a&#124;b c");
  EXPECT_EQ(markdown_text("io_uring's size_bytes"), "io_uring&#39;s size_bytes");
  EXPECT_EQ(markdown_text("_a_ a_"), "&#95;a&#95; a&#95;");
  EXPECT_EQ(markdown_text("<script>"), "&#60;script&#62;");
  EXPECT_EQ(markdown_text("a@b"), "a&#64;<!---->b");
  EXPECT_EQ(markdown_text("http://x"), "http&#58;//x");
  EXPECT_EQ(markdown_code("echo/one/64 p50_ns"), "`echo/one/64 p50_ns`");
  EXPECT_EQ(markdown_code("a|b"), "<code>a&#124;b</code>");
  EXPECT_EQ(markdown_code("`"), "<code>&#96;</code>");
  EXPECT_EQ(markdown_code(""), "<code></code>");
}

TEST(Text, IsAQuotedScalarInYaml) {
  EXPECT_EQ(yaml_string("a: \"b\"\\\n"), R"("a: \"b\"\\\x0a")");
  EXPECT_EQ(yaml_string("\u0085\u2028\ufeff\U0001f600"),
            "\"\\x85\\U00002028\\U0000feff\U0001f600\"");
}

TEST(Text, IsUtf8WhateverBytesItWas) {
  std::mt19937_64 generator(5);
  for (int i = 0; i < testing::random_cases(20'000); ++i) {
    std::string bytes;
    for (std::uint64_t left = uniform_below(generator, 40); left > 0; --left)
      bytes += static_cast<char>(uniform_below(generator, 3) == 0 ? uniform_below(generator, 128)
                                                                  : uniform_below(generator, 256));
    for (const auto written : {terminal_text, xml_text, csv_field, label_value, markdown_text,
                               markdown_code, yaml_string})
      ASSERT_TRUE(is_utf8(written(bytes))) << nlohmann::json(xml_text(bytes));
    if (is_utf8(bytes)) {
      ASSERT_EQ(yaml_string(bytes).find("\ufffd") != std::string::npos,
                bytes.find("\ufffd") != std::string::npos);
    }
  }
}

TEST(Text, ThatIsTooLongIsCutBetweenCharactersAndStaysApart) {
  std::mt19937_64 generator(6);
  std::set<std::string> before, after;
  for (int i = 0; i < testing::random_cases(5'000); ++i) {
    const std::string text =
        testing::hostile_text(generator) + std::string(70, 'x') + testing::hostile_text(generator);
    const std::string cut = limited(text, 64);
    EXPECT_LE(cut.size(), 64U);
    EXPECT_TRUE(is_utf8(cut)) << i;
    before.insert(text);
    after.insert(cut);
  }
  EXPECT_EQ(before.size(), after.size());
  EXPECT_EQ(limited("as it is", 32), "as it is");
}

TEST(Text, NumbersReadBackAsTheSame) {
  std::mt19937_64 generator(7);
  for (int i = 0; i < 1'000; ++i) {
    const double value = std::ldexp(static_cast<double>(generator()),
                                    static_cast<int>(uniform_below(generator, 200)) - 150);
    EXPECT_EQ(std::stod(number(value)), value);
  }
  EXPECT_EQ(number(64), "64");
}

}  // namespace
}  // namespace contend
