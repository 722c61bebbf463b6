"""YAML read strictly: every scalar stays text, every value keeps its place, every fault is told in one run.

The default loaders of PyYAML turn ``no`` into False and ``012`` into 10, and let a later key silently win
over an earlier one. This builder takes libyaml's events instead. Anchors, aliases, merge keys and tags are
refused: a reviewer must be able to read a value where it stands, and a small file must stay small.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import yaml
from yaml import events
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from headway.kernel.diagnostic import Diagnostic, Place
from headway.portfolio.nodes import (
    Mapping,
    Node,
    Plain,
    Scalar,
    Sequence,
    key_place_of,
    packed,
    place_of,
    to_plain,
)
from headway.portfolio.sound_yaml import sound_documents

__all__ = [
    "Mapping",
    "Node",
    "Parsed",
    "Scalar",
    "Sequence",
    "key_place_of",
    "parse",
    "place_of",
    "read",
    "to_plain",
]

MAX_BYTES = 4_000_000
MAX_DEPTH = 40
# A bomb of aliases is one fault, not a million lines of output.
MAX_SHORTHAND = 20

# YAML forbids these at the start of a line inside any value: a damaged document ends where the next begins.
_MARKER = re.compile(r"^(---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
_PREAMBLE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n)*[ \t]*\Z")
_BARE_TRIPLE = re.compile(r"\]\s+[A-Z]{3}\b")

# libyaml's words, and ours.
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": "a second ': ' on one line, or a wrong indent",
    "found character that cannot start any token": "a tab, or a sign that may not begin a value",
    "did not find expected key": "a key was expected here; the indent or a quote is wrong",
    "could not find expected ':'": "a ':' is missing after a key",
    "found unexpected end of stream": "a quote is opened and never closed",
    "did not find expected ',' or ']'": "a list is opened with [ and not closed, or a ',' is missing",
    "did not find expected ',' or '}'": "a mapping is opened with { and not closed, or a ',' is missing",
    "did not find expected '-' indicator": "a list item was expected here; the indent is wrong",
    "block sequence entries are not allowed in this context": "a '- ' where no list can begin",
    "control characters are not allowed": "a control character",
    "special characters are not allowed": "a control character",
}


@dataclass
class Parsed:
    """One document: what could be read of it, and what is wrong with it.

    Attributes:
        diagnostics: its faults.
        known: its nodes, or how to come by them: nobody asks where a value of a sound document stands.
        content: what it says; None where it is not read as a mapping.
    """

    known: Node | Callable[[], Node] | None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    content: dict[str, Plain] | None = None

    @cached_property
    def node(self) -> Node | None:
        """Its nodes, which know their places."""
        return self.known() if callable(self.known) else self.known

    @cached_property
    def plain(self) -> dict[str, Plain] | None:
        """Its content without places, where it is a mapping."""
        if self.content is None and isinstance(self.node, Mapping):
            return {key: to_plain(value) for key, value in self.node.entries.items()}
        return self.content

    @property
    def whole(self) -> bool:
        """Whether every value was read, so that the document can be judged further."""
        return self.known is not None and all(d.code == "HW102" for d in self.diagnostics)


def read(text: bytes, file: str) -> tuple[list[Node], list[Diagnostic]]:
    """Read all documents of a file: the sound ones, and every fault found on the way.

    Args:
        text: the bytes of the file.
        file: its name as places shall show it.
    """
    documents = parse(text, file)
    nodes = [d.node for d in documents if d.node is not None and not d.diagnostics]
    return nodes, [fault for d in documents for fault in d.diagnostics]


def parse(text: bytes, file: str) -> list[Parsed]:
    """Read all documents of a file, the damaged ones as far as they go.

    A sound file is read fast and without places, and read again where one of its places is asked for.
    """
    return from_sound(text, file, sound(text))


def sound(text: bytes) -> list[dict[str, Plain]] | None:
    """The documents of a file that is plainly sound, without places; None where `parse` must look closer."""
    if len(text) > MAX_BYTES:
        return None
    try:
        content = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return sound_documents(content, MAX_DEPTH)


def from_sound(text: bytes, file: str, documents: list[dict[str, Plain]] | None) -> list[Parsed]:
    """The documents of a file whose `sound` content is known."""
    if documents is None:
        return parse_with_places(text, file)
    again = _Again(text, file)
    return [Parsed(partial(again.node, at), content=plain) for at, plain in enumerate(documents)]


@dataclass
class _Again:
    """A sound file, read once more when one of its places is asked for."""

    text: bytes
    file: str

    @cached_property
    def parsed(self) -> list[Parsed]:
        return parse_with_places(self.text, self.file)

    def node(self, at: int) -> Node:
        """The nodes of one document."""
        node = self.parsed[at].node
        assert node is not None  # noqa: S101  the two readers read the same documents
        return node


def parse_with_places(text: bytes, file: str) -> list[Parsed]:
    """Read all documents of a file, every value with its place."""
    if len(text) > MAX_BYTES:
        what = f"the file is larger than {MAX_BYTES:,} bytes"
        return [
            Parsed(None, [Diagnostic("HW109", what, Place(file), "split the file, or move data to data/")])
        ]
    try:
        content = text.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = text[: fault.start].decode("utf-8", "replace")
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        what = f"the byte 0x{text[fault.start]:02x} here is not UTF-8"
        return [Parsed(None, [Diagnostic("HW112", what, place, "save the file as UTF-8")])]
    found: list[Parsed] = []
    for line, chunk in _chunks(content):
        found += _Builder(file, line, chunk).documents()
    return found


def _chunks(content: str) -> Iterator[tuple[int, str]]:
    """Cut a file at its document markers: libyaml gives up a whole stream at the first fault."""
    start = line = 0
    for marker in _MARKER.finditer(content):
        cut = marker.start() if marker[1] == "---" else marker.end()
        if marker[1] == "---" and _PREAMBLE.match(content, start, cut):
            continue
        yield line, content[start:cut]
        line += content.count("\n", start, cut)
        start = cut
    yield line, content[start:]


class _DamagedError(Exception):
    """The rest of this document cannot be read."""


class _Builder:
    """Builds the documents of one chunk; what was finished before a fault stays."""

    def __init__(self, file: str, line: int, chunk: str) -> None:
        self.file = file
        self.line = line + 1
        self.chunk = chunk
        self.parser: Any = None
        self.root: Node | None = None
        self.faults: list[Diagnostic] = []
        self.shorthand = 0

    def documents(self) -> list[Parsed]:
        found: list[Parsed] = []
        try:
            self.parser = CParser(self.chunk)
            while type(event := self.parser.get_event()) is not events.StreamEndEvent:
                if type(event) is events.DocumentStartEvent:
                    self.root, self.faults, self.shorthand = None, [], 0
                    self.root = self._node(self.parser.get_event(), 0)
                    self._end(found)
        except _DamagedError:
            self._end(found)
        except yaml.YAMLError as fault:
            self.faults.append(self._syntax(fault))
            self._end(found)
        return found

    def _end(self, found: list[Parsed]) -> None:
        empty = isinstance(self.root, Scalar) and self.root.plain and not self.root.text
        if self.faults or (self.root is not None and not empty):
            found.append(Parsed(self.root, self.faults))
        self.root, self.faults = None, []

    def _place(self, mark: Any) -> Place:
        return Place(self.file, self.line + mark.line, mark.column + 1)

    def _node(self, event: Any, depth: int) -> Node:
        mark = event.start_mark
        at = packed(self.line + mark.line, mark.column + 1)
        kind = type(event)
        if kind is events.AliasEvent:
            self._refuse(self._place(mark), f"the alias '*{event.anchor}'", "write the value itself")
            return Scalar("", self.file, at)
        if event.anchor is not None or event.tag is not None:
            self._refuse_anchor_and_tag(event)
        if kind is events.ScalarEvent:
            return Scalar(event.value, self.file, at, not event.style)
        if depth >= MAX_DEPTH:
            what = f"values stand inside each other more than {MAX_DEPTH} deep"
            self.faults.append(Diagnostic("HW109", what, self._place(mark), "flatten the document"))
            raise _DamagedError
        if kind is events.SequenceStartEvent:
            return self._sequence(Sequence([], self.file, at), depth)
        return self._mapping(Mapping({}, {}, self.file, at), depth)

    def _sequence(self, node: Sequence, depth: int) -> Node:
        self.root = self.root or node
        following = self.parser.get_event
        while type(event := following()) is not events.SequenceEndEvent:
            node.items.append(self._node(event, depth + 1))
        return node

    def _mapping(self, node: Mapping, depth: int) -> Node:
        # The root is known from the start, so that a document damaged further down still has its name.
        self.root = self.root or node
        following, entries = self.parser.get_event, node.entries
        while type(event := following()) is not events.MappingEndEvent:
            key = self._node(event, depth + 1)
            value = self._node(following(), depth + 1)
            if not isinstance(key, Scalar):
                what = "a key is a list or a mapping; a key is one word"
                self.faults.append(Diagnostic("HW101", what, key.place, "write the key as a word"))
                continue
            # The same few keys come in every document: one copy of each will do.
            word = sys.intern(key.text)
            if word in entries:
                what, first = f"'{word}' is given twice", (node.key_place(word), "first given here")
                self.faults.append(Diagnostic("HW102", what, key.place, "keep one of the two", see=(first,)))
                continue
            if word == "<<" and key.plain:
                self._refuse(key.place, "the merge key '<<'", "write the keys out")
            entries[word] = value
            node.keys[word] = key.at
        return node

    def _refuse_anchor_and_tag(self, event: Any) -> None:
        place = self._place(event.start_mark)
        if event.anchor is not None:
            self._refuse(
                place, f"the anchor '&{event.anchor}'", "take it away, and write values where they are used"
            )
        if event.tag is not None:
            short = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(place, f"the tag '{short}'", "take it away; headway knows what each value should be")

    def _refuse(self, place: Place, what: str, mend: str) -> None:
        self.shorthand += 1
        self.faults.append(Diagnostic("HW108", f"{what} is not read here", place, mend))
        if self.shorthand >= MAX_SHORTHAND:
            raise _DamagedError

    def _syntax(self, fault: yaml.YAMLError) -> Diagnostic:
        if isinstance(fault, ReaderError):
            before = self.chunk[: fault.position]
            place = Place(self.file, self.line + before.count("\n"), len(before) - before.rfind("\n"))
            return Diagnostic("HW101", "a control character stands here", place, "take it away")
        mark = fault.problem_mark or fault.context_mark if isinstance(fault, MarkedYAMLError) else None
        if not isinstance(fault, MarkedYAMLError) or mark is None:
            return Diagnostic(
                "HW101", "the text is not YAML", Place(self.file, self.line), "correct the text"
            )
        why = _PLAIN_WORDS.get(fault.problem or "", fault.problem or "the text ends too early")
        mend = "correct the text from here, or put the value in quotes"
        lines = self.chunk.split("\n")
        # libyaml names the line after the last where a text ends too early; nobody can look there.
        past = mark.line >= len(lines)
        place = (
            Place(self.file, self.line + len(lines) - 1, len(lines[-1]) + 1) if past else self._place(mark)
        )
        if not past and _BARE_TRIPLE.search(lines[mark.line]):
            mend = 'put three amounts in quotes: "[31, 38, 45] EUR"'
        began = fault.context_mark
        see = ((self._place(began), "it began here"),) if began and began.index < mark.index else ()
        return Diagnostic("HW101", f"this is not YAML: {why}", place, mend, see=see)
