"""Usage that cannot be as it is told, found in the sums that a measure asks for anyway."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.small import FRAMED, Declare, codes, estimates, reviewed

from headway.app.doctor import doctor

GPU = "source: fleet\nkind: file\npath: fleet.parquet\nfact: usage\n"
POOL = "component: pool\nusage: fleet\n"
Rows = Sequence[tuple[str, str, float | None, float, str | None, str | None]]


@pytest.fixture
def metered(declare: Declare) -> Path:
    """An initiative with a pool that a file meters."""
    return declare(gpu=GPU, pool=POOL, initiative=FRAMED + "uses: [pool]\n")


def fill(folder: Path, rows: Rows, *, without: tuple[str, ...] = ()) -> None:
    """Bins of an hour: workload, resource, granted, used, unit, rung."""
    names = ("workload", "resource", "granted", "used", "unit", "rung")
    kinds = {"granted": pa.float64(), "used": pa.float64()}
    columns = {
        n: pa.array([row[i] for row in rows], kinds.get(n, pa.string()))
        for i, n in enumerate(names)
        if n not in without
    }
    first = np.datetime64("2026-03-30", "us")
    columns["ts"] = pa.array([first + np.timedelta64(i, "h") for i in range(len(rows))])
    pq.write_table(pa.table(columns), folder / "fleet.parquet")


def told(folder: Path) -> list[str]:
    """What is said of the usage."""
    return [d.what.removeprefix("source 'fleet': ") for d in reviewed(folder).diagnostics]


def test_sound_usage_is_not_spoken_of(metered: Path) -> None:
    """Nor is more than was asked for of a processor, which may well be used."""
    fill(metered, [("p", "gpu", 1, 1.0, "devices", "R1"), ("p", "cpu", 1, 3.5, "cores", None)])
    assert codes(reviewed(metered)) == []
    fill(metered, [("p", "gpu", 1, 0.5, None, None)], without=("unit", "rung"))
    assert codes(reviewed(metered)) == []


def test_more_of_a_device_than_there_is_counts_as_all_of_it(metered: Path) -> None:
    """HW349, and the share of use is that of a whole device."""
    fill(metered, [("p", "gpu", 1, 1.4, "devices", "R1"), ("p", "gpu", 1, 0.5, "devices", "R1")])
    made = reviewed(metered)
    assert codes(made) == ["HW349"]
    assert estimates(made, "utilisation")["used_share [gpu]"]["value"] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("used", "unit", "said"),
    [
        (-0.002, "devices", "a use of -0.002 is below nothing, by more than a thousandth of 1"),
        (-0.0009, "devices", None),
        (0.62, "percent", "its unit is percent, and no use is above 0.62: it seems to be a share"),
        (62.0, "percent", None),
    ],
)
def test_a_unit_that_cannot_be_is_told(metered: Path, used: float, unit: str, said: str | None) -> None:
    """HW350; a smaller use below nothing is rounding."""
    granted = 100.0 if unit == "percent" else 1.0
    fill(metered, [("p", "gpu", granted, used, unit, "R1")])
    assert told(metered) == ([f"gpu: {said}"] if said else [])


def test_rounding_below_nothing_is_no_use(metered: Path) -> None:
    """It takes nothing from the use of other bins."""
    fill(metered, [("p", "gpu", 1, -0.0009, "devices", "R1"), ("p", "gpu", 1, 0.5, "devices", "R1")])
    assert estimates(reviewed(metered), "utilisation")["used_share [gpu]"]["value"] == pytest.approx(0.25)


@pytest.mark.parametrize(("cached", "odd"), [(4000.0, True), (1000.0, False)])
def test_more_from_the_cache_than_went_in_is_told(metered: Path, cached: float, *, odd: bool) -> None:
    """HW353 names the workload; tokens are held by nobody, so no share is made of them."""
    fill(
        metered,
        [
            ("drafts", "tokens.input", None, 1000.0, "tokens", None),
            ("drafts", "tokens.cache_read", None, cached, "tokens", None),
            ("other", "tokens.cache_read", None, cached, "tokens", None),
        ],
    )
    assert told(metered) == (["drafts took more tokens from the cache than went in"] if odd else [])


def test_a_poor_signal_lowers_the_grade_of_the_size_alone(metered: Path) -> None:
    """HW348; R3 tells idleness at grade C and a size at D."""
    fill(metered, [("p", "gpu", 1, 0.2, "devices", "R3"), ("q", "gpu", 1, 0.2, "devices", "R1")])
    made = reviewed(metered)
    found = estimates(made, "utilisation")
    assert codes(made) == ["HW348"]
    assert (found["used_share [gpu]"]["grade"], found["idle_share [gpu]"]["grade"]) == ("D", "C")
    assert found["used_share [gpu]"]["rung"] == "R3"


@pytest.mark.parametrize(
    ("rungs", "state", "what"),
    [
        (["R1", "R1"], "well", "gpu: R1 on 2 workloads"),
        (["R1", "R2"], "note", "gpu: R1 on 1 workload, R2 on 1; grade C"),
        (["R2", "R4"], "warning", "gpu: R2 on 1 workload, R4 on 1; w1: power above that of an idle device"),
    ],
)
def test_the_doctor_names_the_rung_of_each_workload(
    metered: Path, rungs: list[str], state: str, what: str
) -> None:
    """And the line that would raise it."""
    fill(metered, [(f"w{i}", "gpu", 1, 0.2, "devices", rung) for i, rung in enumerate(rungs)])
    (found,) = [f for s in doctor(metered).sources for f in s.findings]
    assert found.state == state
    assert found.what.startswith(what)
    assert ("DCGM_FI_PROF_SM_ACTIVE" in found.mend) == (state != "well")
