"""Usage from OpenCost's allocations: use and requests, never cost."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sources.double import Said, answering

from headway.kernel.errors import SourceFault
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

DRAFTS: dict[str, Any] = {
    "properties": {"namespace": "claims", "controller": "drafts", "labels": {"team": "trial"}},
    "start": "2026-03-30T00:00:00Z",
    "end": "2026-03-30T01:00:00Z",
    "minutes": 60,
    "cpuCoreRequestAverage": 4,
    "cpuCoreUsageAverage": 1.5,
    "ramByteRequestAverage": 8e9,
    "ramByteUsageAverage": 6e9,
    "gpuCost": 20.123456,
    "totalCost": 21.0,
    "gpuAllocation": {"gpuRequestAverage": 2, "gpuUsageAverage": 0.8, "isGPUShared": False},
}


def answer(**allocations: dict[str, Any]) -> str:
    """An answer of one window."""
    return json.dumps(
        {"code": 200, "data": [{name: {"name": name, **one} for name, one in allocations.items()}]}
    )


def read(folder: Path, **declared: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows in the order of resource, and codes of what is said."""
    environment = {"OPENCOST_URL": declared.pop("address", "")}
    context = Context(folder, "2026-03-31T00:00:00Z", environment, folder / ".headway")
    keys = {"source": "allocation", "kind": "opencost", "path": "a.json", **declared}
    try:
        bound = bind(Source(**keys), context)
        table = bound.opened.table.select(*bound.columns)
        found = bound.opened.engine.fetch(table).to_pylist()
        assert bound.rows == len(found)
        return sorted(found, key=lambda r: (r["workload"], r["resource"])), [r.code for r in bound.remarks]
    finally:
        context.close()


def fault(folder: Path, **declared: Any) -> tuple[str, str]:
    """Code and words of why it cannot be read."""
    with pytest.raises(SourceFault) as raised:
        read(folder, **declared)
    return raised.value.code, raised.value.happened


def test_use_and_requests_are_read_and_no_cost(tmp_path: Path) -> None:
    """One bin as long as the window; GPU work is of rung R2."""
    (tmp_path / "a.json").write_text(answer(drafts=DRAFTS))
    found, said = read(tmp_path, holder="team")
    assert said == []
    seen = [(r["workload"], r["resource"], r["used"], r["granted"], r["unit"], r["rung"]) for r in found]
    assert seen == [
        ("claims/drafts", "cpu", 1.5, 4.0, "cores", None),
        ("claims/drafts", "gpu", 0.8, 2.0, "devices", "R2"),
        ("claims/drafts", "memory", 6e9, 8e9, "bytes", None),
    ]
    assert {(r["ts"], r["holder"]) for r in found} == {(datetime(2026, 3, 30), "trial")}  # noqa: DTZ001


def test_what_is_nobodys_and_what_has_no_gpu_gives_no_row(tmp_path: Path) -> None:
    """`__idle__` is no workload, and a workload without GPUs uses none."""
    bare = {k: v for k, v in DRAFTS.items() if k != "gpuAllocation"}
    (tmp_path / "a.json").write_text(answer(drafts=bare, __idle__=DRAFTS))
    assert [r["resource"] for r in read(tmp_path)[0]] == ["cpu", "memory"]


def test_a_workload_without_its_properties_goes_by_its_name(tmp_path: Path) -> None:
    """Whatever it was aggregated by."""
    (tmp_path / "a.json").write_text(answer(drafts={**DRAFTS, "properties": None}))
    assert {r["workload"] for r in read(tmp_path)[0]} == {"drafts"}
    (tmp_path / "a.json").write_text(answer(drafts=DRAFTS))
    assert {r["workload"] for r in read(tmp_path, workload=["namespace"])[0]} == {"claims"}


@pytest.mark.parametrize(
    "odd", [{"drafts": {**DRAFTS, "gpuCostIdle": -3.2}}, {"__idle__": {**DRAFTS, "totalCost": -1}}]
)
def test_an_idle_cost_below_nothing_is_told(tmp_path: Path, odd: dict[str, dict[str, Any]]) -> None:
    """HW354: its shares do not add up."""
    (tmp_path / "a.json").write_text(answer(**odd))
    assert read(tmp_path)[1] == ["HW354"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "'a.json' is not JSON"),
        ("[]", "no list of windows"),
        ('{"data": [1]}', "no list of windows"),
        ('{"data": [{"a": 1}]}', "allocation 'a' is no object"),
        ('{"data": [{"a": {"minutes": 5}}]}', "does not say when it was"),
        ('{"data": [{"a": {"start": "soon", "minutes": 5}}]}', "does not say when it was"),
    ],
)
def test_what_is_no_answer_of_allocation_is_told(tmp_path: Path, text: str, said: str) -> None:
    """HW302 says what is not there."""
    (tmp_path / "a.json").write_text(text)
    code, what = fault(tmp_path)
    assert code == "HW302"
    assert said in what


def test_a_window_of_no_length_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    """No rows; HW301."""
    (tmp_path / "a.json").write_text(answer(drafts={**DRAFTS, "minutes": 0}))
    assert read(tmp_path)[0] == []
    assert fault(tmp_path, path="b.json")[0] == "HW301"


def test_the_address_is_asked_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows as from the file; what is no answer is told with what one looks like."""
    with answering(lambda _: Said(200, answer(drafts=DRAFTS).encode())) as server:
        address = f"{server.url}/allocation?window=7d&step=1h"
        found, _ = read(tmp_path, path=None, url="${OPENCOST_URL}", address=address)
        assert [r["resource"] for r in found] == ["cpu", "gpu", "memory"]
        server.answering = lambda _: Said(404, b"no such page")
        assert fault(tmp_path, path=None, url="${OPENCOST_URL}", address=address)[0] == "HW306"
        server.answering = lambda _: Said(200, answer(drafts=DRAFTS).encode())
        monkeypatch.setattr("headway.sources.http_json.MOST_BYTES", 10)
        assert fault(tmp_path, path=None, url="${OPENCOST_URL}", address=address)[0] == "HW347"
