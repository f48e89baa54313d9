// What carries messages between the processes of one run of load. What they mean is ranks.hpp's.
// The one there is speaks MPI and is a library of its own, contend-mpi.so beside the program, since
// MPI's libraries would cost each start of contend 2 ms and 3.5 MB, and have to be there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace contend::load {

/// Of one of the processes, which are numbered from 0. One thread at a time may use it.
class Carrier {
 public:
  struct Message {
    std::uint32_t from = 0;
    std::string bytes;
  };

  /// Without `finish` before it, the others are left alone, and may notice.
  virtual ~Carrier() = default;

  virtual std::uint32_t rank() const = 0;
  virtual std::uint32_t ranks() const = 0;
  /// Returns at once. Whether it arrives is not known: a receiver may have died.
  virtual void send(std::uint32_t to, std::string bytes) = 0;
  /// One that has come, those of one sender in their order; null where none has.
  virtual std::optional<Message> receive() = 0;
  /// All call this when all that was sent has been received, and nothing else after it.
  virtual void finish() = 0;
};

/// Null where this process was started alone. Throws std::invalid_argument where it was started
/// with others by something that this program has no carrier for.
std::unique_ptr<Carrier> find_carrier();

}  // namespace contend::load
