// What each format's text is to other programs: exports of comparisons with hostile names, read by
// readers that are not ours (consumers.py), each skipped by name where it is not installed.
#include <gtest/gtest.h>

#include "engines/exit_codes.hpp"
#include "harness/export/export_testing.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::exports {
namespace {

using namespace std::chrono_literals;

struct Reader {
  const char *format, *reader, *file;
};

void PrintTo(const Reader& reader, std::ostream* to) {
  *to << reader.reader;
}

class ConsumersTest : public ::testing::TestWithParam<Reader> {
 protected:
  /// Whether the reader took it; where it is not installed the test is skipped.
  void expect_read(const ab::AbResult& result) {
    const Reader reader = GetParam();
    const std::string ab_file = folder_.file("ab.json", to_json(result).dump());
    const Source source = testing::source_of(result);
    const std::string file = folder_.path() / reader.file;
    const auto texts = find_format(reader.format).write({&source, 1}, {.out = file});
    folder_.file(reader.file, texts.front());
    if (texts.size() > 1) folder_.file("x.yaml", texts[1]);
    Child child(guard_, {.arguments = {"/usr/bin/python3", "-B",
                                       CONTEND_SOURCE_DIR "/harness/export/consumers.py",
                                       reader.reader, file, ab_file}});
    const Ending ending = child.wait(Clock::now() + 60s);
    if (ending.number == exit_unavailable) GTEST_SKIP() << child.stderr_text();
    EXPECT_TRUE(ending.clean()) << ending.text() << ": " << child.stderr_text();
  }

  testing::TemporaryFolder folder_;
  Guard guard_;
};

TEST_P(ConsumersTest, ReadAComparison) {
  expect_read(testing::some_ab_result());
}

TEST_P(ConsumersTest, ReadNamesWithAnythingInThem) {
  for (std::uint64_t seed = 1; seed <= 12 && !IsSkipped(); ++seed) {
    SCOPED_TRACE(seed);
    expect_read(testing::hostile_comparison(seed));
  }
}

TEST_P(ConsumersTest, ReadALargeComparison) {
  expect_read(testing::hostile_comparison(99, 300));
}

INSTANTIATE_TEST_SUITE_P(
    Formats, ConsumersTest,
    ::testing::Values(Reader{"junit", "junit", "x.xml"}, Reader{"junit", "xmllint", "x.xml"},
                      Reader{"csv", "csv", "x.csv"}, Reader{"openmetrics", "openmetrics", "x.prom"},
                      Reader{"markdown", "markdown", "x.md"}, Reader{"otava", "otava", "x.csv"}),
    [](const auto& instance) { return std::string(instance.param.reader); });

}  // namespace
}  // namespace contend::exports
