"""A proxy before a real S3 server that lets requests fail as networks and servers do: 500, silence, half a body.

It passes every request on as it came, so that signatures hold, until it is told which ones to harm, and how often.
"""

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

ERROR = b'<?xml version="1.0"?><Error><Code>InternalError</Code><Message>We failed.</Message></Error>'
_HOP = {"connection", "transfer-encoding", "keep-alive"}


class Faults:
    """What the proxy does wrong, and which requests it has seen since.

    Attributes:
        endpoint: Where the proxy listens.
        seen: Method and path of each request.
        harmed: Of each request that was harmed.
    """

    def __init__(self) -> None:
        self.endpoint = ""
        self.seen: list[tuple[str, str]] = []
        self.harmed: list[tuple[str, str]] = []
        self.released = threading.Event()
        self._kind, self._method, self._part, self._left = "", "", "", 0
        self._before: Callable[[], object] | None = None
        self._lock = threading.Lock()

    def harm(self, kind: str, method: str = "GET", part: str = "", times: int = 10**9) -> None:
        """Let the next so many requests of a method, whose path holds `part`, fail.

        Args:
            kind: `error` answers 500, `stall` says nothing, `stall_body` sends half a body and then nothing, `cut`
                closes in the midst of a body.
            method: GET, PUT, HEAD, …
            part: What the path holds.
            times: How many requests.
        """
        with self._lock:
            self._kind, self._method, self._part, self._left = kind, method, part, times

    def mend(self) -> None:
        """From now on all goes well."""
        self.harm("", times=0)

    def once_before_body(self, act: Callable[[], object]) -> None:
        """Do something once, after the first half of the next body of a GET was sent."""
        self._before = act

    def take(self, method: str, path: str) -> str:
        """How to harm a request; empty where it is to go well."""
        with self._lock:
            self.seen.append((method, path))
            if self._left <= 0 or method != self._method or self._part not in path:
                return ""
            self._left -= 1
            self.harmed.append((method, path))
            return self._kind

    def act(self) -> None:
        """Do what was to be done in the midst of a body."""
        act, self._before = self._before, None
        if act is not None:
            act()

    @property
    def acts(self) -> bool:
        """Whether something is to be done in the midst of the next body."""
        return self._before is not None


@contextlib.contextmanager
def faulty(endpoint: str) -> Iterator[Faults]:
    """Run the proxy on a free port of loopback while the block lasts.

    Args:
        endpoint: The S3 server behind it.
    """
    faults = Faults()
    behind = urlsplit(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = faults.take(self.command, self.path)
            if kind == "error":
                self.send_response(500)
                self.send_header("Content-Type", "application/xml")
                self.send_header("Content-Length", str(len(ERROR)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(ERROR)
                return
            if kind == "stall":
                faults.released.wait(120)
                self.close_connection = True
                return
            self.pass_on(body, kind)

        def pass_on(self, body: bytes, kind: str) -> None:
            connection = http.client.HTTPConnection(behind.hostname or "", behind.port or 80, timeout=60)
            with contextlib.closing(connection):
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                answer = connection.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _HOP | {"content-length"}:
                        self.send_header(name, value)
                length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
                self.send_header("Content-Length", length or "0")
                self.end_headers()
                if self.command != "HEAD":
                    self.send_body(content, kind)

        def send_body(self, content: bytes, kind: str) -> None:
            if kind not in ("cut", "stall_body") and not faults.acts:
                self.wfile.write(content)
                return
            half = len(content) // 2
            self.wfile.write(content[:half])
            self.wfile.flush()
            if kind == "cut":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if kind == "stall_body":
                faults.released.wait(120)
                self.close_connection = True
                return
            faults.act()
            self.wfile.write(content[half:])

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    faults.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield faults
    finally:
        faults.released.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
