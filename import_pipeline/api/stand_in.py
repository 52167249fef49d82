"""Who answers while a disk that hangs holds up the event loop: a thread, on the same port, without touching the disk.

A server that does not say that it lives is started anew, which helps nobody where its disk hangs. So that question gets
its answer, and every other call is told at once to come again later. Of a loop that is held up by anything else nothing
is said: then the server is to be started anew.
"""

import select
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus

from fastapi.responses import JSONResponse

from import_pipeline.api.prompt_reads import PromptReads
from import_pipeline.api.refusals import answer_of, refusal_of
from import_pipeline.errors import RegistryError

HELD_UP_SECONDS = 2.0
"""So long a read of a fraction of a millisecond has taken when the disk is held to hang."""
_LOOK_SECONDS = 0.5
_LONGEST_REQUEST = 65_536


class StandIn:
    """Answers on a listening socket as long as the event loop waits for the disk.

    Args:
        listening: The socket on which the loop accepts connections.
        prompt: What the loop reads.
    """

    def __init__(self, listening: socket.socket, prompt: PromptReads) -> None:
        self._listening = listening
        self._prompt = prompt

    def start(self) -> None:
        """Watch from now on, as long as the process lives."""
        threading.Thread(target=self._watch, name="stand-in", daemon=True).start()

    def _watch(self) -> None:
        with suppress(OSError, ValueError):  # the socket is closed: the server ends
            while True:
                if not self._is_held_up():
                    time.sleep(_LOOK_SECONDS)
                elif select.select([self._listening], [], [], _LOOK_SECONDS)[0] and self._is_held_up():
                    self._accept()

    def _is_held_up(self) -> bool:
        since = self._prompt.reading_since
        return since is not None and time.monotonic() - since >= HELD_UP_SECONDS

    def _accept(self) -> None:
        with suppress(BlockingIOError):  # the loop goes on, and was faster
            connection, _ = self._listening.accept()
            with connection, suppress(OSError):  # who called has gone
                connection.settimeout(_LOOK_SECONDS)
                connection.sendall(_answer(_path(connection)))


def _path(connection: socket.socket) -> str:
    """The path that a request asks for; all of its head is read, for what is left unread breaks the answer off."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _LONGEST_REQUEST and (more := connection.recv(8192)):
        head += more
    words = head.split(b"\r\n", 1)[0].split(b" ")
    return words[1].decode("latin-1").partition("?")[0] if len(words) == 3 else ""


def _answer(path: str) -> bytes:
    if path == "/health/live":
        answer = JSONResponse({"status": "live"})
    elif path == "/health/ready":
        answer = JSONResponse({"status": "not_ready", "not_ready": ["registry"]}, 503)
    else:
        answer = answer_of(path, refusal_of(RegistryError("The registry's disk does not answer. Try again later.")))
    head = [b"HTTP/1.1 %d %s" % (answer.status_code, HTTPStatus(answer.status_code).phrase.encode())]
    head += [name + b": " + value for name, value in (*answer.raw_headers, (b"connection", b"close"))]
    return b"\r\n".join([*head, b"", bytes(answer.body)])
