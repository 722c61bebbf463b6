"""The figures of the coverage gate and of saturation on a public trace of generative-AI serving."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.shared.traces import fold, gpu, pods, requests_per_hour

from headway.measures.spend.coverage import Terms, coverage, direction, is_saturated
from headway.measures.spend.load import Load
from headway.measures.spend.timeline import timeline

LATE = datetime(2030, 1, 1, tzinfo=UTC)
SCALED = 1 / 0.95


@pytest.fixture(scope="module")
def fleet(shared_data: Path) -> list[Load]:
    """Duty of 143 GPUs."""
    return gpu(shared_data)


@pytest.fixture(scope="module")
def containers(shared_data: Path) -> list[Load]:
    """Memory of 207 containers, as a share of what they may use."""
    return pods(shared_data, "pod_memory_util", "share", 1.0)


@pytest.mark.parametrize(
    ("name", "shift"), [("A", (0.64, 0.40, 0.90)), ("B", (1.70, 1.39, 2.18))], ids=["A", "B"]
)
def test_advice_is_refused_and_the_shift_is_named(
    fleet: list[Load], name: str, shift: tuple[float, float, float]
) -> None:
    """Half a day on either side carries no advice, whether or not the clock is taken as scaled."""
    loads, split = fold(fleet, name)
    assert len(loads) == 102
    for scale in (1.0, SCALED):
        found = coverage(loads, LATE, Terms("static", split=split, clock_scale=scale))
        assert (found.level, found.code) == ("none", "HW440")
        assert "HW441" in found.codes
        assert found.shift is not None
        got = (found.shift.value, found.shift.low, found.shift.high)
        assert got == pytest.approx(shift, abs=0.03)
        apart = [coverage(load, LATE, Terms("rolling", split=split, clock_scale=scale)) for load in loads]
        assert {one.level for one in apart} == {"none"}


def test_blocks_of_the_day_are_no_longer_history(fleet: list[Load]) -> None:
    """The third fold cuts the same 22.8 h into blocks: 24.0 h by the scaled clock, and still refused."""
    hours = timeline(fleet).hours  # type: ignore[union-attr]
    assert (hours, hours * SCALED) == pytest.approx((22.8, 24.0), abs=0.02)
    assert coverage(fleet, LATE, Terms("static", clock_scale=SCALED)).level == "none"


@pytest.mark.parametrize(
    ("hours", "shift", "code"), [(336, (1.05, 0.21, 1.72), ""), (408, (2.23, 1.45, 3.27), "HW441")]
)
def test_requests_shift_in_their_third_week(
    shared_data: Path, hours: int, shift: tuple[float, float, float], code: str
) -> None:
    """Two weeks carry a commitment; three days later the level has shifted, and it is refused."""
    load = requests_per_hour(shared_data, hours)
    found = coverage(load, LATE, Terms("static"))
    assert found.code == code
    assert found.shift is not None
    # The ends are order statistics of 1,000 resamples of three blocks.
    assert (found.shift.value, found.shift.low) == pytest.approx(shift[:2], abs=0.03)
    assert found.shift.high == pytest.approx(shift[2], abs=0.1)


def test_requests_follow_the_day_and_the_week(shared_data: Path) -> None:
    """Correlation with the day before and the week before."""
    line = timeline([requests_per_hour(shared_data, 408)])
    assert line is not None
    assert (line.lagged(24), line.lagged(168)) == pytest.approx((0.733, 0.817), abs=0.0005)


def test_saturated_containers_are_named_and_no_gpu_is(fleet: list[Load], containers: list[Load]) -> None:
    """Two of 207 containers, none of 143 GPUs; at 90 % it would be ten and three."""
    assert (len(containers), sum(map(is_saturated, containers))) == (207, 2)
    assert (len(fleet), sum(map(is_saturated, fleet))) == (143, 0)
    for loads, expected in ((containers, 10), (fleet, 3)):
        near = [float((load.value >= 0.9 * load.granted).mean()) for load in loads]
        assert sum(share > 0.05 for share in near) == expected


def test_no_saturated_container_is_advised_less_and_no_gpu_more(
    fleet: list[Load], containers: list[Load]
) -> None:
    """Whatever a policy proposes, a saturated container grows; a GPU that is not stays or shrinks."""
    for load in containers:
        told = {direction(load, 1.0, proposed) for proposed in (0.1, 0.5, 1.0)}
        assert ("up" in told) == is_saturated(load)
        assert "down" not in told or not is_saturated(load)
    assert all(direction(load, 100.0, proposed) != "up" for load in fleet for proposed in (5.0, 60.0, 100.0))
