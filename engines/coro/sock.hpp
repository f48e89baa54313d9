// asyncio's sock_ calls: whole operations on a socket, that can be awaited and cancelled. A
// cancelled one leaves the socket as it was, and the next may follow. One waits on a socket at a
// time.
#pragma once

#include <cstddef>
#include <span>

#include "engines/coro/coroutine.hpp"
#include "engines/coro/socket.hpp"

namespace contend::coro {

/// What all throw when it fails: std::system_error with the name of the call.

/// The next connection: its non-blocking descriptor.
Coroutine<Fd> sock_accept(Socket& listener);
/// On an unconnected socket. Cancelled, it may be asked for again.
Coroutine<> sock_connect(Socket& socket, const Endpoint& endpoint);
/// What there is, at least a byte, and 0 only at the peer's end. `into` must not be empty, and must
/// live until then.
Coroutine<std::size_t> sock_recv(Socket& socket, std::span<std::byte> into);
/// All of it. Cancelled, some of it may be sent.
Coroutine<> sock_sendall(Socket& socket, Bytes bytes);

}  // namespace contend::coro
