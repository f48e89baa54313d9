// The processes of one run of load, on one machine or several: when they begin, that all are there
// meanwhile, and what each has to say at the end. It knows messages, not what carries them, and
// nothing of load.
//   Ranks ranks(find_carrier(), host, build, {}); ranks.agree_on_begin(); ranks.watch();
//   ... const std::vector<std::string> said = ranks.gather(own);
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engines/stop.hpp"
#include "harness/load/ranks/carrier.hpp"
#include "workloads/session.hpp"

namespace contend::load {

/// What another rank's clock says more than rank 0's at the same time, and by how much that may be
/// wrong.
struct ClockOffset {
  Duration offset{}, uncertainty{};
};

/// Thrown where rank 0 says all that there is to be said: end without a word.
struct Dismissed : std::exception {
  const char* what() const noexcept override { return "rank 0 has ended the run"; }
};

/// Rank 0 speaks with each of the others, and these with nobody else. All of them call the same
/// functions in the same order. Each throws std::runtime_error that names the rank and its host
/// where one has died or failed, at rank 0, and Dismissed at others, unless it is rank 0 that has
/// died.
class Ranks {
 public:
  using ReadClock = std::function<TimePoint()>;

  /// Who says nothing for so long is as good as dead.
  static constexpr Duration max_silence = std::chrono::milliseconds(1500);

  /// Throws std::runtime_error where `build` is not the same at all of them. `interrupted` ends
  /// what is at work at all of them.
  Ranks(std::unique_ptr<Carrier> carrier, std::string host, std::string build,
        StopToken interrupted, ReadClock clock = &Clock::now, Duration silence = max_silence);
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;
  /// Ends together with the others where `gather` has returned.
  ~Ranks();

  std::uint32_t rank() const { return carrier_->rank(); }
  std::uint32_t count() const { return carrier_->ranks(); }
  bool is_first() const { return rank() == 0; }

  /// What rank 0 says.
  std::uint64_t agree(std::uint64_t value);
  /// A time soon when all are ready, in this one's clock. Clocks are compared before it: of many
  /// questions the one that was answered soonest tells most (Cristian, Probabilistic clock
  /// synchronization, 1989).
  TimePoint agree_on_begin();
  /// From now on to `gather` this listens to the others, in a thread of its own, and requests
  /// the stop when one has died or failed or any of them is interrupted.
  StopToken watch();
  /// What each has to say, by rank, at rank 0; nothing elsewhere.
  std::vector<std::string> gather(std::string own);
  /// Tells the others that this one can't go on. Rank 0 says why.
  void fail(const std::string& why);

  /// At rank 0, by rank.
  const std::string& host(std::uint32_t rank) const { return peers_[rank].host; }
  const ClockOffset& clock(std::uint32_t rank) const { return peers_[rank].clock; }
  /// Whether any of them was.
  bool interrupted() const { return stopped_ || interrupted_.requested(); }

 private:
  enum class Kind : char { hello, value, ping, pong, begin, beat, stop, part, failed, over };
  struct Peer {
    std::string host{};
    ClockOffset clock{};
    TimePoint heard{};
    std::deque<std::string> answers{};  // to what is asked before the run
    std::optional<std::string> part{};
  };

  void send(std::uint32_t to, Kind kind, std::string_view content = {});
  void send_all(Kind kind, std::string_view content = {});
  std::string await(std::uint32_t from, Kind kind);
  void compare_clocks(std::uint32_t with);
  void receive_all();
  void take(std::uint32_t from, std::string message);
  void watch_until_gathering();
  void join_watch();
  void look_after_others();
  void throw_failure();
  std::string name(std::uint32_t rank) const;

  std::unique_ptr<Carrier> carrier_;
  StopToken interrupted_;
  ReadClock clock_;
  Duration silence_;
  std::vector<Peer> peers_;  // only rank 0 has to do with all
  TimePoint beaten_{};
  std::string failure_;  // at rank 0, of any; elsewhere that rank 0 has died
  bool stopped_ = false, told_ = false, dismissed_ = false, over_ = false;
  std::thread watching_;
  StopSource gathering_, run_over_;
};

}  // namespace contend::load
