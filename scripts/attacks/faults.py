"""System calls that fail, in servers of every engine and in contend load: each ends with a line that says why,
or goes on; and a server that goes on answers."""

import functools
import pathlib
import signal
import socket
import tempfile
import time

from attacks import process, strace
from attacks.case import Case, Unavailable
from contend.limits import servers

ANSWER_SECONDS, STOP_SECONDS, LOAD_SECONDS = 3, 8, 15
CONNECTIONS = 4
WORKERS = 3  # of the engines that scale
ERRORS = {
    "accept": ["ECONNABORTED", "EMFILE"], "accept4": ["ECONNABORTED", "EMFILE", "ENOMEM"],
    "recvfrom": ["ECONNRESET", "EINTR", "ENOMEM"], "recvmsg": ["ECONNRESET", "EINTR"],
    "read": ["EINTR", "EIO"], "readv": ["ECONNRESET"], "writev": ["EPIPE"],
    "sendto": ["EPIPE", "ENOBUFS", "EINTR"], "sendmsg": ["EPIPE", "ENOBUFS", "EINTR"],
    "write": ["ENOSPC", "EINTR"],
    "poll": ["EINTR", "ENOMEM"], "ppoll": ["EINTR", "ENOMEM"],
    "epoll_wait": ["EINTR"], "epoll_pwait": ["EINTR"], "epoll_ctl": ["ENOMEM", "ENOSPC"],
    "epoll_create1": ["EMFILE"], "io_uring_setup": ["ENOMEM", "EPERM", "ENOSYS"],
    "io_uring_enter": ["EINTR", "ENOMEM", "EBUSY", "EAGAIN"], "io_uring_register": ["ENOMEM"],
    "mmap": ["ENOMEM"], "openat": ["EMFILE", "ENOENT"], "eventfd2": ["EMFILE"], "timerfd_create": ["EMFILE"],
    "pipe2": ["EMFILE"], "clone": ["EAGAIN"], "clone3": ["EAGAIN"], "fork": ["EAGAIN"], "vfork": ["EAGAIN"],
    "socket": ["EMFILE", "ENOBUFS"], "bind": ["EADDRINUSE"], "listen": ["EADDRINUSE"],
    "setsockopt": ["ENOMEM"], "getsockname": ["ENOBUFS"],
    "connect": ["ECONNREFUSED", "ETIMEDOUT", "EADDRNOTAVAIL"], "shutdown": ["ENOTCONN"],
    "sched_getaffinity": ["EINVAL"], "timerfd_settime": ["EINVAL"],
}


def ask(port, seconds, reset=False):
    """Whether a server answers two requests of a connection."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as peer:
            for _ in range(2):
                peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                if not peer.recv(65536).startswith(b"HTTP/1.1 "):
                    return False
            if reset:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return True
    except OSError:
        return False


def answers(port):
    """Whether a server answers on new connections, so many that each of its loops has some."""
    return all(ask(port, ANSWER_SECONDS) for _ in range(8 * WORKERS))


def attack_server(engine, workers, before):
    """One server that is talked to, judged and ended."""
    server = process.Program([*before, *servers.engine_command(engine, "http"), "--max-connections", "16",
                              *(["--workers", str(workers)] if workers > 1 else [])])
    port, found = server.listening(process.START_SECONDS), []
    if port is not None:
        for n in range(CONNECTIONS):
            ask(port, ANSWER_SECONDS / CONNECTIONS, reset=n == 1)
        if not (answers(port) or server.wait(0)):
            # Calls are counted by thread, so that one for each connection fails each time.
            strace.release(server.pid)
            if not (answers(port) or server.wait(0.5)):
                found.append("it lives and does not answer on each connection any more")
    server.signal(signal.SIGTERM)
    return found + process.complaints(server.end(STOP_SECONDS), "contend-engine")


def load_command(port):
    return [servers.program("contend"), "load", f"http://127.0.0.1:{port}/", "-c", "4", "-t", "2", "-d", "300ms",
            "--timeout", "500ms", "--json"]


def attack_load(before):
    with process.serving(servers.engine_command("epoll", "http")) as port:
        ended = process.run([*before, *load_command(port)], LOAD_SECONDS)
    found = process.complaints(ended, "contend")
    # What was not measured well is said in the figures.
    if ended.code in (1, 3) and ended.out.startswith("{"):
        found = [line for line in found if "did not say why" not in line]
    return found


def cases(_rng, names=None):
    """Of these engines, and of `load`; without names, of all."""
    if reason := strace.why_unavailable():
        raise Unavailable(reason)
    attacks = {"load": attack_load}
    for engine in servers.listed()["engines"]:
        if "serve" in engine["roles"] and engine["unavailable"] is None:
            attacks[engine["name"]] = functools.partial(attack_server, engine["name"], 1)
            if engine["scales"]:
                attacks[f"{engine['name']}/{WORKERS}"] = functools.partial(attack_server, engine["name"], WORKERS)
    for name, attack in attacks.items():
        if names and name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "calls"
            if found := attack(strace.tracing(str(log), [*ERRORS, strace.LOADED])):
                yield Case(f"{name} without a fault", lambda found=found: found)
                continue
            time.sleep(0.2)  # strace may still be writing
            places = strace.places(log)
        for call, errors in ERRORS.items():
            for when in places.get(call, []):
                for error in errors:
                    yield Case(f"{name} {call} {error} when={when}",
                               functools.partial(attack, strace.injecting(call, f"error={error}", when)))
