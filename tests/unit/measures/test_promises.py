"""The measure ``promises`` and the command ``applied``, on a small portfolio with its own ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.unit.small import Declare, codes, estimates, missing, reviewed

from headway.app import applied as app
from headway.app.check import check
from headway.app.wiring import head_file, open_store
from headway.cli.main import cli
from headway.decisions.applied import Applying, apply
from headway.decisions.ledger import Ledger
from headway.measures.spend.advice import Interval
from headway.measures.spend.realised import Applied

MIDNIGHT = datetime(2026, 3, 31, tzinfo=UTC)
COMPONENT = "component: pool\nusage: pool-use\n"
SOURCE = "source: pool-use\nkind: file\npath: use.csv\nfact: usage\n"
USES = "uses: [pool]\n"
PROMISED = Interval(0.5, 0.4, 0.6)


def use(days: int, after: float = 0.5, workloads: tuple[str, ...] = ("w0", "w1")) -> str:
    """Hours of use up to the end of March; on the last two days another grant is held."""
    rows = ["workload,resource,ts,granted,used"]
    for hour in range(24 * days):
        at = MIDNIGHT - timedelta(hours=24 * days - hour)
        granted = after if at >= MIDNIGHT - timedelta(days=2) else 1
        used = 0.2 if 8 <= at.hour < 18 else 0.1
        rows += [f"{w},gpu,{at:%Y-%m-%dT%H:%M:%SZ},{granted},{used}" for w in workloads]
    return "\n".join(rows) + "\n"


def scene(declare: Declare, rows: str) -> Path:
    """A component that two workloads serve, and an initiative that uses it."""
    from tests.unit.small import FRAMED

    folder = declare(initiative=FRAMED + USES, component=COMPONENT, source=SOURCE)
    (folder / "use.csv").write_text(rows)
    return folder


def applied(folder: Path, workload: str = "w0", **more: Any) -> None:
    """Ann says two days before the end of March that an advice was applied."""
    portfolio = check(folder).portfolio
    assert portfolio is not None
    given: dict[str, Any] = {
        "component": "pool", "workload": workload, "resource": "gpu", "unit": "devices", "granted": 1.0,
        "proposed": 0.5, "promised": PROMISED, "season_hours": 24, "recommender": "headway",
        "randomised": False, "at": MIDNIGHT - timedelta(days=2), **more,
    }  # fmt: skip
    one = Applied(**given)
    with open_store(portfolio) as store:
        apply(Ledger(store, head_file(portfolio)), Applying("ann", one, one.as_body()), portfolio.people)


def test_a_promise_that_was_kept(declare: Declare) -> None:
    """Half of the grant was promised, and half was saved over the day after it."""
    folder = scene(declare, use(4))
    applied(folder)
    made = reviewed(folder)
    found = estimates(made, "promises")
    assert found["realised_saving"]["value"] == pytest.approx(0.5)
    assert found["promises_kept"]["value"] == 1
    assert found["realised_saving"]["grade"] == "C"
    (ours,) = found["realised_saving"]["recommenders"]
    assert (ours["recommender"], ours["closed"], ours["inside"], ours["judged"]) == ("headway", 1, 1, 1)
    assert "HW452" not in codes(made)


def test_a_promise_that_was_not_kept_is_a_finding(declare: Declare) -> None:
    """HW452 names the entry, the interval and what became of it."""
    folder = scene(declare, use(4, after=0.9))
    applied(folder)
    applied(folder, "w1", recommender="krr", promised=None)
    made = reviewed(folder)
    (told,) = [d for d in made.diagnostics if d.code == "HW452"]
    assert told.what == "entry 1 promised a saving of 40 to 60 % on w0 [gpu], and 10 % was realised"
    found = estimates(made, "promises")
    assert found["promises_kept"]["value"] == 0
    assert [r["recommender"] for r in found["promises_kept"]["recommenders"]] == ["headway", "krr"]
    assert found["realised_saving"]["low"] <= 0.1 <= found["realised_saving"]["high"]


def test_lots_earn_grade_a(declare: Declare) -> None:
    """Where every one of them went to workloads drawn by lot; one that was chosen makes it C again."""
    folder = scene(declare, use(4))
    applied(folder, randomised=True)
    assert estimates(reviewed(folder), "promises")["realised_saving"]["grade"] == "A"
    applied(folder, "w1")
    assert estimates(reviewed(folder), "promises")["realised_saving"]["grade"] == "C"


def test_nothing_is_said_before_a_season_is_over(declare: Declare) -> None:
    """Without an entry there is none; with one, the day on which it will be measured."""
    folder = scene(declare, use(4))
    assert missing(reviewed(folder), "promises")["realised_saving"][0] == "none"
    applied(folder, season_hours=168)
    reason, why = missing(reviewed(folder), "promises")["realised_saving"]
    assert (reason, why) == ("coverage", "1 applied; its saving is measured on 2026-04-05")


def test_one_that_was_superseded_says_so(declare: Declare) -> None:
    """A second advice within the day, itself not over yet."""
    folder = scene(declare, use(4))
    applied(folder, season_hours=72)
    applied(folder, season_hours=72, proposed=0.4, at=MIDNIGHT - timedelta(days=1))
    why = missing(reviewed(folder), "promises")["promises_kept"][1]
    assert why == "2 applied; its saving is measured on 2026-04-02"


def test_without_an_interval_no_promise_is_judged(declare: Declare) -> None:
    """A person who only granted something realised a saving, and promised none."""
    folder = scene(declare, use(4))
    applied(folder, promised=None, recommender="bob")
    made = reviewed(folder)
    assert estimates(made, "promises")["realised_saving"]["value"] == pytest.approx(0.5)
    assert missing(made, "promises")["promises_kept"][0] == "none"


def test_a_meter_that_cannot_be_read_says_so(declare: Declare) -> None:
    """The evidence is missing because its source failed."""
    folder = scene(declare, "no such column\n1\n")
    applied(folder)
    assert missing(reviewed(folder), "promises")["realised_saving"][0] == "source_failed"


def run(folder: Path, *words: str) -> tuple[int, str]:
    """The command as a user gives it."""
    done = CliRunner().invoke(cli, ["applied", *words, "-p", str(folder)], env={"COLUMNS": "120"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_an_advice_is_recorded_as_it_stands(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its grant, its promise and the day of measuring; a second time nothing is added."""
    folder = scene(declare, use(4, after=1))
    monkeypatch.setattr(app, "now", lambda: MIDNIGHT)
    status, said = run(folder, "w0", "--as", "ann")
    assert status == 0, said
    assert said.startswith("entry 1: ann applied w0 [gpu] 1 to 0.2")
    assert "promised: a saving of " in said
    assert "measured on 2026-04-01" in said
    assert said.endswith("commit ledger.head\n")
    status, said = run(folder, "w0", "--as", "ann", "--format", "json")
    record = json.loads(said)
    (row,) = record["recorded"]
    assert (record["schema"], row["entry"], row["new"]) == ("headway.applied/1", 1, False)
    assert CliRunner().invoke(cli, ["verify", str(folder)]).exit_code == 0


def test_what_others_advised_is_recorded_too(declare: Declare) -> None:
    """By its grant; it promises nothing that headway could not stand for."""
    folder = scene(declare, use(4))
    status, said = run(folder, "w0", "w1", "--as", "ann", "--by", "krr", "--grant", "0.3", "--randomised")
    assert status == 0, said
    assert said.count("no saving was promised") == 2
    assert "entry 2: ann applied w1 [gpu] 0.5 to 0.3, by krr" in said


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["w9", "--as", "ann"], "error[HW475] no workload 'w9' is metered"),
        (["w0", "w9", "--as", "ann"], "error[HW475] no workload 'w9' is metered"),
        (["w0", "--as", "eve"], "error[HW528] 'eve' is not in people.yaml"),
        (["w0", "--resource", "cpu", "--as", "ann"], "error[HW475] no workload 'w0' is metered"),
    ],
)
def test_what_cannot_be_recorded_is_refused(declare: Declare, words: list[str], what: str) -> None:
    """With its code and what would settle it; of several, none is recorded."""
    folder = scene(declare, use(4))
    status, said = run(folder, *words)
    assert (status, what in said) == (1, True), said
    assert "entry" not in said


def test_nothing_that_was_not_advised_is_recorded(declare: Declare) -> None:
    """On a day of history nothing is advised, and a person's own grant may still be recorded."""
    folder = scene(declare, use(1, after=1))
    status, said = run(folder, "w0", "--as", "ann")
    assert status == 1
    assert "error[HW475] nothing is advised on 'w0': " in said
    assert run(folder, "w0", "--as", "ann", "--by", "ann", "--grant", "0.5")[0] == 0


def test_names_that_are_not_clear_are_refused(declare: Declare) -> None:
    """Two components with a workload of one name, and a grant for a workload of two resources."""
    rows = use(4)
    both = rows + "\n".join(line.replace(",gpu,", ",cpu,") for line in rows.splitlines()[1:]) + "\n"
    folder = scene(declare, both)
    status, said = run(folder, "w0", "--as", "ann", "--grant", "0.3")
    assert (status, "'w0' holds several resources" in said) == (1, True)
    (folder / "second.yaml").write_text("component: other\nusage: other-use\n")
    (folder / "third.yaml").write_text(SOURCE.replace("pool-use", "other-use"))
    status, said = run(folder, "w0", "--as", "ann")
    assert (status, "several components have a workload 'w0'" in said) == (1, True)
    status, said = run(folder, "w0", "--as", "ann", "--component", "other", "--resource", "gpu")
    assert status == 0, said
    assert run(folder, "w0", "--as", "ann", "--component", "nobody")[0] == 2


def test_files_that_are_wrong_stop_it(declare: Declare) -> None:
    """As everywhere: all faults, status 1, and nothing is recorded."""
    folder = scene(declare, use(4))
    (folder / "component.yaml").write_text("component: pool\nusagee: pool-use\n")
    status, said = run(folder, "w0", "--as", "ann")
    assert (status, "HW103" in said) == (1, True)
