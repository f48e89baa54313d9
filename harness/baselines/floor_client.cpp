// The least that a client on the kernel's TCP can cost: it sends the same bytes again and again,
// and takes as many bytes as the first answer had for the next one, whatever they are. What
// `contend load` costs beside it is what checking and measuring cost (scripts/bench_load.py,
// docs/load.md). Not a load generator: it knows no times, and wrong answers are right. Try it:
//   build/release/known_server answers --listen 127.0.0.1:7777 &
//   build/release/floor_client 127.0.0.1:7777 --connections 64 --seconds 3
#include <sys/socket.h>
#include <sys/time.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "engines/command_line.hpp"
#include "engines/net.hpp"
#include "harness/baselines/raw_ring.hpp"

namespace contend {
namespace {

constexpr timeval patience{.tv_sec = 5, .tv_usec = 0};
constexpr std::size_t max_answer_bytes = 1 << 20;

struct Arguments {
  std::string address;
  unsigned connections = 64, pipeline = 1, seconds = 3;
};

/// Throws std::system_error.
Fd connected(const Endpoint& server) {
  Fd fd = client_socket(server, 0);
  if (connect(fd.get(), server.get(), server.length) != 0)
    throw_errno("connect to " + server.text());
  return fd;
}

/// Bytes of the answer to `request`, if it comes in one piece. Throws std::runtime_error where none
/// comes within 5 s.
std::size_t answer_bytes(const Endpoint& server, const std::string& request) {
  const Fd fd = connected(server);
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::vector<char> answer(max_answer_bytes);
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    throw_errno("send to " + server.text());
  const ssize_t size = recv(fd.get(), answer.data(), answer.size(), 0);
  if (size <= 0) throw std::runtime_error(server.text() + " does not answer");
  return static_cast<std::size_t>(size);
}

class FloorClient {
 public:
  explicit FloorClient(const Arguments& arguments) : per_send_(arguments.pipeline) {
    const Endpoint server = Endpoint::parse(arguments.address);
    const std::string request = "GET / HTTP/1.1\r\nHost: " + arguments.address + "\r\n\r\n";
    expected_ = answer_bytes(server, request) * per_send_;
    for (unsigned i = 0; i < per_send_; ++i) requests_ += request;
    std::vector<int> descriptors;
    for (unsigned i = 0; i < arguments.connections; ++i)
      descriptors.push_back(connections_.emplace_back(connected(server)).get());
    received_.resize(descriptors.size());
    ring_.register_files(descriptors.data(), arguments.connections);
  }

  /// Answers until then. Throws std::runtime_error where a connection ends before.
  std::uint64_t run_until(TimePoint end) {
    for (unsigned i = 0; i < connections_.size(); ++i) {
      ring_.receive(static_cast<int>(i), i, IOSQE_FIXED_FILE);
      send_all(i);
    }
    while (Clock::now() < end)
      ring_.turn([this](const io_uring_cqe& completion) { handle(completion); });
    return answers_;
  }

 private:
  static constexpr std::uint64_t sent = ~std::uint64_t{0};  // user data; others name connections

  /// All of a connection's requests in one. Only a failure completes.
  void send_all(std::uint64_t connection) {
    io_uring_sqe* const made = ring_.entry(sent);
    io_uring_prep_send(made, static_cast<int>(connection), requests_.data(), requests_.size(),
                       MSG_WAITALL | MSG_NOSIGNAL);
    made->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
  }

  void handle(const io_uring_cqe& completion) {
    if (completion.user_data == sent) return RawRing::check(completion.res, "send");
    const std::uint64_t connection = completion.user_data;
    if (completion.res > 0) {
      ring_.give_back(completion.flags >> IORING_CQE_BUFFER_SHIFT);
      received(connection, static_cast<std::size_t>(completion.res));
    } else if (completion.res == 0) {
      throw std::runtime_error("the server closed a connection");
    } else if (completion.res != -ENOBUFS) {
      RawRing::check(completion.res, "recv");
    }
    if ((completion.flags & IORING_CQE_F_MORE) == 0)
      ring_.receive(static_cast<int>(connection), connection, IOSQE_FIXED_FILE);
  }

  void received(std::uint64_t connection, std::size_t size) {
    std::size_t& bytes = received_[connection];
    bytes += size;
    if (bytes < expected_) return;
    bytes = 0;
    answers_ += per_send_;
    send_all(connection);
  }

  unsigned per_send_;
  std::string requests_;
  std::size_t expected_ = 0;  // bytes of the answers to all of `requests_`
  std::vector<Fd> connections_;
  std::vector<std::size_t> received_;  // by connection, since its last send
  std::uint64_t answers_ = 0;
  RawRing ring_;
};

void play(const Arguments& arguments) {
  FloorClient client(arguments);
  const TimePoint begin = Clock::now();
  const std::uint64_t answers = client.run_until(begin + std::chrono::seconds(arguments.seconds));
  const std::chrono::duration<double> lasted = Clock::now() - begin;
  std::printf("{\"answers\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(answers),
              lasted.count());
}

}  // namespace
}  // namespace contend

int main(int argc, char** argv) {
  contend::Arguments arguments;
  CLI::App app{"The least that a client can cost: any bytes are an answer."};
  app.add_option("ADDRESS", arguments.address, "HOST:PORT of an HTTP server")->required();
  app.add_option("--connections", arguments.connections, "kept open, all asking at once")
      ->check(contend::in_range(1U, 10'000U))
      ->capture_default_str();
  app.add_option("--pipeline", arguments.pipeline, "requests in flight on each")
      ->check(contend::in_range(1U, 1'000U))
      ->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "how long")
      ->check(contend::in_range(1U, 600U))
      ->capture_default_str();
  try {
    contend::parse_command_line(app, argc, argv);
    contend::play(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "floor_client: %s\n", error.what());
    return 1;
  }
}
