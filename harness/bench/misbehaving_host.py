#!/usr/bin/env python3
"""A host (docs/host-protocol.md) whose engines do what engines must not do, each its own thing.

For the tests of the harness and for scripts/attack.py: the harness has to tell what each did and go on. Try it:
    harness/bench/misbehaving_host.py serve answers_wrongly echo
What it lists is wrong, too, if CONTEND_MISLISTS names how: one of LISTINGS.
"""

import json
import os
import signal
import socket
import struct
import sys
import threading
import time

ROLES = {
    "good": ["serve", "run"],
    "crashes": ["serve", "run"],
    "exits": ["serve", "run"],
    "says_nothing": ["serve", "run"],
    "talks_rubbish": ["serve", "run"],
    "talks_without_end": ["serve", "run"],
    "nests_deep": ["serve", "run"],
    "unavailable": ["serve", "run"],
    "listens_nowhere": ["serve"],
    "never_answers": ["serve"],
    "answers_wrongly": ["serve"],
    "turns_wrong": ["serve"],
    "dies_under_load": ["serve"],
    "ignores_sigterm": ["serve"],
    "fails_at_the_end": ["serve"],
    "ends_without_a_report": ["serve"],
    "leaves_a_child": ["serve", "run"],
    "does_half": ["run"],
    "reports_nothing": ["run"],
    "reports_nonsense": ["run"],
    "complains_without_end": ["serve", "run"],
    "talks_binary": ["serve", "run"],
    "nests_deeply": ["serve", "run"],
    "stops_itself": ["serve", "run"],
    "names_a_huge_port": ["serve"],
    "names_no_number": ["serve"],
    "names_a_negative_port": ["serve"],
    "listens_twice": ["serve"],
    "dies_when_connected": ["serve"],
    "dies_after_an_answer": ["serve"],
    "floods_answers": ["serve"],
    "resets": ["serve"],
    "reports_early": ["serve"],
    "reports_without_end": ["serve", "run"],
    "leaves_many_children": ["serve", "run"],
    "reports_huge_numbers": ["run"],
    "reports_many_spans": ["run"],
    "reports_deeply": ["run"],
}
DEEP = "[" * 200_000 + "]" * 200_000
LISTINGS = {
    "empty": "",
    "rubbish": "\x00\xff\x1b[31m",
    "array": "[]",
    "null": "null",
    "huge": "1e999",
    "long": " " * 50_000_000,
    "cut": '{"engines": [{"name": "go',
    "invalid": '{"engines": "\udcff"}',
    "none": '{"engines": [], "workloads": []}',
    "deep": '{"engines": [' + DEEP + '], "workloads": []}',
}


def say(line):
    print(json.dumps(line), flush=True)


def complain(line):
    print(line, file=sys.stderr, flush=True)


def mislist(how):
    if how == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "hangs":
        time.sleep(3600)
    elif how == "without_end":
        while True:
            os.write(1, b"x" * 65536)
    sys.stdout.buffer.write(LISTINGS[how].encode(errors="surrogateescape") + b"\n")


def list_all():
    sleep = [{"name": "jobs", "default": 2, "minimum": 1, "maximum": 10, "meaning": "how many"}]
    echo = [{"name": "size_bytes", "default": 64, "minimum": 1, "maximum": 65536, "meaning": "length"}]
    say({
        "engines": [{"name": name, "summary": "misbehaves", "charted": True, "roles": roles, "scales": False,
                     "spins": False, "delays": False, "unavailable": None} for name, roles in ROLES.items()],
        "workloads": [
            {"name": "echo", "summary": "as contend's", "role": "serve", "kinds": [], "has_service": True,
             "has_clients": True, "has_jobs": False, "parameters": echo},
            {"name": "sleep", "summary": "as contend's", "role": "run", "kinds": [], "has_service": False,
             "has_clients": False, "has_jobs": True, "parameters": sleep},
        ],
    })


def before_anything(engine):
    """What goes wrong before a word that counts."""
    if engine == "crashes":
        complain("about to crash")
        os.kill(os.getpid(), signal.SIGSEGV)
    elif engine == "exits":
        complain("first line")
        complain("no such luck")
        sys.exit(3)
    elif engine == "says_nothing":
        time.sleep(3600)
    elif engine == "talks_rubbish":
        print("Hello, \x1b[31mworld", flush=True)
        time.sleep(3600)
    elif engine == "nests_deep":
        print('{"listening": ' + "[" * 60000 + "]" * 60000 + "}", flush=True)
        time.sleep(3600)
    elif engine == "talks_without_end":
        while True:
            os.write(1, b"x" * 65536)
    elif engine == "unavailable":
        complain("needs a newer kernel")
        sys.exit(77)
    elif engine == "complains_without_end":
        while True:
            os.write(2, b"no, no, no\n" * 6000)
    elif engine == "talks_binary":
        os.write(1, bytes(range(256)) * 64 + b"\n")
        time.sleep(3600)
    elif engine == "nests_deeply":
        print('{"listening": ' + DEEP + "}", flush=True)
        time.sleep(3600)


def leave_a_child(children=1):
    if children > 1:
        leave_a_child(children - 1)
    if os.fork() == 0:
        os.setsid()
        os.close(0), os.close(1), os.close(2)
        time.sleep(3600)


def converse(connection, number, engine):
    served = 0
    if engine == "resets":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return
    while engine == "floods_answers":
        connection.sendall(b"x" * 65536)
    if engine == "dies_when_connected":
        os._exit(6)
    while data := connection.recv(65536):
        served += 1
        if engine == "dies_after_an_answer" and served > 1:
            os._exit(7)
        if engine == "dies_under_load" and number > 0 and served > 2:
            complain("the load was too much")
            os._exit(4)
        if engine == "answers_wrongly" or (engine == "turns_wrong" and number > 0 and served % 3 == 0):
            data = bytes(255 - byte for byte in data)
        if engine != "never_answers":
            connection.sendall(data)


def serve_connection(connection, number, engine):
    try:
        converse(connection, number, engine)
    except OSError:
        pass
    connection.close()


def serve(engine):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def stop(*_):
        if engine == "ignores_sigterm":
            return
        if engine == "fails_at_the_end":
            complain("could not close")
            os._exit(5)
        if engine == "ends_without_a_report":
            os._exit(0)
        if engine == "reports_without_end":
            while True:
                os.write(1, b'{"report": "' + b"x" * 65536)
        say({"report": {"accepted": 0, "accept_pauses": 0, "detail": ""}})
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    if engine == "leaves_a_child":
        leave_a_child()
    elif engine == "leaves_many_children":
        leave_a_child(20)
    elif engine == "reports_early":
        say({"report": {"accepted": 0, "accept_pauses": 0, "detail": ""}})
    elif engine == "listens_twice":
        say({"listening": 1})
    if engine == "listens_nowhere":
        listener.close()
    named = {"names_a_huge_port": 10**30, "names_no_number": "x" * 100, "names_a_negative_port": -port}
    say({"listening": named.get(engine, port)})
    if engine == "stops_itself":
        os.kill(os.getpid(), signal.SIGSTOP)
    number = 0
    while engine != "listens_nowhere":
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve_connection, args=(connection, number, engine), daemon=True).start()
        number += 1
    time.sleep(3600)


def run(engine):
    ms = 1_000_000
    spans = [{"lane": lane, "start_ns": lane, "compute_ns": 2 * ms, "finish_ns": 5 * ms, "ok": True, "result": 0}
             for lane in range(2)]
    report = {"wall_ns": 10 * ms, "user_ns": 4 * ms, "system_ns": 2 * ms, "voluntary_switches": 6,
              "involuntary_switches": 0, "peak_rss_bytes": 4096, "expected": 2, "errors": {}, "spans": spans}
    if engine == "leaves_a_child":
        leave_a_child()
    elif engine == "leaves_many_children":
        leave_a_child(20)
    elif engine == "stops_itself":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif engine == "reports_without_end":
        while True:
            os.write(1, b'{"report": "' + b"x" * 65536)
    elif engine == "reports_huge_numbers":
        report.update(wall_ns=2**63 - 1, peak_rss_bytes=2**63 - 1, user_ns=2**63 - 1, expected=2**63 - 1)
    elif engine == "reports_many_spans":
        report["spans"] = spans * 50_000
    elif engine == "reports_deeply":
        print('{"report": {"spans": ' + DEEP + "}}", flush=True)
        return
    elif engine == "does_half":
        spans[1].update(finish_ns=None, ok=False)
    elif engine == "reports_nothing":
        sys.exit(0)
    elif engine == "reports_nonsense":
        report["wall_ns"] = "long"
    say({"report": report})


def main():
    role = sys.argv[1]
    if role == "list":
        mislist(os.environ["CONTEND_MISLISTS"]) if "CONTEND_MISLISTS" in os.environ else list_all()
        return
    engine = sys.argv[2]
    before_anything(engine)
    {"serve": serve, "run": run}[role](engine)


if __name__ == "__main__":
    main()
