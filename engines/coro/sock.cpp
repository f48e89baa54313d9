// Each is tried first, and waits only where the kernel says "not yet".
#include "engines/coro/sock.hpp"

#include <cerrno>
#include <system_error>

#include "engines/coro/outcome.hpp"

namespace contend::coro {
namespace {

/// Awaitable: a socket is ready for this.
class Readiness final : public Suspension {
 public:
  Readiness(Socket& socket, std::uint8_t events) : socket_(socket), events_(events) {}

  bool await_ready() const { return (socket_.watch().ready & events_) != 0; }
  template <AnyPromise P>
  void await_suspend(std::coroutine_handle<P> waiter) {
    suspend(waiter.promise());
    socket_.loop().ready(socket_.watch(), events_).await_suspend(waiter);
    suspended();
  }
  void await_resume() {
    goes_on();
    if (cancelled_) throw CancelledError{};
  }
  bool cancel() override {
    if (cancelled_) return false;
    cancelled_ = true;
    socket_.watch().awaited = 0;
    socket_.loop().call_soon(*this);
    return true;
  }

 private:
  Socket& socket_;
  std::uint8_t events_;
  bool cancelled_ = false;
};

[[noreturn]] void fail(int error, const char* call) {
  throw std::system_error(error, std::generic_category(), call);
}

}  // namespace

Coroutine<Fd> sock_accept(Socket& listener) {
  for (;;) {
    const int fd = listener.accept();
    if (fd >= 0) co_return Fd(fd);
    // Of a connection that has gone meanwhile, nobody needs to know (accept(2)).
    if (fd == -EINTR || fd == -ECONNABORTED) continue;
    if (fd != -EAGAIN) fail(-fd, "accept4");
    co_await Readiness(listener, Socket::can_read);
  }
}

Coroutine<> sock_connect(Socket& socket, const Endpoint& endpoint) {
  for (;;) {
    const int result = socket.connect(endpoint);
    if (result == 0) co_return;
    if (result != -EINPROGRESS) fail(-result, "connect");
    co_await Readiness(socket, Watch::writable);
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) fail(error, "connect");
  }
}

Coroutine<std::size_t> sock_recv(Socket& socket, std::span<std::byte> into) {
  // The poller does not know it yet, so that nothing would ever come.
  if (socket.watch().fd < 0) fail(ENOTCONN, "recv");
  for (;;) {
    const ssize_t got = socket.receive(into);
    if (got >= 0) co_return static_cast<std::size_t>(got);
    if (got != -EAGAIN) fail(static_cast<int>(-got), "recv");
    co_await Readiness(socket, Socket::can_read);
  }
}

Coroutine<> sock_sendall(Socket& socket, Bytes bytes) {
  for (;;) {
    bytes = socket.send(bytes);
    if (socket.error() != 0) fail(socket.error(), "send");
    if (bytes.empty()) co_return;
    co_await Readiness(socket, Watch::writable);
  }
}

}  // namespace contend::coro
