// Messages between rank 0 and each of the others: a letter that says what it is, and its content.
#include "harness/load/ranks/ranks.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <stdexcept>

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// All are asked and have answered by then, or the run does not begin.
constexpr auto patience = 30s;
constexpr int clock_questions = 64;
/// From the last question on until all have been told when they begin.
constexpr auto lead = 200ms;
constexpr auto beat_every = 100ms;
constexpr auto gather_step = 1ms;

/// All ranks are the same program, so its own representation will do.
template <typename Number>
std::string bytes_of(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}
template <typename Number>
Number number_of(const std::string& bytes) {
  Number number{};
  if (bytes.size() != sizeof number) throw std::runtime_error("a message between ranks is torn");
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

}  // namespace

Ranks::Ranks(std::unique_ptr<Carrier> carrier, std::string host, std::string build,
             StopToken interrupted, ReadClock clock, Duration silence)
    : carrier_(std::move(carrier)),
      interrupted_(interrupted),
      clock_(std::move(clock)),
      silence_(silence),
      peers_(carrier_->ranks()) {
  peers_[rank()].host = host;
  if (!is_first()) {
    send(0, Kind::hello, host + '\n' + build);
    return;
  }
  for (std::uint32_t other = 1; other < count(); ++other) {
    const std::string hello = await(other, Kind::hello);
    const std::size_t end = hello.find('\n');
    peers_[other].host = hello.substr(0, end);
    if (hello.substr(end + 1) == build) continue;
    const std::string why =
        fmt::format("{} is contend {} and rank 0 is contend {}; put the same one on all machines",
                    name(other), hello.substr(end + 1), build);
    fail(why);
    throw std::runtime_error(why);
  }
}

Ranks::~Ranks() {
  join_watch();
  if (over_) carrier_->finish();
}

std::uint64_t Ranks::agree(std::uint64_t value) {
  if (!is_first()) return number_of<std::uint64_t>(await(0, Kind::value));
  send_all(Kind::value, bytes_of(value));
  return value;
}

TimePoint Ranks::agree_on_begin() {
  if (is_first()) {
    for (std::uint32_t other = 1; other < count(); ++other) compare_clocks(other);
    const TimePoint begin = clock_() + lead;
    for (std::uint32_t other = 1; other < count(); ++other)
      send(other, Kind::begin, bytes_of(begin + peers_[other].clock.offset));
    return begin;
  }
  for (int i = 0; i < clock_questions; ++i) {
    await(0, Kind::ping);
    send(0, Kind::pong, bytes_of(clock_()));
  }
  return number_of<TimePoint>(await(0, Kind::begin));
}

/// The answer was given some time between the question and its arrival: in the middle of it, or
/// earlier or later by half of that at most.
void Ranks::compare_clocks(std::uint32_t with) {
  Duration shortest = Duration::max();
  for (int i = 0; i < clock_questions; ++i) {
    const TimePoint asked = clock_();
    send(with, Kind::ping);
    const auto theirs = number_of<TimePoint>(await(with, Kind::pong));
    const Duration way = clock_() - asked;
    if (way >= shortest) continue;
    shortest = way;
    peers_[with].clock = {.offset = theirs - (asked + way / 2), .uncertainty = (way + 1ns) / 2};
  }
}

StopToken Ranks::watch() {
  for (Peer& peer : peers_) peer.heard = Clock::now();
  watching_ = std::thread([this] { watch_until_gathering(); });
  return run_over_.token();
}

/// What goes wrong here is told by `gather`.
void Ranks::watch_until_gathering() {
  while (!gathering_.token().requested()) {
    look_after_others();
    if (interrupted() || dismissed_ || !failure_.empty()) run_over_.request();
    // One that was requested stays readable.
    pollfd stops[]{{.fd = gathering_.token().fd(), .events = POLLIN, .revents = 0},
                   {.fd = told_ ? -1 : interrupted_.fd(), .events = POLLIN, .revents = 0}};
    poll(stops, std::size(stops), static_cast<int>(beat_every / 1ms));
  }
}

void Ranks::join_watch() {
  gathering_.request();
  if (watching_.joinable()) watching_.join();
}

std::vector<std::string> Ranks::gather(std::string own) {
  join_watch();
  if (!is_first()) {
    send(0, Kind::part, own);
    while (!over_) {
      look_after_others();
      throw_failure();
      std::this_thread::sleep_for(gather_step);
    }
    return {};
  }
  peers_[0].part = std::move(own);
  while (!std::ranges::all_of(peers_, [](const Peer& peer) { return peer.part.has_value(); })) {
    look_after_others();
    throw_failure();
    std::this_thread::sleep_for(gather_step);
  }
  send_all(Kind::over);
  over_ = true;
  std::vector<std::string> parts;
  for (Peer& peer : peers_) parts.push_back(std::move(*peer.part));
  return parts;
}

/// Another rank waits until rank 0 knows: what was sent by one that ends at once may be lost.
void Ranks::fail(const std::string& why) {
  join_watch();
  if (is_first()) {
    send_all(Kind::failed);
    receive_all();
    return;
  }
  send(0, Kind::failed, why);
  for (const TimePoint end = Clock::now() + silence_; !dismissed_ && Clock::now() < end;) {
    receive_all();
    std::this_thread::sleep_for(gather_step);
  }
}

void Ranks::send(std::uint32_t to, Kind kind, std::string_view content) {
  std::string message(1, static_cast<char>(kind));
  carrier_->send(to, message.append(content));
}

void Ranks::send_all(Kind kind, std::string_view content) {
  for (std::uint32_t other = 1; other < count(); ++other) send(other, kind, content);
}

/// Waits awake, so that clocks can be compared, but lets others have the CPU.
std::string Ranks::await(std::uint32_t from, Kind kind) {
  Peer& peer = peers_[from];
  for (const TimePoint end = Clock::now() + patience; peer.answers.empty();
       std::this_thread::yield()) {
    receive_all();
    throw_failure();
    if (interrupted_.requested()) {
      if (!is_first()) throw Dismissed();
      throw std::runtime_error(
          fmt::format("interrupted before the run began, when {} was to answer", name(from)));
    }
    if (Clock::now() > end)
      throw std::runtime_error(
          fmt::format("{} has said nothing for {} s", name(from), patience / 1s));
  }
  std::string answer = std::move(peer.answers.front());
  peer.answers.pop_front();
  if (answer.front() != static_cast<char>(kind))
    throw std::runtime_error(fmt::format("{} is out of step", name(from)));
  return answer.substr(1);
}

void Ranks::receive_all() {
  while (auto message = carrier_->receive()) take(message->from, std::move(message->bytes));
}

void Ranks::take(std::uint32_t from, std::string message) {
  peers_[from].heard = Clock::now();
  switch (static_cast<Kind>(message.front())) {
    case Kind::hello:
    case Kind::value:
    case Kind::ping:
    case Kind::pong:
    case Kind::begin: peers_[from].answers.push_back(std::move(message)); break;
    case Kind::beat: break;
    case Kind::stop: stopped_ = true; break;
    case Kind::part: peers_[from].part = message.substr(1); break;
    case Kind::failed:
      if (!is_first())
        dismissed_ = true;
      else if (failure_.empty())
        failure_ = fmt::format("{}: {}", name(from), message.substr(1));
      break;
    case Kind::over: over_ = true; break;
  }
}

/// Says that this one lives and whether it was interrupted, and looks who does not.
void Ranks::look_after_others() {
  receive_all();
  const TimePoint now = Clock::now();
  if (interrupted() && !told_) {
    told_ = true;
    is_first() ? send_all(Kind::stop) : send(0, Kind::stop);
  }
  if (now - beaten_ >= beat_every) {
    beaten_ = now;
    is_first() ? send_all(Kind::beat) : send(0, Kind::beat);
  }
  for (std::uint32_t other = 0; other < (is_first() ? count() : 1); ++other)
    if (failure_.empty() && other != rank() && !peers_[other].part && !over_ &&
        now - peers_[other].heard > silence_)
      failure_ = fmt::format("{} has died or hangs: nothing was heard of it for {} ms", name(other),
                             silence_ / 1ms);
}

void Ranks::throw_failure() {
  if (dismissed_) throw Dismissed();
  if (!failure_.empty()) throw std::runtime_error(failure_);
}

std::string Ranks::name(std::uint32_t rank) const {
  const std::string& host = peers_[rank].host;
  return fmt::format("rank {}{}{}", rank, host.empty() ? "" : " on ", host);
}

}  // namespace contend::load
