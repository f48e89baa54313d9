// What the tests and the fuzz targets of http have in common: a server session played as an engine
// would, but without sockets, cuts of its input, and what clients report. For tests alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/http/server.hpp"

namespace contend::http_testing {

/// All that a server did with a connection's bytes. How many sends it took, and whether it closed
/// or lingered, may depend on the cuts; the rest may not.
struct Outcome {
  std::string sent;
  bool ended = false;
  bool lingered = false;
  std::size_t sends = 0;
  std::size_t max_send = 0;
  bool operator==(const Outcome& other) const { return sent == other.sent && ended == other.ended; }
};

/// One server session. Each piece lies in memory of its own, which is gone before the next call,
/// so that sanitizers see where a session holds on to it. Delays are not waited for.
class Conversation {
 public:
  Conversation() : session_(HttpService().open()) { run_command(session_->on_open()); }

  void receive(std::string_view piece) {
    if (piece.empty() || outcome_.ended) return;
    auto bytes = std::make_unique<std::byte[]>(piece.size());
    std::transform(piece.begin(), piece.end(), bytes.get(), [](char c) { return std::byte(c); });
    Step step = session_->on_bytes({bytes.get(), piece.size()});
    run_command(step);
    bytes.reset();
    while (step.then == Step::Then::more) {
      step = session_->on_sent();
      run_command(step);
    }
  }
  const Outcome& outcome() const { return outcome_; }

 private:
  void run_command(const Step& step) {
    outcome_.sent.append(reinterpret_cast<const char*>(step.send.data()), step.send.size());
    if (!step.send.empty()) ++outcome_.sends;
    outcome_.max_send = std::max(outcome_.max_send, step.send.size());
    outcome_.lingered = step.then == Step::Then::linger;
    outcome_.ended = outcome_.lingered || step.then == Step::Then::close;
  }

  std::unique_ptr<Session> session_;
  Outcome outcome_;
};

/// Plays `input` cut at `cuts`, ascending.
inline Outcome play(std::string_view input, const std::vector<std::size_t>& cuts = {}) {
  Conversation conversation;
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    conversation.receive(input.substr(begin, cut - begin));
    begin = cut;
  }
  conversation.receive(input.substr(begin));
  return conversation.outcome();
}

inline Outcome play_byte_by_byte(std::string_view input) {
  Conversation conversation;
  for (std::size_t i = 0; i < input.size(); ++i) conversation.receive(input.substr(i, 1));
  return conversation.outcome();
}

inline std::vector<std::size_t> random_cuts(std::size_t size, std::mt19937_64& random) {
  std::vector<std::size_t> cuts(1 + random() % 8);
  for (std::size_t& cut : cuts) cut = random() % (size + 1);
  std::ranges::sort(cuts);
  return cuts;
}

inline Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string text_of(const Step& step) {
  return {reinterpret_cast<const char*>(step.send.data()), step.send.size()};
}
inline std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

using Settings = std::map<std::string, std::int64_t>;
using Said = std::vector<std::string>;

/// What a client reported: "good", or a ReplyError's name.
class Verdicts final : public Admission, public Recorder {
 public:
  explicit Verdicts(std::size_t requests) : requests_(requests) {}

  void replied(const Exchange& exchange) override {
    said.emplace_back("good");
    kinds.push_back(static_cast<int>(exchange.kind));
    if (exchange.answered < exchange.sent) said.back() = "answered before it was sent";
  }
  void failed(const Exchange& exchange, ReplyError error) override {
    said.emplace_back(to_string(error));
    kinds.push_back(static_cast<int>(exchange.kind));
  }
  bool admit(std::uint32_t, std::uint64_t) override { return said.size() < requests_; }
  TimePoint take(std::uint32_t, TimePoint) override {
    taken += 1;
    return due;
  }

  void give_back(std::uint32_t) override { given_back += 1; }

  Said said;
  std::vector<int> kinds;  ///< Of each that is said.
  TimePoint due{};         ///< Of each request; at once where it has passed.
  int taken = 0, given_back = 0;

 private:
  std::size_t requests_;
};

/// `log` is both the client's admission and its recorder.
template <typename Log>
std::unique_ptr<Session> make_client(std::string_view workload, const Settings& settings, Log& log,
                                     std::uint32_t number = 0) {
  const Workload& found = find_workload(workload);
  return found.client({found.parameters, settings}, number, log, log);
}

}  // namespace contend::http_testing
