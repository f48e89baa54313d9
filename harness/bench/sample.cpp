// One measured window of one cell, to and from JSON.
#include "harness/bench/sample.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "harness/base/json.hpp"
#include "harness/stats/histogram.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

using nlohmann::json;

std::optional<std::int64_t> instant(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.nullable_integer(name) : std::nullopt;
}

Sample::Status status_of(const std::string& name) {
  if (name == "ok") return Sample::Status::ok;
  return name == "failed" ? Sample::Status::failed : Sample::Status::skipped;
}

}  // namespace

std::string_view to_string(Sample::Status status) {
  switch (status) {
    case Sample::Status::ok: return "ok";
    case Sample::Status::failed: return "failed";
    case Sample::Status::skipped: return "skipped";
  }
  return "unknown";
}

json to_json(const std::vector<Span>& spans) {
  json array = json::array();
  for (const Span& span : spans) {
    array.push_back({{"lane", span.lane},
                     {"start_ns", nullable(span.start_ns)},
                     {"compute_ns", nullable(span.compute_ns)},
                     {"finish_ns", nullable(span.finish_ns)},
                     {"ok", span.ok}});
    if (span.name) array.back()["name"] = *span.name;
  }
  return array;
}

json to_json(const Sample& sample) {
  json metrics = json::object();
  for (const auto& [name, value] : sample.metrics)
    metrics[name] = value && std::isfinite(*value) ? json(*value) : json();
  json line = {{"cell", sample.cell},
               {"round", sample.round},
               {"order", sample.order},
               {"at", sample.at},
               {"status", to_string(sample.status)},
               {"reason", nullable(sample.reason)},
               {"window_ns", sample.window_ns},
               {"operations", sample.operations},
               {"errors", json(sample.errors)},
               {"metrics", metrics},
               {"client_limited", sample.client_limited},
               {"latency", sample.latency},
               {"histograms", json(sample.histograms)},
               {"spans", to_json(sample.spans)}};
  if (!sample.notes.empty()) line["notes"] = sample.notes;
  return line;
}

std::vector<Span> parse_spans(const json& array, const std::string& where) {
  std::vector<Span> spans;
  for (const json& element : array) {
    Fields fields(element, fmt::format("{}[{}]", where, spans.size()));
    spans.push_back(
        {.lane = static_cast<std::uint64_t>(fields.integer("lane", 0)),
         .name = fields.has("name") ? std::optional(fields.string("name")) : std::nullopt,
         .start_ns = instant(fields, "start_ns"),
         .compute_ns = instant(fields, "compute_ns"),
         .finish_ns = instant(fields, "finish_ns"),
         .ok = fields.boolean("ok")});
    if (spans.back().name == "") fields.refuse("name", "must not be empty");
    fields.has("result");
    fields.finish();
  }
  return spans;
}

std::map<std::string, std::uint64_t> parse_errors(const json& object, const std::string& where) {
  Fields fields(object, where);
  std::map<std::string, std::uint64_t> errors;
  for (std::size_t kind = 0; kind < reply_error_count; ++kind) {
    const auto name = to_string(static_cast<ReplyError>(kind));
    if (!fields.has(name)) continue;
    if (const std::int64_t count = fields.integer(name, 0); count > 0)
      errors.emplace(name, static_cast<std::uint64_t>(count));
  }
  fields.finish();
  return errors;
}

Sample parse_sample(const json& json, const std::string& where) {
  Fields fields(json, where);
  Sample sample;
  sample.cell = fields.string("cell");
  sample.round = static_cast<unsigned>(fields.integer("round", 0, UINT32_MAX));
  sample.order = static_cast<unsigned>(fields.integer("order", 0, UINT32_MAX));
  sample.at = fields.string("at");
  sample.status = status_of(fields.choice("status", {"ok", "failed", "skipped"}));
  sample.reason = fields.nullable_string("reason");
  if (sample.reason.has_value() == (sample.status == Sample::Status::ok))
    fields.refuse("reason", "must be null exactly where the status is ok");
  sample.window_ns = fields.integer("window_ns", 0);
  sample.operations = static_cast<std::uint64_t>(fields.integer("operations", 0));
  sample.errors = parse_errors(fields.object("errors"), fields.path("errors"));
  const auto& metrics = fields.object("metrics");
  Fields metric(metrics, fields.path("metrics"));
  for (const auto& [name, value] : metrics.items())
    sample.metrics.emplace(name, metric.nullable_number(name));
  sample.client_limited = fields.boolean("client_limited");
  sample.latency = fields.choice("latency", {"closed_loop", "open_loop"});
  for (const auto& [kind, histogram] : fields.object("histograms").items()) {
    try {
      Histogram::from_json(histogram);
    } catch (const std::invalid_argument& error) {
      fields.refuse("histograms", kind + ": " + error.what());
    }
    sample.histograms.emplace(kind, histogram);
  }
  sample.spans = parse_spans(fields.array("spans"), fields.path("spans"));
  if (fields.has("notes")) sample.notes = fields.strings("notes");
  fields.finish();
  return sample;
}

std::string time_of_day() {
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                     (now - second).count());
}

}  // namespace contend
