"""A generated bill that is shared in every way there is: the small version of what `make bench` runs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from benchmarks.capacity.money import cents_out_of, generated, out_of, reviewed


def test_what_comes_out_of_a_generated_bill_is_what_went_in(tmp_path: Path) -> None:
    """Files, engine, keys, shares, drivers and credits: every digit of twenty thousand rows is somebody's."""
    whole = generated(tmp_path, 20_000)
    bill = reviewed(tmp_path)
    assert out_of(bill) == whole == Decimal(bill["bill"])
    assert Fraction(cents_out_of(bill)) == Fraction(round(Fraction(whole) * 100), 100)
    assert {"owned", "used", "peaked"} == set(bill["components"])
    assert any(Decimal(p["followed"]) for p in bill["paths"].values())
