"""Who starts when is a matter of chance alone, and anybody can draw the same order again."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import pairwise

import pytest

from headway.rollout.order import NEVER, draw, too_few

UNITS = {f"site-{i}": "north" if i % 3 else "south" for i in range(31)}
STARTS = ("2026-05-01", "2026-06-01", NEVER)


def test_the_same_seed_draws_the_same_order_and_another_another() -> None:
    """An order can be drawn again from its seed, however the units were listed."""
    first, again = (draw(units, STARTS, "7") for units in (UNITS, dict(reversed(UNITS.items()))))
    assert first.starts == again.starts
    assert draw(UNITS, STARTS, "8").starts != first.starts


def test_anybody_can_draw_it_without_this_program() -> None:
    """Within a stratum, units stand in the order of SHA-256 of seed, newline and name."""
    units = dict.fromkeys(UNITS, "")
    found = draw(units, STARTS, "7").starts
    lots = sorted(units, key=lambda u: hashlib.sha256(f"7\n{u}".encode()).hexdigest())
    dealt = [STARTS.index(found[u]) for u in lots]
    assert all((after - before) % 3 == 1 for before, after in pairwise(dealt))


def test_every_stratum_and_all_together_are_dealt_evenly() -> None:
    """No start has two units more than another, in a stratum or over all."""
    found = draw(UNITS, STARTS, "7")
    assert found.strata == 2
    for inside in (None, "north", "south"):
        dealt = Counter(s for u, s in found.starts.items() if inside in (None, UNITS[u]))
        assert max(dealt.values()) - min(dealt.values()) <= 1
    assert sum(found.per_start(STARTS).values()) == 31


def test_every_unit_is_as_likely_to_start_first() -> None:
    """Over 3,000 seeds each unit of a small stratum has each start about a thousand times."""
    units = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y"}
    seen = Counter((u, s) for seed in range(3000) for u, s in draw(units, STARTS, str(seed)).starts.items())
    assert len(seen) == 15
    assert all(abs(n - 1000) < 130 for n in seen.values())


def test_the_ledger_holds_what_draws_it_again() -> None:
    """The body has the seed, who gave it, the method and every unit; never is empty."""
    body = draw({"a": "", "b": ""}, ("2026-05-01", NEVER), "7").as_body(given=True)
    assert (body["seed"], body["seed_given"]) == ("7", True)
    starts = body["starts"]
    assert isinstance(starts, dict)
    assert sorted(map(str, starts.values())) == ["", "2026-05-01"]


@pytest.mark.parametrize(("units", "expected"), [(5, True), (6, False)])
def test_a_start_needs_two_units(units: int, expected: bool) -> None:
    """A cohort of one says nothing of its own spread."""
    assert too_few(map(str, range(units)), STARTS) is expected
