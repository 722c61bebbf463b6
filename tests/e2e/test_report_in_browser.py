"""The report in a real browser: silent, alone, in two schemes, on a phone and on paper."""

from __future__ import annotations

import http.server
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from tests.unit.render import records

from headway.render.html import review

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
DARK, LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
PROBE = """<script>document.title = JSON.stringify([
  document.documentElement.scrollWidth, document.documentElement.clientWidth,
  getComputedStyle(document.body).backgroundColor,
  [...document.querySelectorAll("svg.picture")].map(s => getComputedStyle(s).display).join(" "),
]);</script></body>"""

Browse = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def browse(chromium: Path, tmp_path: Path) -> Browse:
    """Runs the browser, each time with a fresh profile."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        profile = f"--user-data-dir={tempfile.mkdtemp(prefix='profile-', dir=tmp_path)}"
        return subprocess.run(
            [str(chromium), *FLAGS, profile, *words], capture_output=True, text=True, timeout=60, check=True
        )

    return run


class Site(http.server.BaseHTTPRequestHandler):
    """Serves one page and remembers what it was asked for."""

    page: ClassVar[bytes] = b""
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer with the page, whatever is asked for."""
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address at which the hostile record's page is served."""
    Site.page, Site.asked = review(records.hostile(), 100).encode(), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page"
    server.shutdown()
    server.server_close()


def probed(browse: Browse, folder: Path, text: str, *words: str) -> list[str]:
    """What a script finds in a copy of the page: widths, background, and which pictures are seen."""
    copy = folder / "probe.html"
    copy.write_text(POLICY.sub("", text).replace("</body>", PROBE))
    dom = browse("--dump-dom", *words, copy.as_uri()).stdout
    found = re.search(r'<title>\[(\d+),(\d+),"(.*?)","(.*?)"\]</title>', dom)
    assert found, dom[:500]
    return list(found.groups())


def test_the_page_is_silent_and_alone(browse: Browse, site: str) -> None:
    """Even with hostile text it asks for nothing but itself (and the browser's icon) and logs nothing."""
    done = browse("--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom", site)
    assert "How to read this" in done.stdout
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert set(Site.asked) <= {"/page", "/favicon.ico"}


def test_dark_and_light_differ(browse: Browse, tmp_path: Path) -> None:
    """The reader's own scheme decides."""
    text = review(records.rich(), 100)
    backgrounds = [probed(browse, tmp_path, text, scheme)[2] for scheme in (DARK, LIGHT)]
    assert backgrounds == ["rgb(20, 23, 27)", "rgb(255, 255, 255)"]


# A window of Chromium is at least 500 pixels wide unless it is a phone's; a frame is as narrow as it is told.
FRAME = (
    '<!DOCTYPE html><title>-</title><iframe id="f" style="border:0;width:{width}px;height:900px" src="{src}">'
)
LISTEN = """</iframe><script>addEventListener("message", e => { document.title = e.data; });</script>"""
TELL = PROBE.replace("document.title =", "parent.postMessage(").replace("]);</script>", ']), "*");</script>')


@pytest.mark.parametrize(
    ("width", "sheet"), [(360, "narrow"), (390, "narrow"), (800, "wide"), (1200, "wide")]
)
def test_nothing_scrolls_sideways(browse: Browse, tmp_path: Path, width: int, sheet: str) -> None:
    """Not even hostile text makes the page wider than its window, and each width shows its own pictures."""
    inner = tmp_path / "inner.html"
    inner.write_text(POLICY.sub("", review(records.hostile(), 100)).replace("</body>", TELL))
    outer = tmp_path / "outer.html"
    outer.write_text(FRAME.format(width=width, src=inner.as_uri()) + LISTEN)
    dom = browse("--virtual-time-budget=3000", "--dump-dom", outer.as_uri()).stdout
    found = re.search(r'<title>\[(\d+),(\d+),"(.*?)","(.*?)"\]</title>', dom)
    assert found, dom[:500]
    assert int(found.group(1)) <= int(found.group(2)) == width
    seen = found.group(4).split()
    assert seen[:2] == (["none", "block"] if sheet == "narrow" else ["block", "none"])


def test_it_prints(browse: Browse, tmp_path: Path) -> None:
    """Six initiatives are a handful of pages."""
    page, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(review(records.rich(), 100))
    browse("--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri())
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", paper.read_bytes())
    assert 4 <= len(pages) <= 20
