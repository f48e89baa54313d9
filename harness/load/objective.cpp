// Reading objectives, and judging runs by them.
#include "harness/load/objective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/base/table.hpp"
#include "harness/base/time.hpp"
#include "harness/load/schedule/schedule.hpp"
#include "workloads/number.hpp"

namespace contend::load {
namespace {

using Quantity = Term::Quantity;
using Relation = Term::Relation;

constexpr double max_errors = 1e15;
/// Of the requests, so many are to lie beyond a percentile or at a share's limit.
constexpr double beyond = 5;
/// In which percentiles are written.
constexpr double percentile_step = 0.001;

[[noreturn]] void refuse_objective(std::string_view term, std::string_view why) {
  throw std::invalid_argument(
      fmt::format("{} is no objective: {}; write terms such as p99<5ms, max<=1s, errors<0.1%, "
                  "errors=0 or rate>1000, with commas between them",
                  quote_for_display(term), why));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

void read_quantity(std::string_view whole, std::string_view name, Term& term) {
  constexpr std::pair<std::string_view, Quantity> names[] = {{"max", Quantity::max},
                                                             {"mean", Quantity::mean},
                                                             {"errors", Quantity::errors},
                                                             {"rate", Quantity::rate}};
  for (const auto& [known, quantity] : names) {
    term.quantity = quantity;
    if (name == known) return;
  }
  const auto percentile = name.starts_with('p')
                              ? parse_number<double>(name.substr(1), std::chars_format::fixed)
                              : std::nullopt;
  if (!percentile || !(*percentile > 0 && *percentile < 100))
    refuse_objective(whole, "what is judged is pNN between p0 and p100, max, mean, errors or rate");
  const double steps = std::round(*percentile / percentile_step);
  if (std::abs(*percentile / percentile_step - steps) > 1e-6 || steps == 0)
    refuse_objective(whole, "a percentile has up to three decimals");
  term.quantity = Quantity::percentile;
  term.percentile = *percentile;
}

void read_relation(std::string_view whole, std::string_view sign, Term& term) {
  const bool is_rate = term.quantity == Quantity::rate,
             is_errors = term.quantity == Quantity::errors;
  if (sign.starts_with('>') != is_rate || (sign == "=" && !is_errors))
    refuse_objective(whole, is_rate ? "a rate is to be > or >=" : "write < or <=, or = of errors");
  if (sign == "=")
    term.relation = Relation::equal;
  else if (is_rate)
    term.relation = sign == ">" ? Relation::above : Relation::at_least;
  else
    term.relation = sign == "<" ? Relation::below : Relation::at_most;
}

double time_limit(std::string_view whole, std::string_view text) {
  if (parse_number<double>(text)) refuse_objective(whole, "the time needs a unit");
  try {
    return static_cast<double>(parse_time(text).count());
  } catch (const std::invalid_argument& error) {
    refuse_objective(whole, error.what());
  }
}

void read_errors(std::string_view whole, std::string_view text, Term& term) {
  if (text.ends_with('%')) {
    term.quantity = Quantity::error_share;
    text.remove_suffix(1);
  }
  const bool is_share = term.quantity == Quantity::error_share;
  const auto limit = parse_number<double>(text);
  if (!limit || !(*limit >= 0) || std::signbit(*limit) || *limit > (is_share ? 100 : max_errors) ||
      (!is_share && *limit != std::floor(*limit)))
    refuse_objective(whole, "errors are a whole number, or a percentage from 0% to 100%");
  if (*limit == 0 && term.relation == Relation::below)
    refuse_objective(whole, "there can't be less than none: write errors=0");
  term.limit = *limit;
}

Term parse_term(std::string_view whole) {
  const std::size_t begin = whole.find_first_of("<>=");
  if (begin == std::string_view::npos) refuse_objective(whole, "it has no <, <=, =, > or >=");
  const std::size_t length = whole.substr(begin + 1).starts_with('=') ? 2 : 1;
  const std::string_view sign = whole.substr(begin, length);
  if (sign == "==") refuse_objective(whole, "write = once");
  const std::string_view limit = trimmed(whole.substr(begin + length));
  Term term;
  read_quantity(whole, trimmed(whole.substr(0, begin)), term);
  read_relation(whole, sign, term);
  if (term.is_time()) {
    term.limit = time_limit(whole, limit);
  } else if (term.quantity == Quantity::rate) {
    const auto rate = parse_number<double>(limit);
    if (!rate || !(*rate > 0) || *rate > max_rate_per_s)
      refuse_objective(whole, "a rate is a number above 0 and up to 1e7, of answers a second");
    term.limit = *rate;
  } else {
    read_errors(whole, limit, term);
  }
  return term;
}

/// In the longest unit that needs no decimals.
std::string exact_time(double ns) {
  constexpr std::pair<double, const char*> units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
  for (const auto& [length, unit] : units)
    if (std::fmod(ns, length) == 0) return fmt::format("{:.0f}{}", ns / length, unit);
  return fmt::format("{}us", ns / 1e3);
}

std::string_view sign_of(Relation relation) {
  switch (relation) {
    case Relation::below: return "<";
    case Relation::at_most: return "<=";
    case Relation::equal: return "=";
    case Relation::above: return ">";
    case Relation::at_least: return ">=";
  }
  return {};
}

bool holds(double value, Relation relation, double limit) {
  switch (relation) {
    case Relation::below: return value < limit;
    case Relation::at_most: return value <= limit;
    case Relation::equal: return value == limit;
    case Relation::above: return value > limit;
    case Relation::at_least: return value >= limit;
  }
  return false;
}

/// Only where something was answered.
double measure(const Term& term, const RunReport& report) {
  const Histogram& times = report.signals.open_loop ? report.response_time : report.service_time;
  const auto errors = static_cast<double>(errors_of(report));
  switch (term.quantity) {
    case Quantity::percentile: return static_cast<double>(times.value_at(term.percentile).count());
    case Quantity::max: return static_cast<double>(times.max().count());
    case Quantity::mean: return times.mean_ns();
    case Quantity::errors: return errors;
    case Quantity::error_share:
      return 100 * errors / (errors + static_cast<double>(report.answered));
    case Quantity::rate: return report.answered_per_s();
  }
  return 0;
}

std::string in_words(const Term& term, double value) {
  if (term.is_time()) return duration_text(value);
  switch (term.quantity) {
    case Quantity::errors: return count_text(static_cast<std::uint64_t>(value));
    case Quantity::error_share: return fmt::format("{:.3g} %", value);
    default: return number_text(value) + "/s";
  }
}

}  // namespace

bool Term::is_time() const {
  return quantity == Quantity::percentile || quantity == Quantity::max ||
         quantity == Quantity::mean;
}

std::string Term::text() const {
  switch (quantity) {
    case Quantity::percentile:
      return fmt::format("p{}{}{}", percentile, sign_of(relation), exact_time(limit));
    case Quantity::max: return fmt::format("max{}{}", sign_of(relation), exact_time(limit));
    case Quantity::mean: return fmt::format("mean{}{}", sign_of(relation), exact_time(limit));
    case Quantity::errors: return fmt::format("errors{}{}", sign_of(relation), limit);
    case Quantity::error_share: return fmt::format("errors{}{}%", sign_of(relation), limit);
    case Quantity::rate: return fmt::format("rate{}{}", sign_of(relation), limit);
  }
  return {};
}

Objective Objective::parse(std::string_view text) {
  Objective objective;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    objective.terms.push_back(parse_term(trimmed(text.substr(begin, end - begin))));
    begin = end + 1;
  }
  return objective;
}

std::string Objective::text() const {
  std::string all;
  for (const Term& term : terms) all += (all.empty() ? "" : ",") + term.text();
  return all;
}

double Objective::min_requests() const {
  double most = beyond;
  for (const Term& term : terms) {
    if (term.quantity == Quantity::percentile)
      most = std::max(most, beyond / (1 - term.percentile / 100));
    if (term.quantity == Quantity::error_share && term.limit > 0)
      most = std::max(most, beyond / (term.limit / 100));
  }
  return most;
}

bool Judgement::held() const {
  return std::ranges::all_of(terms, &EvaluatedTerm::held);
}

std::uint64_t errors_of(const RunReport& report) {
  const bool is_silent = report.silent_for > Duration{};
  return std::accumulate(report.errors.begin(), report.errors.end(),
                         report.dropped + report.overdue + (is_silent ? report.unanswered : 0),
                         [](std::uint64_t sum, const auto& kind) { return sum + kind.second; });
}

Judgement judge(const Objective& objective, const RunReport& report) {
  Judgement judgement{.objective = objective};
  for (const Term& term : objective.terms) {
    EvaluatedTerm judged{.term = term};
    if (report.answered > 0) {
      judged.measured = measure(term, report);
      judged.held =
          report.silent_for == Duration{} && holds(*judged.measured, term.relation, term.limit);
    }
    judged.words =
        fmt::format("{} {}: {}", term.text(), judged.held ? "held" : "broken",
                    judged.measured ? in_words(term, *judged.measured) : "nothing was answered");
    if (judged.measured && report.silent_for > Duration{})
      judged.words += fmt::format(", and nothing was answered in the last {}",
                                  duration_text(static_cast<double>(report.silent_for.count())));
    judgement.terms.push_back(std::move(judged));
  }
  return judgement;
}

std::string text(const Judgement& judgement) {
  std::string lines;
  for (const EvaluatedTerm& judged : judgement.terms) lines += judged.words + '\n';
  return lines;
}

nlohmann::json to_json(const Judgement& judgement) {
  nlohmann::json terms = nlohmann::json::array();
  for (const EvaluatedTerm& judged : judgement.terms) {
    nlohmann::json term{{"text", judged.term.text()}, {"held", judged.held}};
    const auto add = [&](const std::string& unit, auto in_json) {
      term["limit" + unit] = in_json(judged.term.limit);
      term["measured" + unit] =
          judged.measured ? nlohmann::json(in_json(*judged.measured)) : nlohmann::json();
    };
    const auto whole = [](double value) { return std::llround(value); };
    if (judged.term.is_time())
      add("_ns", whole);
    else if (judged.term.quantity == Quantity::errors)
      add("", whole);
    else if (judged.term.quantity == Quantity::error_share)
      add("_share", [](double percent) { return percent / 100; });
    else
      add("_per_s", [](double rate) { return rate; });
    terms.push_back(std::move(term));
  }
  return {{"text", judgement.objective.text()}, {"held", judgement.held()}, {"terms", terms}};
}

}  // namespace contend::load
