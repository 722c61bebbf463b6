"""A stand-in for a server that speaks Prometheus's API: says what it is told, remembers what it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_POINTS = 11_000


@dataclass(frozen=True)
class Asked:
    """One question: expression, first and last moment, step."""

    query: str
    start: int
    end: int
    step: int
    headers: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def moments(self) -> range:
        """The moments that it is of."""
        return range(self.start, self.end + 1, self.step)


@dataclass(frozen=True)
class Said:
    """An answer as bytes: status, body, further headers; `promised` where more are promised than come."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    promised: int = 0


Answering = Callable[[Asked], Said]


@dataclass
class Double:
    """A server of a test's own."""

    answering: Answering
    url: str = ""
    asked: list[Asked] = field(default_factory=list)


def series(*found: tuple[dict[str, str], list[list[Any]]], **more: Any) -> Said:
    """An answer in the form of the API."""
    result = [{"metric": labels, "values": values} for labels, values in found]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}
    return Said(200, json.dumps(answer).encode())


def error(status: int, text: str) -> Said:
    """A refusal in the form of the API."""
    return Said(status, json.dumps({"status": "error", "errorType": "execution", "error": text}).encode())


def always(*found: tuple[str, dict[str, str], float]) -> Answering:
    """Metrics by name, each with labels and a value that never changes, as the real server would say them."""

    def answer(asked: Asked) -> Said:
        if len(asked.moments) > MOST_POINTS:
            return error(400, "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing")
        # What a query leaves out it does not ask for.
        wanted = asked.query.partition(" unless ")[0]
        named = [
            (labels, value) for name, labels, value in found if any(f"{name}{c}" in wanted for c in "[{")
        ]
        number = "1" if "count" in asked.query else None
        return series(
            *((labels, [[t, number or repr(value)] for t in asked.moments]) for labels, value in named)
        )

    return answer


@contextmanager
def answering(how: Answering) -> Iterator[Double]:
    """A server on a free port of this machine."""
    double = Double(how)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            words = parse_qs(urlsplit(self.path).query)
            start, end, step = (words.get(w, ["0"])[0] for w in ("start", "end", "step"))
            # OpenCost is asked for steps as words.
            numbers = (int(start), int(end), int(step) if step.isdigit() else 0)
            asked = Asked(words.get("query", [""])[0], *numbers, headers=dict(self.headers))
            double.asked.append(asked)
            answer = double.answering(asked)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(answer.promised or len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = bool(answer.promised)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        double.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield double
        server.shutdown()
