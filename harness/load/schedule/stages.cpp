// Stages as they are written.
#include "harness/load/schedule/stages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/base/time.hpp"
#include "workloads/number.hpp"

namespace contend::load {
namespace {

constexpr unsigned max_steps = 1000;

[[noreturn]] void refuse_ramp(std::string_view text, std::string_view why) {
  throw std::invalid_argument(
      fmt::format("{} is no ramp: {}; write FROM:TO:TIME, such as 100:5000:1m, or with :STEPS",
                  quote_for_display(text), why));
}

/// The next part of what is left, up to a colon.
std::string_view take(std::string_view& left) {
  const std::size_t colon = left.find(':');
  const std::string_view part = left.substr(0, colon);
  left.remove_prefix(colon == std::string_view::npos ? left.size() : colon + 1);
  return part;
}

double ramp_rate_of(std::string_view text, std::string_view part) {
  const auto rate = parse_number<double>(part);
  if (!rate || !(*rate >= 0) || *rate > max_rate_per_s)
    refuse_ramp(text, fmt::format("{} is no rate from 0 to 1e7 a second", quote_for_display(part)));
  return *rate;
}

unsigned steps_of(std::string_view text, std::string_view part) {
  const auto steps = parse_number<unsigned>(part);
  if (!steps || *steps < 2 || *steps > max_steps)
    refuse_ramp(text,
                fmt::format("{} is no number of steps from 2 to 1000", quote_for_display(part)));
  return *steps;
}

double rate_field(Fields& fields, std::string_view name) {
  const double rate = fields.number(name);
  if (!(rate >= 0) || rate > max_rate_per_s) fields.refuse(name, "must be from 0 to 1e7 a second");
  return rate;
}

Stage stage_of(const nlohmann::json& object, const std::string& where) {
  Fields fields(object, where);
  Stage stage;
  const std::string duration = fields.string("duration");
  try {
    stage.duration = parse_time(duration);
  } catch (const std::invalid_argument& error) {
    fields.refuse("duration", error.what());
  }
  if (fields.has("rate_per_s")) {
    stage.from_per_s = stage.to_per_s = rate_field(fields, "rate_per_s");
  } else {
    stage.from_per_s = rate_field(fields, "from_per_s");
    stage.to_per_s = rate_field(fields, "to_per_s");
  }
  fields.finish();
  return stage;
}

void need_requests(const std::vector<Stage>& stages, std::string_view what) {
  if (std::ranges::all_of(
          stages, [](const Stage& stage) { return stage.from_per_s == 0 && stage.to_per_s == 0; }))
    throw std::invalid_argument(
        fmt::format("{} asks for nothing: give one stage a rate above 0", what));
}

}  // namespace

std::vector<Stage> parse_ramp(std::string_view text) {
  std::string_view left = text;
  const double from = ramp_rate_of(text, take(left));
  const double to = ramp_rate_of(text, take(left));
  Duration duration{};
  try {
    duration = parse_time(take(left));
  } catch (const std::invalid_argument& error) {
    refuse_ramp(text, error.what());
  }
  std::vector<Stage> stages;
  if (left.empty() && !text.ends_with(':')) {
    stages.push_back({.duration = duration, .from_per_s = from, .to_per_s = to});
  } else {
    const unsigned steps = steps_of(text, left);
    for (unsigned step = 0; step < steps; ++step) {
      const double rate = from + (to - from) * step / (steps - 1);
      stages.push_back({.duration = duration / steps, .from_per_s = rate, .to_per_s = rate});
    }
  }
  need_requests(stages, "the ramp");
  return stages;
}

std::vector<Stage> parse_stages(std::string_view json) {
  const nlohmann::json array = parse_json(json, "stages");
  if (!array.is_array() || array.empty())
    throw std::invalid_argument(
        "stages: write an array of objects such as {\"duration\": \"30s\", \"rate_per_s\": 1000}");
  std::vector<Stage> stages;
  for (std::size_t i = 0; i < array.size(); ++i)
    stages.push_back(stage_of(array[i], fmt::format("stages[{}]", i)));
  need_requests(stages, "the file of stages");
  return stages;
}

}  // namespace contend::load
