"""How the tests read a page: its text, its tags, and what is wrong with them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "line", "rect", "circle", "path"}
Attributes = dict[str, str]


class Page(HTMLParser):
    """A page as read: every tag with its attributes, the visible text, and every fault found."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, Attributes]] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{name}> is never closed" for name in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and that it is open."""
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close the tag opened last, or note a fault."""
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:] or 'nothing'} at {self.getpos()}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        if self._open and self._open[-1] not in ("style", "title", "desc"):
            self.words.append(data)

    @property
    def text(self) -> str:
        """The visible words, blanks joined, no-break blanks as blanks."""
        return re.sub(r"\s+", " ", " ".join(self.words).replace("\u00a0", " "))

    def all(self, name: str) -> list[Attributes]:
        """The attributes of every tag of a name."""
        return [attributes for tag, attributes in self.tags if tag == name]

    @property
    def ids(self) -> list[str]:
        """Every id."""
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]
