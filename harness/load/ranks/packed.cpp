// Reports as CBOR (RFC 8949), field by field.
#include "harness/load/ranks/packed.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace nlohmann {

template <>
struct adl_serializer<std::chrono::nanoseconds> {
  static void to_json(json& to, std::chrono::nanoseconds from) { to = from.count(); }
  static void from_json(const json& from, std::chrono::nanoseconds& to) {
    to = std::chrono::nanoseconds(from.get<std::int64_t>());
  }
};

template <typename Value>
struct adl_serializer<std::optional<Value>> {
  static void to_json(json& to, const std::optional<Value>& from) {
    to = from ? json(*from) : json();
  }
  static void from_json(const json& from, std::optional<Value>& to) {
    to = from.is_null() ? std::nullopt : std::optional(from.get<Value>());
  }
};

template <>
struct adl_serializer<contend::Histogram> {
  static void to_json(json& to, const contend::Histogram& from) { to = from.to_json(); }
  static void from_json(const json& from, contend::Histogram& to) {
    to = contend::Histogram::from_json(from);
  }
};

}  // namespace nlohmann

namespace contend::load {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Counts, sent, answered, in_flight, errors, failed_requests)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Away, from, length)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Verdict, limit, trusted, reasons)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Signals, duration, open_loop, spins, cpu_share, waited_share,
                                   throttled_share, held_up_share, steal_share, offered, answered,
                                   queued, unsent, dropped, silent_for, lag_p99, lag_max,
                                   accept_overflows, ports_ran_out, server_cpu_share,
                                   server_waited_share)
/// Its times are many bytes, and no list of numbers.
void to_json(json& to, const Row& from) {
  to = {{"end", from.end},
        {"offered", from.offered},
        {"counts", from.counts},
        {"p50", from.p50},
        {"p99", from.p99},
        {"max", from.max},
        {"client_cpu", from.client_cpu},
        {"times", json::binary(from.times)}};
}

void from_json(const json& from, Row& to) {
  from.at("end").get_to(to.end);
  from.at("offered").get_to(to.offered);
  from.at("counts").get_to(to.counts);
  from.at("p50").get_to(to.p50);
  from.at("p99").get_to(to.p99);
  from.at("max").get_to(to.max);
  from.at("client_cpu").get_to(to.client_cpu);
  to.times = from.at("times").get_binary();
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RunReport, duration, all_connected, answered, unanswered, queued,
                                   unsent, overdue, dropped, max_waiting, failed_requests, examples,
                                   errors, response_time, service_time, send_lag, seconds, gaps,
                                   silent_for, client_cpu, ports_left, signals, verdict)

std::string packed(const RunReport& report) {
  std::string bytes;
  json::to_cbor(json(report), bytes);
  return bytes;
}

RunReport unpacked(std::string_view bytes) {
  try {
    return json::from_cbor(bytes).get<RunReport>();
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("can't read what a rank reports: {}", error.what()));
  }
}

}  // namespace contend::load
