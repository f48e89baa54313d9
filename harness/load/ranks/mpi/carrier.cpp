// All that contend knows of MPI: a library that is loaded where mpirun has started it
// (carrier.hpp). It uses messages between two processes only: a collective operation of MPI 3.1
// never ends where a process has died, and does not say which.
#include "harness/load/ranks/carrier.hpp"

#include <dlfcn.h>
// The bindings for C++ were removed from MPI 3.0.
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <list>
#include <stdexcept>
#include <vector>

namespace contend::load {
namespace {

constexpr int tag = 0;

int say_nothing(const char*, const char*, bool, ...) {
  return 0;
}

/// Open MPI has a text to show where a connection to another rank breaks, sends it to mpirun and
/// waits until that has got it, in whatever function was called. mpirun, which is ending the run
/// by then, never answers, and rank 0 could not say who has died. So nothing is shown: all its
/// texts go through this variable (opal/util/show_help.h of Open MPI 4.1).
void silence_help() {
  using ShowHelp = int(const char*, const char*, bool, ...);
  if (void* const show_help = dlsym(RTLD_DEFAULT, "opal_show_help"))
    *static_cast<ShowHelp**>(show_help) = say_nothing;
}

class MpiCarrier final : public Carrier {
 public:
  MpiCarrier() {
    int provided = 0;
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS ||
        provided < MPI_THREAD_SERIALIZED)
      throw std::runtime_error("MPI can't be used from one thread at a time; install another one");
    silence_help();
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }

  std::uint32_t rank() const override { return static_cast<std::uint32_t>(rank_); }
  std::uint32_t ranks() const override { return static_cast<std::uint32_t>(ranks_); }

  void send(std::uint32_t to, std::string bytes) override {
    Transfer& transfer = outgoing_.emplace_back(Transfer{.bytes = std::move(bytes)});
    MPI_Isend(transfer.bytes.data(), static_cast<int>(transfer.bytes.size()), MPI_BYTE,
              static_cast<int>(to), tag, MPI_COMM_WORLD, &transfer.request);
  }

  std::optional<Message> receive() override {
    std::erase_if(outgoing_, [](Transfer& transfer) { return transfer.has_ended(); });
    while (begin_to_receive()) {
    }
    std::vector<int> waiting;  // for an earlier one of theirs
    for (auto transfer = incoming_.begin(); transfer != incoming_.end(); ++transfer) {
      if (std::ranges::find(waiting, transfer->peer) != waiting.end()) continue;
      if (!transfer->has_ended()) {
        waiting.push_back(transfer->peer);
        continue;
      }
      Message message{.from = static_cast<std::uint32_t>(transfer->peer),
                      .bytes = std::move(transfer->bytes)};
      incoming_.erase(transfer);
      return message;
    }
    return std::nullopt;
  }

  void finish() override { MPI_Finalize(); }

 private:
  /// What failed has ended, too: that somebody is missing, others notice.
  struct Transfer {
    std::string bytes{};
    int peer = 0;
    MPI_Request request = MPI_REQUEST_NULL;

    bool has_ended() {
      int ended = 0;
      return MPI_Test(&request, &ended, MPI_STATUS_IGNORE) != MPI_SUCCESS || ended != 0;
    }
  };

  /// One may be long and take its time, or never come to its end.
  bool begin_to_receive() {
    int found = 0, size = 0;
    MPI_Message message{};
    MPI_Status status{};
    if (MPI_Improbe(MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &found, &message, &status) !=
            MPI_SUCCESS ||
        found == 0)
      return false;
    MPI_Get_count(&status, MPI_BYTE, &size);
    Transfer& transfer = incoming_.emplace_back(Transfer{
        .bytes = std::string(static_cast<std::size_t>(size), '\0'), .peer = status.MPI_SOURCE});
    MPI_Imrecv(transfer.bytes.data(), size, MPI_BYTE, &message, &transfer.request);
    return true;
  }

  int rank_ = 0, ranks_ = 0;
  std::list<Transfer> outgoing_, incoming_;  // MPI keeps pointers to them
};

}  // namespace
}  // namespace contend::load

extern "C" contend::load::Carrier* contend_mpi_carrier() {
  return new contend::load::MpiCarrier;
}
