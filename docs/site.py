"""Build the site, and hold every link and asset in it to something that is there.

``python -m docs.site [FOLDER]`` writes to build/site. A warning of the generator is an error; so is a link to
a page, a heading or a file that the site does not hold, and whatever a page would load from the network.
"""

# ruff: noqa: INP001  (pages and their tools, found by path)

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
FRONT = "docs/index.html"
# What a browser fetches without being asked, by tag.
_LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
_IN_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)["']?(?!data:)([^"')\s;]+)""")
_HERE = (
    '<!DOCTYPE html><meta charset="utf-8"><title>headway</title>'
    f'<meta http-equiv="refresh" content="0; url={FRONT}"><a href="{FRONT}">headway</a>\n'
)


class Page(HTMLParser):
    """The anchors of a page, where it links to, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors = {"", "top"}
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names, links to and loads."""
        said = {key: value or "" for key, value in attrs}
        self.anchors |= {said[key] for key in ("id", "name") if key in said}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if tag in _LOADED and _LOADED[tag] in said:
            self.loads.append(said[_LOADED[tag]])
        if "style" in said:
            self.loads += _IN_STYLE.findall(said["style"])


def build(site: Path, trees: Path) -> str:
    """Write the site, and return what is wrong with its sources; empty when nothing is."""
    shutil.rmtree(site, ignore_errors=True)
    words = ["-q", "-n", "-W", "--keep-going", "-E", "-b", "html", "-c", str(ROOT / "docs"), "-d", str(trees)]
    done = subprocess.run(  # noqa: S603  our own generator on our own pages
        [sys.executable, "-m", "sphinx", *words, str(ROOT), str(site)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return done.stdout + done.stderr
    (site / "index.html").write_text(_HERE, encoding="utf-8")
    return ""


def faults(site: Path) -> Iterator[str]:
    """Dead links, missing assets, and whatever comes from elsewhere, one line each."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        here = path.relative_to(site)
        for link in page.links:
            if urlsplit(link).scheme not in {"http", "https", "mailto"}:
                yield from (f"{here}: {link}: {why}" for why in _dead(path, link, pages))
        for link in page.loads:
            yield from (f"{here}: loads {link}: {why}" for why in _unloadable(path, link, pages))
    for path in sorted(site.rglob("*.css")):
        for link in _IN_STYLE.findall(path.read_text(encoding="utf-8")):
            if not link.startswith("#"):
                here = path.relative_to(site)
                yield from (f"{here}: loads {link}: {why}" for why in _unloadable(path, link, pages))


def _unloadable(path: Path, link: str, pages: dict[Path, Page]) -> Iterator[str]:
    if link.startswith("data:"):
        return
    if urlsplit(link).scheme or link.startswith("//"):
        yield "comes from the network"
    else:
        yield from _dead(path, link, pages)


def _dead(path: Path, link: str, pages: dict[Path, Page]) -> Iterator[str]:
    parts = urlsplit(link)
    if parts.path.startswith("/"):
        yield "is not relative"
        return
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        yield "no such file"
    elif target in pages and unquote(parts.fragment) not in pages[target].anchors:
        yield "no such heading"


def main(words: list[str]) -> int:
    """Build, check, and say what is wrong."""
    site = Path(words[0] if words else ROOT / "build" / "site").resolve()
    if wrong := build(site, site.with_name(f"{site.name}-trees")):
        sys.stderr.write(wrong)
        return 1
    found = list(faults(site))
    sys.stderr.writelines(f"{one}\n" for one in found)
    pages = len(list(site.rglob("*.html")))
    sys.stdout.write(
        f"{pages} pages in {site}: {'every link leads somewhere' if not found else 'not sound'}\n"
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
