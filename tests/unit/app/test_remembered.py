"""When findings are remembered, and when they are not."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from headway.app import check as plain_check
from headway.app import remembered
from headway.app.remembered import findings
from headway.portfolio.files import VERY_FEW

SETTINGS = "headway: 1\nportfolio: p\ncurrency: EUR\ntime_zone: UTC\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Components enough to be remembered, one of them faulty, with a cache of the test's own."""
    monkeypatch.setenv("HEADWAY_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "portfolio.yaml").write_text(SETTINGS)
    for n in range(VERY_FEW + 5):
        (folder / f"c{n}.yaml").write_text(f"component: c{n}\nowner: nobody\n")
    (folder / "c3.yaml").write_text("component: c3\ncolour: red\n")
    return folder


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were judged anew."""
    seen: list[Path] = []

    def counted(root: Path, as_of: str | None = None) -> object:
        seen.append(root)
        return plain_check.check(root, as_of)

    monkeypatch.setattr(remembered, "check", counted)
    return seen


def test_a_second_check_judges_nothing(root: Path, judged: list[Path]) -> None:
    """The same words, places and weights, from what is remembered."""
    first = findings(root, "2026-01-01")
    again = findings(root, "2026-01-01")
    assert judged == [root]
    assert again.as_json() == first.as_json()
    assert again.wrong


def test_another_day_is_judged_anew(root: Path, judged: list[Path]) -> None:
    """Dates in files hold until a day, not until a minute."""
    findings(root, "2026-01-01T08:00:00Z")
    findings(root, "2026-01-01T09:00:00Z")
    assert len(judged) == 1
    findings(root, "2026-01-02")
    assert len(judged) == 2


def test_the_portfolios_own_moment_counts_as_the_day(root: Path, judged: list[Path]) -> None:
    """`as_of` in portfolio.yaml makes every day the same day."""
    (root / "portfolio.yaml").write_text(SETTINGS + "as_of: 2026-03-31\n")
    findings(root)
    findings(root)
    assert len(judged) == 1
    with pytest.raises(ValueError, match="not a date"):
        findings(root, "soon")


def test_exchange_rates_are_part_of_what_findings_rest_on(root: Path, judged: list[Path]) -> None:
    """A new day of rates is judged; a faulty file of rates is never remembered."""
    (root / "portfolio.yaml").write_text(SETTINGS + "exchange_rates: data/rates.csv\n")
    rates = root / "data" / "rates.csv"
    rates.parent.mkdir()
    rates.write_text("date,currency,rate\n2026-03-06,USD,0.92\n")
    findings(root)
    findings(root)
    assert len(judged) == 1
    rates.write_text("date,currency,rate\n2026-03-06,USD,much\n")
    findings(root)
    assert findings(root).wrong
    assert len(judged) == 3
    rates.write_text("date,currency,rate\n2026-03-06,USD,0.92\n")
    findings(root)
    rates.unlink()
    findings(root)
    assert len(judged) == 4


def test_what_cannot_be_read_is_looked_at_each_time(root: Path, judged: list[Path]) -> None:
    """It may become readable without a change to its bytes."""
    findings(root)
    (root / "c9.yaml").unlink()
    (root / "c9.yaml").symlink_to("nowhere")
    findings(root)
    findings(root)
    assert len(judged) == 3


def test_a_changed_headway_judges_anew(
    root: Path, judged: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editable install changes without a new version."""
    findings(root)
    monkeypatch.setattr(remembered, "_headway", lambda: "another")
    findings(root)
    assert len(judged) == 2


def test_rules_of_others_are_asked_each_time(
    root: Path, judged: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may change, and nothing here would show it."""
    foreign: Any = SimpleNamespace(dist=SimpleNamespace(name="house-rules"))
    monkeypatch.setattr(remembered, "entry_points", lambda **_: [foreign])
    findings(root)
    findings(root)
    assert len(judged) == 2


def test_few_files_and_no_portfolio_are_not_remembered(
    root: Path, judged: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading them costs less; and without a portfolio no day is known."""
    (root / "portfolio.yaml").unlink()
    findings(root)
    findings(root)
    assert len(judged) == 2
    (root / "portfolio.yaml").write_text(SETTINGS)
    for n in range(10, VERY_FEW + 5):
        (root / f"c{n}.yaml").unlink()
    findings(root)
    findings(root)
    assert len(judged) == 4
    monkeypatch.setenv("HEADWAY_CACHE", os.devnull)
    assert findings(root).files == 11
