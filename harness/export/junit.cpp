// JUnit's XML, as CI services show it: a test suite a cell, a test case a metric. What regressed or
// could not be measured is a failure.
//   contend export results/latest --format junit --out junit.xml
#include <fmt/format.h>

#include "harness/base/table.hpp"
#include "harness/base/text.hpp"
#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"

namespace contend::exports {
namespace {

enum class Outcome : std::uint8_t { passed, failed, skipped };

/// `message` is what was found, in one line.
struct Case {
  std::string name, message;
  Outcome outcome = Outcome::passed;
};

struct Suite {
  std::string name;
  std::vector<Case> cases{};

  std::size_t count(Outcome outcome) const {
    std::size_t count = 0;
    for (const Case& one : cases) count += one.outcome == outcome ? 1 : 0;
    return count;
  }
};

std::string to_xml(const Case& one, const std::string& suite) {
  const std::string message = xml_text(one.message);
  std::string text =
      fmt::format(R"(    <testcase classname="{}" name="{}">)", suite, xml_text(one.name));
  // The message stands twice, since some readers show the attribute alone, others the text alone.
  switch (one.outcome) {
    case Outcome::passed:
      text += message.empty() ? "" : fmt::format("<system-out>{}</system-out>", message);
      break;
    case Outcome::failed:
      text += fmt::format(R"(<failure type="failure" message="{}">{}</failure>)", message, message);
      break;
    case Outcome::skipped:
      text += fmt::format(R"(<skipped message="{}">{}</skipped>)", message, message);
  }
  return text + "</testcase>\n";
}

std::string to_xml(const Suite& suite, const Source& source) {
  const std::string name = xml_text(suite.name);
  std::string text = fmt::format(
      R"(  <testsuite name="{}" tests="{}" failures="{}" errors="0" skipped="{}" timestamp="{}">)",
      name, suite.cases.size(), suite.count(Outcome::failed), suite.count(Outcome::skipped),
      xml_text(source.started_at()));
  text += "\n";
  for (const Case& one : suite.cases) text += to_xml(one, name);
  return text + "  </testsuite>\n";
}

Outcome outcome_of(Doubt doubt) {
  switch (doubt) {
    case Doubt::skipped: return Outcome::skipped;
    case Doubt::failed: return Outcome::failed;
    case Doubt::passed: break;
  }
  return Outcome::passed;
}

Outcome outcome_of(ab::Verdict verdict, Doubt doubt) {
  switch (verdict) {
    case ab::Verdict::regressed: return Outcome::failed;
    case ab::Verdict::invalid:
    case ab::Verdict::inconclusive: return outcome_of(doubt);
    case ab::Verdict::improved:
    case ab::Verdict::unchanged: break;
  }
  return Outcome::passed;
}

std::vector<Suite> suites_of(const ab::AbResult& result, Doubt doubt) {
  std::vector<Suite> suites;
  for (const ab::ComparedCell& cell : result.cells) {
    Suite suite{.name = cell.id};
    for (const ab::Comparison& comparison : result.comparisons)
      if (comparison.cell == cell.id)
        suite.cases.push_back({comparison.metric, sentence(comparison, result.run.confidence),
                               outcome_of(comparison.verdict, doubt)});
    // A suite without cases would pass for one in which nothing is wrong.
    if (suite.cases.empty())
      suite.cases.push_back(
          {"slices", cell.reason.value_or("nothing of it was compared"), outcome_of(doubt)});
    suites.push_back(std::move(suite));
  }
  return suites;
}

std::string interval_text(const std::string& metric, const Interval& interval) {
  std::string text = "median " + metric_text(metric, interval.median);
  if (interval.low && interval.high)
    text += fmt::format(" ({} to {})", metric_text(metric, *interval.low),
                        metric_text(metric, *interval.high));
  return text;
}

std::vector<Suite> suites_of(const Result& result) {
  std::vector<Suite> suites;
  for (const CellResult& cell : result.cells) {
    Case samples{"samples", fmt::format("{} good, {} failed", cell.samples, cell.failed_samples)};
    if (cell.reason) samples.message += ": " + *cell.reason;
    if (cell.failed_samples > 0) samples.outcome = Outcome::failed;
    if (cell.status == CellResult::Status::skipped) samples.outcome = Outcome::skipped;
    Suite suite{.name = cell.cell.id(), .cases = {std::move(samples)}};
    for (const auto& [metric, interval] : cell.metrics)
      suite.cases.push_back({metric, interval_text(metric, interval)});
    suites.push_back(std::move(suite));
  }
  return suites;
}

std::vector<std::string> write_junit(std::span<const Source> sources, const Choices& choices) {
  const Source& source = sources.front();
  const std::vector<Suite> suites = source.result()
                                        ? suites_of(*source.result())
                                        : suites_of(*source.comparison(), choices.doubt);
  std::size_t tests = 0, failures = 0;
  std::string inside;
  for (const Suite& suite : suites) {
    tests += suite.cases.size();
    failures += suite.count(Outcome::failed);
    inside += to_xml(suite, source);
  }
  return {fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="{}" tests="{}" failures="{}" errors="0">
{}</testsuites>
)",
                      xml_text("contend " + source.suite()), tests, failures, inside)};
}

}  // namespace

extern const Format junit_format;
const Format junit_format{
    .name = "junit",
    .summary =
        "JUnit's XML: a suite a cell, a case a metric; what regressed or failed is a failure, "
        "what is in doubt is as --inconclusive says",
    .takes = Format::doubt,
    .write = write_junit};

}  // namespace contend::exports
