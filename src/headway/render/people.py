"""Names of people and of initiatives as a board reads them."""

from __future__ import annotations

from collections.abc import Sequence

from headway.render.base import Record


def person(record: Record, who: str, role: str = "") -> str:
    """The human behind a seat, and in which role; the seat itself while nobody holds it.

    >>> person({"people": {"controller": {"name": "Ann Lee", "person": "p-1"}}}, "controller", "finance")
    'Ann Lee, finance'
    >>> person({"people": {}}, "ann", "ann")
    'ann'
    """
    known = record["people"].get(who)
    name = (known["name"] if known else None) or who
    return f"{name}, {role}" if role and role not in (who, name) else name


def titled(record: Record, names: Sequence[str]) -> list[str]:
    """The titles of initiatives by their names."""
    known = {i["name"]: i["title"] for i in record["initiatives"]}
    return [known.get(name, name) for name in names]
