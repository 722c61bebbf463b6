"""Whether a value is the one that a request names by its text."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def text_of(value: object) -> str:
    """The text under which a value is named in ``where``: that of `cast(... as text)` on every engine.

    >>> text_of(True), text_of(3), text_of("a")
    ('true', '3', 'a')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts(wanted: str | tuple[str, ...]) -> tuple[str, ...]:
    """The texts of which a value must be one.

    >>> texts("a"), texts(("a", "b"))
    (('a',), ('a', 'b'))
    """
    return (wanted,) if isinstance(wanted, str) else wanted


def same(value: object, wanted: str) -> bool:
    """Whether a value is the one that a text names; numbers by value, anything else by its text.

    >>> same(1.0, "1"), same("1.0", "1"), same(None, "None")
    (True, False, False)
    """
    if value is None:
        return False
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        meant = number(wanted)
        return meant is not None and Decimal(str(value)) == meant
    return text_of(value) == wanted


def number(text: str) -> Decimal | None:
    """The number that a text writes, if it does."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
