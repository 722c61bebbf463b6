"""A plan as a page of text: each part only where there is something to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.registering import registered
from tests.unit.small import RANDOMISED, Declare, two_arms

from headway.app.check import check
from headway.app.design import design
from headway.render.design import markdown, table

PLAIN = "\n".join(line for line in RANDOMISED.splitlines() if not line.startswith("registered"))
PUBLISHED = (
    "design: published\nmetric: y\nobjective: {change: -1}\nestimates: "
    "[{metric: y, value: -1, low: -2, high: 0}]\ncitation: somebody\npublished: 2025-01-01"
)
BEHIND = {
    "recorded": True, "new": True, "seq": 3, "actor": "ann", "at": "2026-01-01T00:00:00.000000Z",
    "digest": "ab" * 32, "replaces": None, "head_behind": "HW611 the head is behind",
}  # fmt: skip


def drawn(folder: Path, **changed: Any) -> str:
    """The table of the trial, with fields of its record put otherwise."""
    return table({**design(check(folder), "trial").as_json(), **changed}, 100, "ledger.head")


@pytest.mark.parametrize(
    ("pilot", "at", "then", "said"),
    [
        (PLAIN, None, "", "registered    no; --register freezes "),
        (PLAIN, "2025-12-20T10:00:00Z", "", "registered    on 2025-12-20, entry 1 of the ledger, "),
        (
            PLAIN,
            "2025-12-20T10:00:00Z",
            '\npromote_above: "-0.1"',
            "on 2025-12-20, and changed since; --register",
        ),
        (RANDOMISED, None, "", "registered    osf.io, 2025-12-01"),
        (RANDOMISED.replace(", on: 2025-12-01", ""), None, "", "registered    no; --register freezes "),
        (PUBLISHED, None, "", "registered    somebody"),
    ],
)
def test_how_the_design_is_registered(
    declare: Declare, pilot: str, at: str | None, then: str, said: str
) -> None:
    """Not at all, here, changed since, elsewhere on a day, or published."""
    folder = declare(pilot, two_arms())
    if at:
        registered(folder, at)
        folder = declare(pilot + then, two_arms())
    assert said in drawn(folder)


def test_a_design_without_unit_or_shares_names_what_it_has(declare: Declare) -> None:
    """Names of arms alone, and none at all."""
    bare = PLAIN.replace("arms: {control: 50 %, treated: 50 %}", "arms: [control, treated]").replace(
        "unit: call\n", ""
    )
    said = drawn(declare(bare, two_arms()))
    assert "  design        randomised\n" in said
    assert "  arms          control, treated\n" in said
    assert "  arms          none\n" in drawn(declare(PUBLISHED))


def test_rows_and_covariates_are_told(declare: Declare) -> None:
    """How many rows tell the traffic, and what the covariates explain."""
    plan = PLAIN.replace("2026-01-01, ends: 2026-03-01", "2026-04-06, ends: 2026-06-01")
    folder = declare(plan + "\ncovariates: [x]\nplan: {units: 400}", two_arms())
    said = " ".join(drawn(folder).split())
    assert "units a week, standard deviation" in said
    assert "(from 400 rows)" in said
    assert "covariates explain" in said


def test_a_head_that_is_behind_is_told(declare: Declare) -> None:
    """The last line says what is to be mended."""
    assert drawn(declare(PLAIN, two_arms()), registered=BEHIND).endswith("HW611 the head is behind")


def test_a_length_that_is_never_reached(declare: Declare) -> None:
    """Twenty alike clusters never promote, and no bar is drawn for a week without an interval."""
    plan = PLAIN.replace("randomised", "clusters").replace(
        "2026-01-01, ends: 2026-03-01", "2026-04-06, ends: 2026-06-01"
    )
    folder = declare(plan + "\nplan: {units: 400, sd: 2, clusters: 5, icc: 0.2}")
    said = drawn(folder)
    assert "never with one look; 8 are planned" in said
    assert "▪" not in said
    assert "| 1 | 50 | – |" in markdown(design(check(folder), "trial").as_json())


def test_letters_that_move_a_cursor_are_taken_out(declare: Declare) -> None:
    """What a file says cannot draw on the terminal."""
    said = drawn(declare(PLAIN, two_arms()), hypothesis="less\x1b[2J calls")
    assert "\x1b" not in said
