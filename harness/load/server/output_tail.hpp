// What a program prints, of which the end is kept. It never makes the program wait for long.
//   OutputTail output;  Child child(guard, {.arguments = {...}, .output = output.writing_end()});
//   output.collect();  ...  output.text();
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

#include "engines/net.hpp"
#include "engines/stop.hpp"

namespace contend::load {

/// Owns a pipe and the thread that empties it.
class OutputTail {
 public:
  static constexpr std::size_t kept_bytes = 2048;

  /// Makes the pipe. Throws std::system_error.
  OutputTail();
  OutputTail(const OutputTail&) = delete;
  OutputTail& operator=(const OutputTail&) = delete;
  ~OutputTail() { finish(); }

  /// Borrowed, until `collect` is called: the descriptor for the program to print to.
  int writing_end() const { return writing_.get(); }
  /// Closes the writing end here and starts the thread. Throws std::system_error.
  void collect();
  /// Ends the thread. What is printed from now on is read by `text` alone.
  void finish();
  /// Returns the last `kept_bytes` of what was printed so far.
  std::string text();

 private:
  void empty_again_and_again();
  bool drain();

  Fd reading_, writing_;
  StopSource stop_;
  std::thread thread_;
  std::mutex mutex_;  // guards `tail_`
  std::string tail_;
};

}  // namespace contend::load
