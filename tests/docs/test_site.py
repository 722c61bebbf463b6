"""The site is whole, asks nobody for anything, and can be read on a phone."""

import http.server
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from docs.site import build, faults

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    # A name that no machine answers to: whatever is not here cannot be fetched.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging=stderr", "--v=0",
)  # fmt: skip
PAGES = ("docs/index.html", "docs/tutorial.html", "docs/reference/files.html", "docs/why/statistics.html")
FRAME = """<!DOCTYPE html><title>-</title><iframe id="f" style="border:0;width:390px;height:900px"
 src="{page}"></iframe><script>document.getElementById("f").onload = e => {{
 const d = e.target.contentDocument.documentElement; document.title = "wide " + d.scrollWidth; }};</script>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    assert build(folder / "site", folder / "trees") == ""
    return folder / "site"


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves the site and remembers what it had not."""

    absent: ClassVar[list[str]] = []

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Remember, then answer as ever."""
        self.absent.append(self.path)
        super().send_error(code, message, explain)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
        """Say nothing."""


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the site is served on this machine."""
    Server.absent = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def browse(chromium: Path, folder: Path, address: str) -> tuple[str, list[str]]:
    """The page as a browser without a network makes it, and what it complained about."""
    profile = tempfile.mkdtemp(prefix="profile-", dir=folder)
    words = [*FLAGS, f"--user-data-dir={profile}", "--virtual-time-budget=5000", "--dump-dom", address]
    done = subprocess.run([str(chromium), *words], capture_output=True, text=True, timeout=90, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_every_link_leads_somewhere_and_nothing_comes_from_elsewhere(site: Path) -> None:
    """Pages, headings, downloads, pictures, styles and scripts are all in the site."""
    assert list(faults(site)) == []
    assert len(list(site.rglob("*.html"))) > 30
    assert (site / "index.html").is_file()


def test_a_dead_link_and_a_remote_asset_are_found(tmp_path: Path) -> None:
    """The check would see what it is there for."""
    (tmp_path / "a.html").write_text(
        '<h1 id="x">x</h1><a href="#x"></a><a href="#y"></a><a href="b.html"></a><a href="/a.html"></a>'
        '<img src="//elsewhere.example/i.png"><a href="https://elsewhere.example"></a>'
    )
    (tmp_path / "a.css").write_text("@import 'https://elsewhere.example/f.css'; a { background: url(i.png) }")
    assert [one.partition(": ")[2] for one in faults(tmp_path)] == [
        "#y: no such heading",
        "b.html: no such file",
        "/a.html: is not relative",
        "loads //elsewhere.example/i.png: comes from the network",
        "loads https://elsewhere.example/f.css: comes from the network",
        "loads i.png: no such file",
    ]


def test_pages_work_in_a_browser_without_a_network(
    chromium: Path, site: Path, address: str, tmp_path: Path
) -> None:
    """Nothing is missing, nobody complains, and the search finds a word."""
    for page in PAGES:
        dom, complaints = browse(chromium, tmp_path, f"{address}/{page}")
        assert "</html>" in dom
        assert complaints == []
    found, complaints = browse(chromium, tmp_path, f"{address}/search.html?q=ledger")
    assert re.search(r"found \d+ pages? matching", found)
    assert complaints == []
    assert set(Server.absent) <= {"/favicon.ico"}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(
    chromium: Path, site: Path, address: str, tmp_path: Path, page: str
) -> None:
    """Tables, output and pictures scroll inside themselves."""
    (site / "frame.html").write_text(FRAME.format(page=page))
    dom, _ = browse(chromium, tmp_path, f"{address}/frame.html")
    (site / "frame.html").unlink()
    assert "<title>wide 390</title>" in dom
