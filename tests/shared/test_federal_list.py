"""The federal inventory of 2025 becomes a portfolio: 3,611 rows, no error, no stage more than it states."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from headway.app.answers import answers
from headway.app.check import check
from headway.app.init import Asked, Begun, begin
from headway.app.sample import INITIATIVE

GIVEN = {"firm": "US", "currency": "USD", "time_zone": "America/New_York", "me": "Ana", "line": "cost"}


@pytest.fixture(scope="module")
def federal(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Begun]:
    """A portfolio of every use case."""
    folder = tmp_path_factory.mktemp("federal") / "us"
    asked = Asked(shared_data / "federal-ai-inventory" / "inventory_2025.csv")
    made = begin(folder, answers(GIVEN), asked, date(2026, 3, 31))
    assert isinstance(made, Begun), made
    return folder, made


def test_every_use_case_is_taken_in_and_no_file_is_wrong(federal: tuple[Path, Begun]) -> None:
    """3,611 of 41 agencies, as the inventory's own readme counts them; nobody is made up."""
    folder, made = federal
    found = check(folder, "2026-03-31")
    assert found.portfolio is not None
    assert not found.wrong
    names = [n for n in found.portfolio.initiatives if n != INITIATIVE]
    assert len(names) == 3611
    assert made.plan.people == ("ana",)


def test_338_blank_stages_are_blank(federal: tuple[Path, Begun]) -> None:
    """A published total counts them as deployed or piloted: 1,818. The list states 1,040 and 440."""
    folder, _ = federal
    found = check(folder, "2026-03-31").portfolio
    assert found is not None
    mine = [i for n, i in found.initiatives.items() if n != INITIATIVE]
    assert Counter(i.stage_claimed for i in mine if i.stage_claimed) == {"operating": 1040, "piloting": 440}
    assert Counter(i.stage for i in mine) == {"framed": 1479 + 1040 + 440, "retired": 314, "proposed": 338}


def test_names_that_two_agencies_share_are_two_initiatives(federal: tuple[Path, Begun]) -> None:
    """Every id is used once, and every shared name is reported with its rows."""
    _, made = federal
    assert made.plan.intake is not None
    found = made.plan.intake.found
    assert len({e.name for e in found.entries}) == 3611
    assert len(found.duplicates) == 41
    assert found.duplicates[0].ids == ("mobile-fortify-dhs-2731", "mobile-fortify-dhs-2577")
