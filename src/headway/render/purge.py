"""What is kept on this machine, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNITS = ("bytes", "kB", "MB", "GB")
_STEP = 1000


def table(record: Mapping[str, Any]) -> str:
    """The record ``headway.purge/1`` for people."""
    old, kept = record["old"], record["kept"]
    lines = [_line("went" if record["gone"] else "goes", item) for item in old]
    lines += [_line("stays", item) for item in kept]
    count = f"{len(old)} file{'' if len(old) == 1 else 's'}, {size(sum(i['bytes'] for i in old))}"
    if not old and not kept:
        return "nothing is kept"
    if not old:
        return "\n".join([*lines, f"nothing has been unused for {record['older_than']}"])
    if record["gone"]:
        return "\n".join([*lines, f"{count}, removed"])
    return "\n".join([*lines, f"{count}, unused for {record['older_than']}; --write removes them"])


def _line(word: str, item: Mapping[str, Any]) -> str:
    used = f"last used {item['used'][:10]}"
    return f"{word:<6}{item['kind']:<9}{size(item['bytes']):>9}  {used}  {item['file']}"


def size(count: int) -> str:
    """A number of bytes in the unit that fits.

    >>> size(999), size(1_500_000)
    ('999 bytes', '1.5 MB')
    """
    amount, unit = float(count), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{count} bytes" if not unit else f"{amount:.1f} {_UNITS[unit]}"
