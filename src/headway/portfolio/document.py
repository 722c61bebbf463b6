"""One declared document: its kind, its name, where it stands, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field

from headway.kernel.diagnostic import Place
from headway.kernel.identity import digest
from headway.portfolio.nodes import Mapping, Plain, key_place_of, place_of
from headway.portfolio.yaml import Parsed


@dataclass(frozen=True)
class Document:
    """A mapping of a file whose first key is its kind and whose first value is its name.

    Attributes:
        kind: ``initiative``, ``outcome`` ...; ``portfolio`` for the settings.
        name: unique within the kind.
        file: relative to the portfolio.
        plain: the content as nested dicts, lists and text.
        parsed: what it was read from, which knows the places.
    """

    kind: str
    name: str
    file: str
    plain: dict[str, Plain]
    parsed: Parsed = field(repr=False, compare=False)

    @property
    def node(self) -> Mapping:
        """The content, with places."""
        node = self.parsed.node
        assert isinstance(node, Mapping)  # noqa: S101  a document is a mapping
        return node

    def place(self, *path: str | int) -> Place:
        """Where the value at a path stands, or the nearest value on the way to it."""
        return place_of(self.node, path)

    def key_place(self, *path: str | int) -> Place:
        """Where the key of the value at a path stands."""
        return key_place_of(self.node, path)

    @property
    def digest(self) -> str:
        """The digest of the content; layout and comments do not change it."""
        return digest(self.plain)
