"""The file format over time: keys that were renamed, until when the old ones are read, and older versions.

Version 1 promises: no key of it changes its meaning. A key that gets a better name is read under the old one
for at least a year, with a warning that names the day on which that ends; `headway migrate` rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from headway.kernel.diagnostic import Diagnostic, Place, Severity
from headway.portfolio.kinds import SETTINGS_FILE, key_of
from headway.portfolio.nodes import Mapping, Node
from headway.portfolio.nodes import Sequence as ListNode
from headway.portfolio.settings import FORMAT


@dataclass(frozen=True, slots=True)
class Renamed:
    """A key that has a better name now.

    Attributes:
        kind: the kind of document: ``initiative``, ``portfolio`` ...
        path: the keys that lead to it, the old name last; lists on the way are walked through.
        name: the new name.
        since: the day the new name came.
        until: the last day on which the old one is read.
    """

    kind: str
    path: tuple[str, ...]
    name: str
    since: date
    until: date


# Empty since no key of version 1 has been renamed yet.
RENAMED: tuple[Renamed, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to the text of a file: what stands at a place, and what shall stand there instead."""

    place: Place
    old: str
    new: str
    why: str


def old_keys(
    kind: str, node: Mapping, table: Sequence[Renamed] = RENAMED
) -> Iterator[tuple[Renamed, Mapping]]:
    """Every old key in a document, with the mapping it stands in."""
    for one in table:
        if one.kind == kind:
            for holder in _holders(node, one.path[:-1]):
                if one.path[-1] in holder.entries:
                    yield one, holder


def asks(kind: str, table: Sequence[Renamed] = RENAMED) -> bool:
    """Whether any key of a kind of document was renamed."""
    return any(one.kind == kind for one in table)


def renamed(kind: str, node: Mapping, table: Sequence[Renamed] = RENAMED) -> list[Diagnostic]:
    """Read the old keys of a document under their new names; each is told, and so are both at once."""
    found: list[Diagnostic] = []
    for one, holder in list(old_keys(kind, node, table)):
        old, place = one.path[-1], holder.key_place(one.path[-1])
        if one.name in holder.entries:
            see = ((holder.key_place(one.name), "the new name stands here"),)
            what = f"'{old}' is the old name of '{one.name}', and both are given"
            found.append(Diagnostic("HW102", what, place, f"take '{old}' away", see=see))
            continue
        holder.entries[one.name] = holder.entries.pop(old)
        holder.keys[one.name] = holder.keys.pop(old)
        what = f"'{old}' is called '{one.name}' since {one.since}; the old name is read until {one.until}"
        mend = "run `headway migrate --write`"
        found.append(Diagnostic("HW103", what, place, mend, severity=Severity.WARNING))
    return found


def edits(first: str, node: Mapping, table: Sequence[Renamed] = RENAMED) -> Iterator[Edit]:
    """What the newest format asks to be changed in a document.

    Args:
        first: its first key.
        node: its content.
        table: the keys that were renamed.
    """
    if first == "portfolio" and "headway" not in node.entries and node.file == SETTINGS_FILE:
        why = "a portfolio.yaml without a version is from before version 1"
        yield Edit(node.key_place(first), "", f"headway: {FORMAT}\n", why)
    kind = "portfolio" if first in {"headway", "portfolio"} else first
    for one, holder in old_keys(kind, node, table):
        if one.name not in holder.entries:
            old = one.path[-1]
            why = f"'{key_of(kind)}' calls '{old}' '{one.name}' since {one.since}"
            yield Edit(holder.key_place(old), old, one.name, why)


def _holders(node: Node, path: tuple[str, ...]) -> Iterator[Mapping]:
    match node:
        case ListNode():
            for item in node.items:
                yield from _holders(item, path)
        case Mapping() if not path:
            yield node
        case Mapping() if path[0] in node.entries:
            yield from _holders(node.entries[path[0]], path[1:])
        case _:
            return
