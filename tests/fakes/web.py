"""A web server on the loopback interface that serves a folder, and can misbehave."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class FileServer:
    """Serves the files of `folder`.

    `break_after` bytes of a file's body the connection is dropped, `breaks` times. `ranges` says
    whether parts may be asked for. `refusals` answers 503 that many times first. `asked` remembers
    path and Range of each request.
    """

    folder: Path
    address: str = ""
    breaks: int = 0
    break_after: int = 0
    ranges: bool = True
    refusals: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@contextmanager
def serving(folder: Path) -> Iterator[FileServer]:
    server = FileServer(folder)
    handler = type("Handler", (_Handler,), {"files": server})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        server.address = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    files: FileServer

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.files.asked.append((self.path, asked))
        path = self.files.folder / self.path.lstrip("/")
        if self.files.refusals:
            self.files.refusals -= 1
            self.send_error(503)
        elif not path.is_file():
            self.send_error(404)
        else:
            self._send(path.read_bytes(), asked if self.files.ranges else None)

    def _send(self, content: bytes, asked: str | None) -> None:
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if asked and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if self.files.breaks and len(body) > self.files.break_after:
            self.files.breaks -= 1
            body = body[: self.files.break_after]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""
