// The tuned plain Asio server that the asio engine is measured beside: a coroutine a connection,
// concrete executors, no locks, no frame an operation, and nothing of our engines. With --http,
// each chunk is answered by the http workload, so that what remains of the difference is the
// engine's own. Not a server for use: a peer that does not read its answers is hung up on. Try it:
//   build/release/raw_asio     and     scripts/limit.py --engines asio
#include <signal.h>
#include <unistd.h>

#include <array>

#define BOOST_ASIO_DISABLE_FENCED_BLOCK  // nothing is handed from thread to thread
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdio>
#include <memory>
#include <string_view>

#include "workloads/workload.hpp"

// g++ 12 takes the frames' operator delete for a mismatch once their operator new is inlined.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Task = asio::awaitable<void, Executor>;

constexpr auto as_values = asio::as_tuple(asio::deferred);

Task echo(Socket socket) {
  std::array<std::byte, 4096> buffer;
  for (;;) {
    const auto [error, got] = co_await socket.async_receive(asio::buffer(buffer), as_values);
    if (error) co_return;
    const auto [broken, sent] =
        co_await socket.async_send(asio::buffer(buffer.data(), got), as_values);
    if (broken || sent != got) co_return;
  }
}

Task answer_http(Socket socket, std::unique_ptr<contend::Session> session) {
  std::array<std::byte, 4096> buffer;
  session->on_open();
  for (;;) {
    const auto [error, got] = co_await socket.async_receive(asio::buffer(buffer), as_values);
    if (error) co_return;
    const contend::Step step = session->on_bytes({buffer.data(), got});
    if (!step.send.empty()) {
      const auto [broken, sent] =
          co_await socket.async_send(asio::buffer(step.send.data(), step.send.size()), as_values);
      if (broken || sent != step.send.size()) co_return;
    }
    if (step.then != contend::Step::Then::await_bytes) co_return;
  }
}

Task accept_all(Acceptor& acceptor, contend::Service* service) {
  for (;;) {
    Socket socket(acceptor.get_executor());
    const auto [error] = co_await acceptor.async_accept(socket, as_values);
    if (error) co_return;
    const Executor executor = acceptor.get_executor();
    if (service == nullptr)
      asio::co_spawn(executor, echo(std::move(socket)), asio::detached);
    else
      asio::co_spawn(executor, answer_http(std::move(socket), service->open()), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGTERM, [](int) { _exit(0); });
  std::unique_ptr<contend::Service> service;
  if (argc == 2 && std::string_view(argv[1]) == "--http") {
    const contend::Workload& http = contend::find_workload("http");
    service = http.service({http.parameters, {}});
  } else if (argc != 1) {
    std::fputs("usage: raw_asio [--http]\n", stderr);
    return 2;
  }
  asio::io_context context(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE);
  Acceptor acceptor(context.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  acceptor.set_option(tcp::no_delay(true));  // accepted sockets inherit it on Linux
  std::printf("{\"listening\": %d}\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(context, accept_all(acceptor, service.get()), asio::detached);
  context.run();
}
