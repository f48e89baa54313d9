// Every request of a bounded conversation with its times: what the `drive` role reports. Not for
// load, which makes millions of them.
#pragma once

#include <array>
#include <atomic>
#include <vector>

#include "workloads/shared_array.hpp"
#include "workloads/workload.hpp"

namespace contend {

/// Keeps `requests` a client, in memory shared with child processes; each client's slots are
/// written by that client's session alone, so engines may play the sessions in threads or
/// processes.
class RequestLog : public Admission, public Recorder {
 public:
  struct Entry {
    std::uint32_t client = 0;
    TimePoint sent{}, answered{};
    bool ok = false;
  };

  RequestLog(std::uint32_t clients, std::uint32_t requests_per_client)
      : requests_(requests_per_client),
        clients_(clients),
        entries_(std::size_t{clients} * requests_per_client) {}

  /// How many requests each client makes: the parameter `requests`, or 1 where there is none.
  static std::uint32_t requests_of(const Parameters& parameters) {
    return parameters.all().contains("requests")
               ? static_cast<std::uint32_t>(parameters["requests"])
               : 1;
  }

  void replied(const Exchange& exchange) override {
    record({exchange.client, exchange.sent, exchange.answered, true});
  }
  void failed(const Exchange& exchange, ReplyError error) override {
    clients_[exchange.client].errors[static_cast<std::size_t>(error)] += 1;
    record({exchange.client, exchange.sent, exchange.answered, false});
  }
  bool admit(std::uint32_t client, std::uint64_t in_flight) override {
    return clients_[client].recorded + in_flight < requests_;
  }

  std::uint64_t expected() const { return entries_.size(); }
  /// Those that were made, by client and in order.
  std::vector<Entry> entries() {
    std::vector<Entry> made;
    for (std::uint32_t client = 0; client < clients_.size(); ++client)
      for (std::uint32_t i = 0; i < clients_[client].recorded; ++i)
        made.push_back(entry(client, i));
    return made;
  }
  std::uint64_t errors(ReplyError kind) const {
    std::uint64_t sum = 0;
    for (const Client& client : clients_.span())
      sum += client.errors[static_cast<std::size_t>(kind)];
    return sum;
  }

 private:
  struct Client {
    std::uint32_t recorded = 0;
    std::array<std::uint64_t, reply_error_count> errors{};
  };

  void record(const Entry& entry) {
    Client& client = clients_[entry.client];
    if (client.recorded < requests_) this->entry(entry.client, client.recorded++) = entry;
  }
  Entry& entry(std::size_t client, std::size_t i) { return entries_[client * requests_ + i]; }

  std::uint32_t requests_;
  SharedArray<Client> clients_;
  SharedArray<Entry> entries_;
};

}  // namespace contend
