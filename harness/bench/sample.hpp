// One measured window of one cell, as a line of samples.jsonl holds it (results/README.md).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace contend {

/// One request, job or part of a lesson: who ran when, in ns since the whole began. Absent: never
/// got there.
struct Span {
  std::uint64_t lane = 0;
  std::optional<std::string> name{};  ///< What a lesson calls it.
  std::optional<std::int64_t> start_ns, compute_ns, finish_ns;
  bool ok = false;
};

struct Sample {
  enum class Status : std::uint8_t { ok, failed, skipped };

  std::string cell;               ///< Its id.
  unsigned round = 0, order = 0;  ///< In which round, and as the how-manieth of it; from 0.
  std::string at;                 ///< UTC, when it began.
  Status status = Status::ok;
  std::optional<std::string> reason;  ///< Exactly where it is not ok.
  std::int64_t window_ns = 0;
  std::uint64_t operations = 0;
  std::map<std::string, std::uint64_t> errors;
  std::map<std::string, std::optional<double>> metrics;
  bool client_limited = false;
  std::string latency = "closed_loop";
  std::map<std::string, nlohmann::json> histograms;  ///< As Histogram::to_json writes them.
  std::vector<Span> spans;
  std::vector<std::string> notes;  ///< What a lesson said.
};

std::string_view to_string(Sample::Status status);
nlohmann::json to_json(const Sample& sample);
/// Strict. Throws std::invalid_argument that names the field.
Sample parse_sample(const nlohmann::json& json, const std::string& where);

nlohmann::json to_json(const std::vector<Span>& spans);
/// Spans as a host's report has them; `result`, which only jobs have, is not kept.
std::vector<Span> parse_spans(const nlohmann::json& array, const std::string& where);
/// Errors by kind, as reports and samples have them.
std::map<std::string, std::uint64_t> parse_errors(const nlohmann::json& object,
                                                  const std::string& where);

/// The time of day, "2026-11-23T08:15:00.123Z".
std::string time_of_day();

/// An optional as JSON: absent is null.
template <typename T>
nlohmann::json nullable(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

}  // namespace contend
