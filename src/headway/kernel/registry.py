"""Plug-ins by entry point: one group per port, one name per kind."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

GROUPS = (
    "headway.engines",
    "headway.sources",
    "headway.derived",
    "headway.measures",
    "headway.designs",
    "headway.rules",
    "headway.renderers",
)


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=group), key=lambda p: p.name)}


def names(group: str) -> tuple[str, ...]:
    """Names registered under a group, sorted; nothing is imported.

    Raises:
        KeyError: no such group.
    """
    if group not in GROUPS:
        raise KeyError(group)
    return tuple(_points(group))


def load(group: str, name: str) -> object:
    """Import and return one plug-in.

    Raises:
        KeyError: nothing is registered under that name.
    """
    if name not in names(group):
        raise KeyError(name)
    return _points(group)[name].load()
