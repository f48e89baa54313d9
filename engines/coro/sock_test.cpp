// asyncio's sock_ calls over 127.0.0.1, on both pollers.
#include "engines/coro/sock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

class Sock : public testing::TestWithParam<MakePoller> {
 protected:
  template <typename T>
  T run_here(Coroutine<T> main) {
    return run(std::move(main), false, GetParam());
  }
};

INSTANTIATE_TEST_SUITE_P(Pollers, Sock, testing::Values(make_epoll_poller, make_poll_poller),
                         poller_name);

/// Where a listener takes so many connections before it accepts any.
Fd listening(int backlog = 16) {
  Fd fd = listen_on(Endpoint::loopback(0));
  set_nonblocking(fd.get(), true);
  listen(fd.get(), backlog);
  return fd;
}

struct Listener : Socket {
  explicit Listener(int backlog = 16) : Listener(listening(backlog)) {}
  explicit Listener(Fd fd) : Socket(Loop::running(), std::move(fd), Origin::accepted) {}
  Endpoint endpoint() const {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    getsockname(fd(), reinterpret_cast<sockaddr*>(&address), &length);
    return {address, length};
  }
};

struct Client : Socket {
  explicit Client(const Endpoint& to)
      : Socket(Loop::running(), client_socket(to, SOCK_NONBLOCK), Origin::unconnected) {}
};

struct Accepted : Socket {
  explicit Accepted(Fd fd) : Socket(Loop::running(), std::move(fd), Origin::accepted) {}
};

Coroutine<std::string> receive(Socket& socket, std::size_t most = 100) {
  std::vector<std::byte> into(most);
  const std::size_t length = co_await sock_recv(socket, into);
  co_return std::string(reinterpret_cast<const char*>(into.data()), length);
}

Coroutine<> send(Socket& socket, std::string text) {
  co_await sock_sendall(socket, bytes_of(text));
}

TEST_P(Sock, ConnectsAcceptsSendsAndReceives) {
  const auto main = []() -> Coroutine<> {
    Listener listener;
    Client client(listener.endpoint());
    const auto accepting = create_task(sock_accept(listener));
    co_await sock_connect(client, listener.endpoint());
    Accepted server(co_await accepting);
    const auto receiving = create_task(receive(server));
    co_await turns(2);
    co_await send(client, "hello");
    EXPECT_EQ(co_await receiving, "hello");
    co_await send(server, "hello back");
    EXPECT_EQ(co_await receive(client, 5), "hello");
    EXPECT_EQ(co_await receive(client), " back");
    shutdown(client.fd(), SHUT_WR);
    EXPECT_EQ(co_await receive(server), "");
    EXPECT_EQ(co_await receive(server), "");
  };
  run_here(main());
}

TEST_P(Sock, ManyConnectionsAtOnce) {
  const auto main = []() -> Coroutine<> {
    Listener listener;
    const auto serve = [&]() -> Coroutine<> {
      Accepted server(co_await sock_accept(listener));
      co_await send(server, co_await receive(server));
    };
    const auto ask = [&](std::string text) -> Coroutine<std::string> {
      Client client(listener.endpoint());
      co_await sock_connect(client, listener.endpoint());
      co_await send(client, text);
      co_return co_await receive(client);
    };
    std::vector<Task<>> servers;
    std::vector<Task<std::string>> clients;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(create_task(ask(std::to_string(i))));
      // One waits on a socket at a time.
      servers.push_back(create_task(serve()));
      co_await servers.back();
    }
    const auto answers = co_await gather(clients);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)], std::to_string(i));
  };
  run_here(main());
}

template <typename T>
Coroutine<> expect_cancellable(Coroutine<T> coroutine) {
  const auto task = create_task(std::move(coroutine));
  co_await sleep(20ms);
  EXPECT_FALSE(task.done());
  EXPECT_TRUE(task.cancel());
  EXPECT_EQ(co_await how_ends<T>(task), "cancelled");
}

TEST_P(Sock, ACancelledAcceptLeavesTheListenerUsable) {
  const auto main = []() -> Coroutine<> {
    Listener listener;
    for (int time = 0; time < 3; ++time) {
      co_await expect_cancellable(sock_accept(listener));
      Client client(listener.endpoint());
      co_await sock_connect(client, listener.endpoint());
      // It became ready while nobody waited.
      co_await sleep(5ms);
      Accepted server(co_await wait_for(sock_accept(listener), 10s));
      co_await send(server, "x");
      EXPECT_EQ(co_await receive(client), "x");
    }
  };
  run_here(main());
}

TEST_P(Sock, ACancelledReceiveLosesNothing) {
  const auto main = []() -> Coroutine<> {
    Listener listener;
    Client client(listener.endpoint());
    co_await sock_connect(client, listener.endpoint());
    Accepted server(co_await sock_accept(listener));
    for (const char* text : {"a", "b", "c"}) {
      co_await expect_cancellable(receive(client));
      co_await send(server, text);
      co_await sleep(5ms);
      EXPECT_EQ(co_await wait_for(receive(client), 10s), text);
    }
    // Cancelled in the turn in which it becomes ready.
    const auto task = create_task(receive(client));
    co_await turns(2);
    co_await send(server, "d");
    task.cancel();
    const std::string how = co_await how_ends<std::string>(task);
    std::string received;
    if (how == "result")
      received = task.result();
    else
      received = co_await receive(client);
    EXPECT_EQ(received, "d");
  };
  run_here(main());
}

TEST_P(Sock, ACancelledSendCanBeFollowedByAnother) {
  const auto main = []() -> Coroutine<> {
    Listener listener;
    Client client(listener.endpoint());
    co_await sock_connect(client, listener.endpoint());
    Accepted server(co_await sock_accept(listener));
    co_await expect_cancellable(send(client, std::string(16'000'000, 'x')));
    const auto receive_all = [&]() -> Coroutine<std::string> {
      std::string all;
      for (std::string some = "x"; !some.empty(); all += some)
        some = co_await receive(server, 1'000'000);
      co_return all;
    };
    const auto receiving = create_task(receive_all());
    co_await wait_for(send(client, std::string(3'000'000, 'y')), 10s);
    shutdown(client.fd(), SHUT_WR);
    const std::string all = co_await receiving;
    EXPECT_EQ(static_cast<int>(std::ranges::count(all, 'y')), 3'000'000);
    EXPECT_LT(std::ranges::count(all, 'x'), 16'000'000);
    EXPECT_TRUE(all.ends_with('y'));
  };
  run_here(main());
}

// A full backlog drops what asks to be connected, and the kernel asks again after a second.
TEST_P(Sock, ACancelledConnectMayBeAskedForAgain) {
  const auto main = []() -> Coroutine<> {
    Listener listener(0);
    Client filler(listener.endpoint()), client(listener.endpoint());
    co_await sock_connect(filler, listener.endpoint());
    co_await expect_cancellable(sock_connect(client, listener.endpoint()));
    co_await expect_cancellable(sock_connect(client, listener.endpoint()));
    const Accepted first(co_await sock_accept(listener));
    co_await wait_for(sock_connect(client, listener.endpoint()), 30s);
    Accepted second(co_await sock_accept(listener));
    co_await send(client, "at last");
    EXPECT_EQ(co_await receive(second), "at last");
  };
  run_here(main());
}

Coroutine<std::errc> error_of(Coroutine<> coroutine) {
  try {
    co_await std::move(coroutine);
    co_return std::errc{};
  } catch (const std::system_error& error) {
    co_return static_cast<std::errc>(error.code().value());
  }
}

Coroutine<> dropping(Coroutine<std::string> coroutine) {
  co_await std::move(coroutine);
}

TEST_P(Sock, ToldWhatFails) {
  const auto main = []() -> Coroutine<> {
    Endpoint gone;
    {
      Listener listener;
      gone = listener.endpoint();
    }
    Client client(gone);
    EXPECT_EQ(co_await error_of(dropping(receive(client))), std::errc::not_connected);
    EXPECT_EQ(co_await error_of(sock_connect(client, gone)), std::errc::connection_refused);

    Listener listener;
    Client other(listener.endpoint());
    co_await sock_connect(other, listener.endpoint());
    {
      Accepted server(co_await sock_accept(listener));
      const linger reset{.l_onoff = 1, .l_linger = 0};
      setsockopt(server.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    EXPECT_EQ(co_await error_of(dropping(receive(other))), std::errc::connection_reset);
    EXPECT_EQ(co_await error_of(send(other, "x")), std::errc::broken_pipe);
  };
  run_here(main());
}

}  // namespace
}  // namespace contend::coro
