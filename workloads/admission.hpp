// When client sessions may send their requests: what a session asks before each request. What it is
// told depends on the load's schedule, its limit of requests and its end. What came of a request is
// reported elsewhere (Recorder in workload.hpp).
#pragma once

#include <cstdint>

#include "workloads/session.hpp"

namespace contend {

class Admission {
 public:
  virtual ~Admission() = default;
  /// Number of client sessions that ask here.
  virtual std::uint32_t clients() const { return 1; }
  /// Admits one more request of this client, besides the `in_flight` ones that have no answer yet.
  /// Returns false if it may send none now; with nothing in flight, that is for ever. A request
  /// that is admitted stays so until `take`: a second call before it admits the same request.
  virtual bool admit(std::uint32_t client, std::uint64_t in_flight) = 0;
  /// Takes the request that `admit` has just admitted. Returns when it is to be sent; at once, if
  /// that time has passed. `now` is the time of the call. Called once for each request, before it
  /// is sent.
  virtual TimePoint take(std::uint32_t /*client*/, TimePoint /*now*/) { return {}; }
  /// Admits and takes up to `max` requests besides those `in_flight`, all to be sent at once.
  /// Returns how many it took.
  virtual std::uint64_t take_more(std::uint32_t client, std::uint64_t in_flight, std::uint64_t max,
                                  TimePoint now) {
    std::uint64_t taken = 0;
    for (; taken < max && admit(client, in_flight + taken); ++taken) take(client, now);
    return taken;
  }
  /// Takes the client's newest request back: it was not sent, since its connection ended before it
  /// was due. Any client may take it from now on.
  virtual void give_back(std::uint32_t /*client*/) {}
};

}  // namespace contend
