// An echo over sockets that are awaited: cancelling one that waits leaves the socket as it was, for
// the next. A refused connection is an error.
#include <array>
#include <system_error>

#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<std::string> receive(Socket& socket) {
  std::array<std::byte, 100> into;
  const std::size_t length = co_await sock_recv(socket, into);
  const std::string received(reinterpret_cast<const char*>(into.data()), length);
  co_return received.empty() ? "the end" : received;
}

Coroutine<> send(Socket& socket, std::string text) {
  co_await sock_sendall(socket, std::as_bytes(std::span(text)));
}

Coroutine<> serve(Socket& listener) {
  Socket connection(Loop::running(), co_await sock_accept(listener), Socket::Origin::accepted);
  print("server has a connection");
  for (;;) {
    const std::string received = co_await receive(connection);
    print("server has {}", received);
    if (received == "the end") break;
    co_await send(connection, received);
  }
}

template <typename T>
Coroutine<> too_late(Coroutine<T> coroutine) {
  try {
    co_await wait_for(std::move(coroutine), 30ms);
  } catch (const TimeoutError&) {
    print("nothing came in time");
  }
}

// A socket belongs to a loop here, and is made of a non-blocking descriptor.
Coroutine<> main() {
  Loop& loop = Loop::running();
  Fd listening = listen_on(Endpoint::loopback(0));
  set_nonblocking(listening.get(), true);
  const Endpoint address = Endpoint::loopback(port_of(listening));
  std::optional<Socket> listener;
  listener.emplace(loop, std::move(listening), Socket::Origin::accepted);

  co_await too_late(sock_accept(*listener));
  auto server = create_task(serve(*listener));
  Socket client(loop, client_socket(address, SOCK_NONBLOCK), Socket::Origin::unconnected);
  co_await sock_connect(client, address);
  co_await too_late(receive(client));
  co_await send(client, "hello");
  print("client has {}", co_await receive(client));
  co_await too_late(receive(client));
  co_await send(client, "hello again");
  print("client has {}", co_await receive(client));
  shutdown(client.fd(), SHUT_WR);
  co_await server;
  print("client has {}", co_await receive(client));

  listener.reset();
  Socket refused(loop, client_socket(address, SOCK_NONBLOCK), Socket::Origin::unconnected);
  try {
    co_await sock_connect(refused, address);
  } catch (const std::system_error& error) {
    print("refused {}", truth(error.code() == std::errc::connection_refused));
  }
}

}  // namespace

void sock_echo() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
