"""Canonical JSON and digests: equal content, equal bytes, on every machine."""

from __future__ import annotations

import json
import math
import struct
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.kernel.identity import canonical, digest, digest_bytes, instant, plain

# Number samples of RFC 8785, appendix B: IEEE 754 bits to text.
RFC_8785_NUMBERS = {
    0x0000000000000000: "0",
    0x8000000000000000: "0",
    0x0000000000000001: "5e-324",
    0x8000000000000001: "-5e-324",
    0x7FEFFFFFFFFFFFFF: "1.7976931348623157e+308",
    0xFFEFFFFFFFFFFFFF: "-1.7976931348623157e+308",
    0x4340000000000000: "9007199254740992",
    0xC340000000000000: "-9007199254740992",
    0x4430000000000000: "295147905179352830000",
    0x44B52D02C7E14AF5: "9.999999999999997e+22",
    0x44B52D02C7E14AF6: "1e+23",
    0x44B52D02C7E14AF7: "1.0000000000000001e+23",
    0x444B1AE4D6E2EF4E: "999999999999999700000",
    0x444B1AE4D6E2EF4F: "999999999999999900000",
    0x444B1AE4D6E2EF50: "1e+21",
    0x3EB0C6F7A0B5ED8C: "9.999999999999997e-7",
    0x3EB0C6F7A0B5ED8D: "0.000001",
    0x41B3DE4355555553: "333333333.3333332",
    0x41B3DE4355555554: "333333333.33333325",
    0x41B3DE4355555555: "333333333.3333333",
    0x41B3DE4355555556: "333333333.3333334",
    0x41B3DE4355555557: "333333333.33333343",
    0xBECBF647612F3696: "-0.0000033333333333333333",
    0x43143FF3C1CB0959: "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), RFC_8785_NUMBERS.items())
def test_numbers_are_written_as_rfc_8785_writes_them(bits: int, text: str) -> None:
    """Every sample of the RFC's appendix B has the RFC's text."""
    (number,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    assert canonical(number) == text.encode()


def test_keys_are_sorted_by_utf_16_units() -> None:
    """The RFC's own example of section 3.2.3: an emoji sorts before a letter of the private area."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == expected


def test_literals_and_text_are_written_plainly() -> None:
    """Truth values, nothing, and text that is not ASCII keep their shortest form."""
    assert canonical([None, True, False, 'é"\n', 7]) == '[null,true,false,"é\\"\\n",7]'.encode()


json_values: Any = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53) + 1, 2**53 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(json_values)
def test_canonical_bytes_read_back_to_the_same_value(value: Any) -> None:
    """Nothing is lost, and writing what was read gives the same bytes."""
    written = canonical(value)
    # A double beyond 2^53 is written without a point, as ECMAScript does; it is read as the double it was.
    read = json.loads(
        written, parse_int=lambda digits: int(digits) if abs(int(digits)) < 2**53 else float(digits)
    )
    assert read == value
    assert canonical(read) == written


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_order_of_keys_does_not_count(value: dict[str, int]) -> None:
    """A mapping written backwards has the same digest."""
    assert digest(dict(reversed(value.items()))) == digest(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**53, -(2**53)])
def test_numbers_that_json_cannot_hold_are_refused(value: float) -> None:
    """Not a number, infinite, or an integer that would be read back as another one."""
    with pytest.raises(ValueError, match=r"finite|exact"):
        canonical({"x": value})


def test_a_digest_is_sha_256_of_the_bytes() -> None:
    """The digest of nothing is the well-known one."""
    assert digest_bytes(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest({}) == digest_bytes(b"{}")


def test_a_moment_is_utc_with_microseconds() -> None:
    """Another zone is turned, a moment without a zone has no place in a record."""
    berlin = timezone(timedelta(hours=2))
    assert instant(datetime(2026, 3, 31, 14, tzinfo=berlin)) == "2026-03-31T12:00:00.000000Z"
    with pytest.raises(ValueError, match="without a time zone"):
        instant(datetime(2026, 3, 31))  # noqa: DTZ001  the point of the test


def test_plain_turns_records_into_json_values() -> None:
    """Decimals and dates become text, nested containers are followed, sets are sorted."""
    made = plain(
        {
            "a": [Decimal("1.50"), date(2026, 1, 2)],
            "b": {"c": frozenset({"z", "y"})},
            "d": datetime(2026, 1, 1, tzinfo=UTC),
            5: (None, True, 1.5),
        }
    )
    assert made == {
        "a": ["1.50", "2026-01-02"],
        "b": {"c": ["y", "z"]},
        "d": "2026-01-01T00:00:00.000000Z",
        "5": [None, True, 1.5],
    }
    with pytest.raises(TypeError, match="no plain form for object"):
        plain(object())
