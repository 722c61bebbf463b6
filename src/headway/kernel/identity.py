"""Canonical JSON (RFC 8785) and digests: equal content has equal bytes, and so one name."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from json.encoder import encode_basestring as _quoted
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

# RFC 8785 numbers are IEEE doubles: beyond this an integer would be read back as another one.
MAX_EXACT_INTEGER = 2**53 - 1
# ECMAScript writes numbers plainly up to 21 digits and down to six zeros after the point.
_MOST_PLAIN_DIGITS = 21
_LEAST_PLAIN_EXPONENT = -6


def canonical(value: Json) -> bytes:
    """The canonical UTF-8 bytes of a JSON value: keys sorted by UTF-16 units, numbers in shortest form.

    Raises:
        ValueError: a number is not finite, or an integer is beyond 2^53 - 1 (write it as a string).

    >>> canonical({"b": 1.0, "a": [True, None, 1e21]})
    b'{"a":[true,null,1e+21],"b":1}'
    """
    return _write(value).encode()


def digest(value: Json) -> str:
    """SHA-256 of the canonical bytes, in hex.

    >>> digest({})[:8]
    '44136fa3'
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_bytes(data: bytes) -> str:
    """SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def instant(at: datetime) -> str:
    """A moment as UTC text with microseconds and Z.

    Raises:
        ValueError: the moment carries no time zone.

    >>> instant(datetime(2026, 3, 31, 12, tzinfo=UTC))
    '2026-03-31T12:00:00.000000Z'
    """
    if at.tzinfo is None:
        message = "a moment without a time zone has no place in a record"
        raise ValueError(message)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: object) -> Json:
    """Turn dates, Decimals and nested records of plain values into JSON values.

    Raises:
        TypeError: a value has no plain form.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
        case frozenset() | set():
            return sorted(str(v) for v in value)
        case _:
            message = f"no plain form for {type(value).__name__}"
            raise TypeError(message)


def _write(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            if abs(value) > MAX_EXACT_INTEGER:
                message = f"integer {value} is not exact as a JSON number; write it as a string"
                raise ValueError(message)
            return str(value)
        case float():
            return _number(value)
        case str():
            return _quoted(value)
        case Mapping():
            # UTF-16 and code points order letters below U+D800 alike; nearly every key is of those.
            keys = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=_utf_16)
            return "{" + ",".join([f"{_quoted(k)}:{_write(value[k])}" for k in keys]) + "}"
        case _:
            return "[" + ",".join([_write(v) for v in value]) + "]"


def _utf_16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _number(x: float) -> str:
    """ECMAScript's Number::toString, as RFC 8785 section 3.2.2.3 demands."""
    if not math.isfinite(x):
        message = "a number that is not finite has no JSON form"
        raise ValueError(message)
    if x == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(x)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    if 0 < point <= _MOST_PLAIN_DIGITS:
        body = text.ljust(point, "0") if len(text) <= point else f"{text[:point]}.{text[point:]}"
    elif _LEAST_PLAIN_EXPONENT < point <= 0:
        body = "0." + "0" * -point + text
    else:
        mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
        body = f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return ("-" if sign else "") + body
