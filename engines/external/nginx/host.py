"""Starts nginx with one worker process as a host that speaks docs/host-protocol.md, and ends it. What
serves is nginx alone; this process waits. It plays the http workload as far as its client asks: GET /
and GET /bytes/N, with the N of the parameter `bytes`. All that nginx writes lies in a folder of its own
that is gone afterwards. Try it:
    python3 engines/external/nginx/host.py serve nginx http --listen 127.0.0.1:8080
"""

import ctypes
import grp
import os
import pathlib
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
import http_session
import protocol

LIBC, PR_SET_PDEATHSIG = ctypes.CDLL(None), 1
# nginx closes idle connections to take on others when it has no more room, and has no way of letting
# them wait; so there is room for more than anyone asks for.
CONNECTIONS = 32768
STATUS_S = 0.2
END_S = 0.5

CONFIGURATION = """
daemon off;
worker_processes 1;
worker_rlimit_nofile {descriptors};
pid {folder}/pid;
error_log stderr error;
{user}
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  default_type text/plain;
  sendfile on;
  open_file_cache max=8 inactive=1d;
  open_file_cache_valid 1d;
  # Who keeps a connection, talking or idle, keeps it.
  keepalive_requests 1000000000;
  keepalive_timeout 1d;
  client_header_timeout 1d;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {address} backlog={backlog};
    location = / {{ return 200 "{text}"; }}
    location = /bytes/{bytes} {{ alias {folder}/bytes; }}
    location / {{ return 404; }}
  }}
  server {{
    listen unix:{folder}/status;
    location / {{ stub_status; }}
  }}
}}
"""


class Nginx:
    """nginx on a socket that listens already, for the length of a `with`."""

    def __init__(self, program, listener, body_bytes):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="contend-nginx-"))
        self._process = None
        try:
            self._write_files(listener, body_bytes)
            self._process = self._start(program, listener)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()  # a fast shutdown; the master takes its worker along
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def wait(self):
        """Until it ends, which it should not by itself."""
        code = self._process.wait()
        log = (self._folder / "log").read_text().strip().rpartition("\n")[2]
        raise OSError(f"nginx ended by itself, with code {code}: {log}")

    def accepted(self):
        """How many connections the worker has taken on, but for the one that asks; 0 if it does not
        answer."""
        try:
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(STATUS_S)
                asking.connect(str(self._folder / "status"))
                asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = asking.makefile("rb").read()
        except OSError:
            return 0
        counts = re.search(rb"\n ([0-9]+) [0-9]+ [0-9]+ \n", answer)
        return int(counts[1]) - 1 if counts else 0

    def _write_files(self, listener, body_bytes):
        with open(self._folder / "bytes", "wb") as body:
            for offset in range(0, body_bytes, len(http_session.PATTERN)):
                body.write(http_session.PATTERN[:body_bytes - offset])
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        host, port = listener.getsockname()[:2]
        (self._folder / "configuration").write_text(CONFIGURATION.format(
            folder=self._folder, user=user_directive(), descriptors=descriptors,
            connections=min(CONNECTIONS, descriptors), backlog=protocol.BACKLOG, bytes=body_bytes,
            address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            text=http_session.TEXT.decode()))

    def _start(self, program, listener):
        host = os.getpid()

        def prepare():
            # Whatever kills the host ends nginx, and by SIGTERM, so that it ends its worker
            # (prctl(2)); the host may have been killed already.
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != host:
                os._exit(1)

        # A new nginx takes over the sockets of the old one by this variable
        # (https://nginx.org/en/docs/control.html, "Upgrading Executable on the Fly"): so the port may
        # be the kernel's choice, and nobody else can get it in between.
        descriptor = listener.fileno()
        return subprocess.Popen(
            [program, "-p", self._folder, "-c", self._folder / "configuration", "-e",
             self._folder / "log"],
            pass_fds=[descriptor], env=os.environ | {"NGINX": f"{descriptor};"}, preexec_fn=prepare,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def user_directive():
    """As root its worker would become another user, who can't read the folder."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};"


def find_program():
    """Debian has it in a folder that is not in everyone's PATH."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def version_of(program):
    said = subprocess.run([program, "-v"], capture_output=True, text=True).stderr
    return said.strip().rpartition(" ")[2]


def report():
    arguments = protocol.parse(sys.argv[1:], serve=True)
    if arguments.workload != "http":
        raise protocol.WrongUse(f"nginx can't play {arguments.workload!r}, only 'http'")
    if arguments.max_connections < protocol.MAX_CONNECTIONS:
        raise protocol.WrongUse("nginx can't let connections wait and takes no lower "
                                f"--max-connections than {protocol.MAX_CONNECTIONS}")
    program = find_program()
    if program is None:
        raise protocol.Unavailable("no nginx in PATH; install the package nginx-light")
    detail = f"{version_of(program)}, one worker process"
    listener = protocol.listen_on(arguments.listen)
    with Nginx(program, listener, arguments.parameters["bytes"]) as nginx:
        try:
            protocol.say({"listening": listener.getsockname()[1]})
            protocol.stopping.call(protocol.raise_stop)
            nginx.wait()
        except protocol.Stop:
            return {"accepted": nginx.accepted(), "accept_pauses": 0, "detail": detail}


if __name__ == "__main__":
    protocol.end_with(report)
