"""A real Prometheus, asked as a user would ask it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from docs.console import DOCS, Stage
from tests.e2e.conftest import DAYS, MILLIJOULES, share
from tests.prometheus_server import Running
from tests.unit.small import FRAMED, OUTCOME, PEOPLE, PORTFOLIO, codes, estimates, reviewed

from headway.app.doctor import doctor
from headway.app.review import Review

SOURCE = "source: fleet\nkind: prometheus\nurl: ${PROM_URL}\nprofile: dcgm\nhistory: 20d\n"
LIVING = PORTFOLIO.replace("as_of: 2026-03-31\n", "")


@pytest.fixture
def asking(fleet: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A portfolio with one initiative whose pool is metered by the server."""
    monkeypatch.setenv("PROM_URL", fleet.url)

    def write(source: str = SOURCE) -> Path:
        for name, text in (
            ("portfolio", LIVING),
            ("people", PEOPLE),
            ("outcome", OUTCOME),
            ("initiative", FRAMED + "uses: [pool]\n"),
            ("pool", "component: pool\nusage: fleet\n"),
            ("source", source),
        ):
            (tmp_path / f"{name}.yaml").write_text(text)
        return tmp_path

    return write


def rows(made: Review, folder: Path) -> list[dict[str, Any]]:
    """Every row of the source, as a measure would read it."""
    from headway.aggregates.memory import Memory
    from headway.kernel.identity import instant
    from headway.sources.base import Context, bind

    context = Context(folder, instant(made.as_of), dict(_environment()), folder / ".headway", Memory())
    bound = bind(made.portfolio.sources["fleet"], context)
    try:
        found: list[dict[str, Any]] = bound.opened.engine.fetch(bound.opened.table).to_pylist()
        return found
    finally:
        context.close()


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)


def of(found: list[dict[str, Any]], workload: str, resource: str = "gpu") -> list[dict[str, Any]]:
    """Rows of one workload and resource, in the order of time."""
    chosen = [r for r in found if (r["workload"], r["resource"]) == (workload, resource)]
    return sorted(chosen, key=lambda r: r["ts"])


def test_fifteen_days_are_read_to_the_digit(asking: Any) -> None:
    """Every bin has the reading that lies in it; the better signal wins, and none is joined with another."""
    folder = asking(SOURCE + "match: {namespace: ml}\n")
    made = reviewed(folder)
    found = rows(made, folder)
    chat = of(found, "ml/chat-0")
    assert len(chat) == DAYS * 288
    for row in chat:
        start = int(row["ts"].replace(tzinfo=UTC).timestamp())
        assert (row["used"], row["granted"], row["rung"]) == (share(start + 150), 1.0, "R2")
    train = of(found, "ml/train-0")
    assert len(train) == (DAYS - 1) * 288, "a day without readings has no rows"
    assert {(round(r["used"], 9), r["granted"], r["samples"]) for r in train} == {(1.94, 2.0, 2)}
    assert {(r["used"], r["rung"]) for r in of(found, "ml/old-0")} == {(0.1, "R3")}


def test_a_counter_that_begins_anew_adds_no_use(asking: Any) -> None:
    """Energy is what the counter grew by: never more than was spent, and never less than nothing."""
    folder = asking(SOURCE + "match: {namespace: ml}\nstep: 1h\n")
    found = of(rows(reviewed(folder), folder), "ml/chat-0", "energy")
    # A step of an hour holds twelve readings: eleven differences, stretched to the hour.
    hourly = 12 * MILLIJOULES / 3.6e9
    assert {r["unit"] for r in found} == {"kWh"}
    assert all(0 <= r["used"] <= hourly * 1.001 for r in found)
    assert sum(abs(r["used"] - hourly) < 1e-9 for r in found) >= DAYS * 24 - 4


def test_the_review_carries_the_rung_and_the_doctor_names_it(asking: Any) -> None:
    """One workload shows only whether a kernel runs: the size is of grade D, idleness of grade C."""
    folder = asking(SOURCE + "match: {namespace: ml}\n")
    made = reviewed(folder)
    found = estimates(made, "utilisation")
    assert found["used_share [gpu]"]["grade"] == "D"
    assert found["idle_share [gpu]"]["grade"] == "C"
    assert found["used_share [gpu]"]["rung"] == "R3"
    assert codes(made) == ["HW348"]
    told = [f.what for s in doctor(folder).sources for f in s.findings]
    assert any("gpu: R2 on 2 workloads, R3 on 1" in t for t in told), told


def test_a_new_review_asks_only_for_the_new_day(asking: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked yesterday is kept: the second review sends no query for a day that is over."""
    from headway.sources import prometheus_client

    folder = asking(SOURCE + "match: {namespace: ml}\n")
    first = reviewed(folder)
    starts: list[int] = []
    whole = prometheus_client.Prometheus.query_range

    def counted(self: Any, query: str, start: int, end: int, step: int) -> Any:
        starts.append(start)
        return whole(self, query, start, end, step)

    monkeypatch.setattr(prometheus_client.Prometheus, "query_range", counted)
    second = reviewed(folder)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    before = {s for s in starts if s < today - 3600}
    # Days before the first reading are asked for again, as somebody may fill them.
    assert len(before) <= 5 + 1
    one, two = (estimates(m, "utilisation")["used_share [gpu]"]["value"] for m in (first, second))
    assert one == pytest.approx(two, abs=1e-4)


def test_what_a_slice_says_beyond_itself_is_cut_and_told(asking: Any) -> None:
    """Under MIG a signal may exceed one: it counts as all of the slice (HW349)."""
    folder = asking(SOURCE + "match: {namespace: mig}\n")
    made = reviewed(folder)
    assert codes(made) == ["HW349"]
    assert {r["used"] for r in of(rows(made, folder), "mig/cut-0")} == {1.0}


def test_series_that_name_no_workload_are_told_with_the_labels_that_they_have(asking: Any) -> None:
    """HW370 says which labels would name one."""
    made = reviewed(asking(SOURCE + "match: {Hostname: n1}\n"))
    told = [str(d) for d in made.diagnostics if d.code == "HW370"]
    assert "exported_pod" in told[0], told
    assert "[namespace, exported_pod]" in told[0], told


def test_the_how_to_leads_from_a_bill_and_an_address_to_advice(
    fleet: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of the page prints what the page says."""
    monkeypatch.setenv("PROM_URL", fleet.url)
    found = Stage(tmp_path).play(DOCS / "how-to" / "bring-prometheus.md")
    assert found == [], "\n".join(map(str, found))


def test_what_is_scraped_now_is_in_the_next_review(asking: Any, fleet: Running) -> None:
    """Steps of ten seconds: the exporter's GPU appears as soon as one of them is whole."""
    fleet.wait_for('count_over_time(DCGM_FI_PROF_SM_ACTIVE{namespace="live"}[1m]) >= 22')
    folder = asking(SOURCE.replace("20d", "1d") + "match: {namespace: live}\nstep: 10s\n")
    found = of(rows(reviewed(folder), folder), "live/now-0")
    assert found
    assert {(r["used"], r["used_max"], r["rung"]) for r in found} == {(0.25, 0.25, "R1")}
