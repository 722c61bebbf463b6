"""A Prometheus of a test's own: backfilled with a trace, scraping a small exporter, on loopback only."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.conftest import _free_port, absent

PATIENCE = 120


@dataclass(frozen=True)
class Sample:
    """One sample of a series: name with labels, seconds since 1970, value."""

    series: str
    at: int
    value: float


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    url: str

    def ask(self, query: str) -> list[Any]:
        """What it says to an expression now."""
        asked = urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{asked}", timeout=10) as answer:  # noqa: S310
            found: list[Any] = json.load(answer)["data"]["result"]
            return found

    def wait_for(self, query: str) -> None:
        """Until an expression has a result."""
        ends = time.monotonic() + PATIENCE
        while not self.ask(query):
            assert time.monotonic() < ends, f"nothing came of {query}"
            time.sleep(0.5)


@contextmanager
def serving(folder: Path, samples: Sequence[Sample], scraped: str = "") -> Iterator[Running]:
    """A server that holds samples, and scrapes a text once a second."""
    for program in ("prometheus", "promtool"):
        if shutil.which(program) is None:
            absent(f"no {program}: install Debian's package `prometheus`")
    _backfill(folder, samples)
    with _exporter(scraped) as target:
        port = _free_port()
        job = {"job_name": "fleet", "static_configs": [{"targets": [target]}], "honor_labels": True}
        settings = {"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}
        (folder / "prometheus.yml").write_text(json.dumps(settings))
        command = [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--storage.tsdb.retention.time=90d",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield _ready(f"http://127.0.0.1:{port}", server, folder / "log")
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _backfill(folder: Path, samples: Sequence[Sample]) -> None:
    if not samples:
        return
    names = dict.fromkeys(s.series.partition("{")[0] for s in samples)
    lines = []
    for name in names:
        lines.append(f"# TYPE {name} unknown")
        lines += [f"{s.series} {s.value!r} {s.at}" for s in samples if s.series.partition("{")[0] == name]
    (folder / "trace.om").write_text("\n".join([*lines, "# EOF", ""]))
    subprocess.run(
        [
            "promtool",
            "tsdb",
            "create-blocks-from",
            "--quiet",
            "openmetrics",
            folder / "trace.om",
            folder / "data",
        ],
        check=True,
        capture_output=True,
    )


def _ready(url: str, server: subprocess.Popen[bytes], log: Path) -> Running:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=5):  # noqa: S310
                return Running(url)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@contextmanager
def _exporter(text: str) -> Iterator[str]:
    class Exporter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Exporter) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
