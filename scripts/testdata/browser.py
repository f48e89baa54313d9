"""A headless Chromium for tests, spoken to by its DevTools protocol over a pipe: what a page logs,
what it asks for, what it looks like. Not a package of anybody's, and no port is opened.

    with Browser() as browser: page = browser.open(Path("report.html")); page.complaints
"""
from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PROGRAM = shutil.which("chromium")
TIMEOUT_S = 60
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-extensions", "--hide-scrollbars", "--remote-debugging-pipe",
         # Whatever a page should ask of another machine ends here, and is seen in `requests`.
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server"]


class Browser:
    """Owns the process, which ends with the block."""

    def __enter__(self) -> Browser:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, self.ours_out = os.pipe()
        self.ours_in, theirs_out = os.pipe()
        # The protocol wants the descriptors 3 and 4, which the shell gives it.
        command = ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "chromium", PROGRAM,
                   *FLAGS, f"--user-data-dir={self.folder.name}", "about:blank"]
        self.process = subprocess.Popen(
            command, pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env=os.environ | {"HOME": self.folder.name})
        os.close(theirs_in)
        os.close(theirs_out)
        self.unread, self.number, self.listeners = b"", 0, {}
        return self

    def __exit__(self, *_) -> None:
        try:
            self.ask("Browser.close")
            self.process.wait(10)
        except (OSError, EOFError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.ours_out)
        os.close(self.ours_in)
        self.folder.cleanup()

    def ask(self, method: str, session: str | None = None, **parameters):
        """One command and its answer; events that arrive meanwhile go to their listeners."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.ours_out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def receive(self) -> dict:
        while b"\0" not in self.unread:
            piece = os.read(self.ours_in, 1 << 20)
            if not piece:
                raise EOFError("chromium ended")
            self.unread += piece
        line, _, self.unread = self.unread.partition(b"\0")
        message = json.loads(line)
        if listener := self.listeners.get(message.get("sessionId")):
            listener(message)
        return message

    def open(self, path: Path, width: int = 1280, **how) -> Page:
        return Page(self, path, width, **how)


class Page:
    """`complaints`: console messages, exceptions and refusals; `requests`: addresses asked for."""

    def __init__(self, browser: Browser, path: Path, width: int, dark: bool = False,
                 script: bool = True):
        self.browser, self.complaints, self.requests, self.loaded = browser, [], [], False
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        browser.listeners[self.session] = self.heard
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.resize(width)
        self.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.ask("Page.navigate", url=Path(path).resolve().as_uri())
        while not self.loaded:
            browser.receive()

    def resize(self, width: int) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900,
                 deviceScaleFactor=1, mobile=False)

    def ask(self, method: str, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def heard(self, message: dict) -> None:
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(parameters["args"]))
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])

    def value(self, expression: str):
        """Of JavaScript, as JSON has it; a promise is waited for."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def screenshot(self, whole: bool = True, clip: tuple | None = None) -> bytes:
        """A PNG."""
        more = {}
        if clip:
            more["clip"] = dict(zip(("x", "y", "width", "height"), clip), scale=1)
        return base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=whole,
                                         **more)["data"])
