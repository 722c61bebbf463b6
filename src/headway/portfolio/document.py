"""One declared document: its kind, its name, where it stands, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from headway.kernel.diagnostic import Place
from headway.kernel.identity import digest
from headway.portfolio.nodes import Mapping, Plain, key_place_of, place_of, to_plain


@dataclass(frozen=True)
class Document:
    """A mapping of a file whose first key is its kind and whose first value is its name.

    Attributes:
        kind: ``initiative``, ``outcome`` ...; ``portfolio`` for the settings.
        name: unique within the kind.
        file: relative to the portfolio.
        node: the content, with places.
    """

    kind: str
    name: str
    file: str
    node: Mapping

    def place(self, *path: str | int) -> Place:
        """Where the value at a path stands, or the nearest value on the way to it."""
        return place_of(self.node, path)

    def key_place(self, *path: str | int) -> Place:
        """Where the key of the value at a path stands."""
        return key_place_of(self.node, path)

    @cached_property
    def plain(self) -> dict[str, Plain]:
        """The content as nested dicts, lists and text."""
        return {key: to_plain(value) for key, value in self.node.entries.items()}

    @property
    def digest(self) -> str:
        """The digest of the content; layout and comments do not change it."""
        return digest(self.plain)
