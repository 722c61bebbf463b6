"""Usage from Prometheus, against a stand-in that fails in every way that a real server does."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.unit.sources.double import Answering, Asked, Double, Said, always, answering, error, series

from headway.aggregates.engine import Bound
from headway.aggregates.memory import Memory
from headway.kernel.errors import SourceFault
from headway.portfolio.source import Source
from headway.sources import http_json
from headway.sources.base import Context, bind
from headway.sources.kept_days import days_folder
from headway.sources.secrets import Revealed

POD = {"namespace": "ml", "pod": "chat-0"}
BUSY = always(("DCGM_FI_PROF_SM_ACTIVE", POD, 0.5))
# The day judged is over: it is asked for whole, and rows after this moment are left out when they are read.
AS_OF = "2026-03-31T12:30:00.000000Z"


@dataclass
class Scene:
    """A source over a stand-in, bound as often as a test wants."""

    folder: Path
    double: Double
    memory: Memory = field(default_factory=Memory)

    def bound(self, as_of: str = AS_OF, **declared: Any) -> tuple[Bound, Context]:
        """Bind the source as declared."""
        keys = {"source": "fleet", "kind": "prometheus", "url": "${PROM_URL}", "history": "1d", **declared}
        if "queries" not in keys:
            keys.setdefault("profile", "dcgm")
        environment = {"PROM_URL": self.double.url, "PROM_TOKEN": "hunter2-token"}
        context = Context(self.folder, as_of, environment, self.folder / ".headway", self.memory)
        return bind(Source(**keys), context), context

    def rows(self, as_of: str = AS_OF, **declared: Any) -> list[dict[str, Any]]:
        """Its rows in the order of resource and time."""
        bound, context = self.bound(as_of, **declared)
        try:
            opened = bound.opened
            table = opened.table.select(*bound.columns)
            found: list[dict[str, Any]] = opened.engine.fetch(table).to_pylist()
            assert opened.types == dict(bound.types)
            return sorted(found, key=lambda r: (r["workload"], r["resource"], r["ts"]))
        finally:
            context.close()

    def fault(self, **declared: Any) -> SourceFault:
        """Why it cannot be bound."""
        with pytest.raises(SourceFault) as raised:
            self.bound(**declared)
        return raised.value

    def remarks(self, **declared: Any) -> list[str]:
        """Codes of what is said though it can be read."""
        bound, context = self.bound(**declared)
        context.close()
        return [r.code for r in bound.remarks]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A server with one busy GPU; nothing is waited for."""
    monkeypatch.setenv("HEADWAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(http_json, "PAUSES", (0.0, 0.0, 0.0))
    with answering(BUSY) as double:
        yield Scene(tmp_path, double)


def once(first: list[Said], then: Answering) -> Answering:
    """Some answers, then those of another."""
    left = list(first)
    return lambda asked: left.pop(0) if left else then(asked)


def test_a_bin_begins_where_what_it_tells_began(scene: Scene) -> None:
    """What the server says at 12:30 is of the five minutes from 12:25; later bins are not over."""
    found = [r for r in scene.rows() if r["resource"] == "gpu"]
    assert len(found) == 2 * 288
    assert (found[0]["ts"], found[-1]["ts"]) == (
        datetime(2026, 3, 30),  # noqa: DTZ001  moments without a zone are UTC
        datetime(2026, 3, 31, 23, 55),  # noqa: DTZ001
    )
    assert {(r["used"], r["granted"], r["rung"], r["unit"]) for r in found} == {(0.5, 1.0, "R1", "devices")}


def test_a_busy_server_is_asked_again(scene: Scene) -> None:
    """Two answers of 503 cost two attempts, and nothing else."""
    scene.double.answering = once([Said(503, b"busy"), Said(503, b"busy")], BUSY)
    assert scene.rows()
    assert scene.double.asked[0] == scene.double.asked[1] == scene.double.asked[2]


def test_a_server_that_stays_busy_does_not_answer(scene: Scene) -> None:
    """Three further attempts, then HW306."""
    scene.double.answering = lambda _: Said(503, b"busy")
    fault = scene.fault()
    assert (fault.code, len(scene.double.asked)) == ("HW306", 4)
    assert "503" in fault.happened


@pytest.mark.parametrize("status", [400, 422])
def test_a_query_that_is_refused_is_told_with_its_text(scene: Scene, status: int) -> None:
    """HW347 says which, and what the server said of it, in one line; it is not asked again."""
    scene.double.answering = lambda _: error(status, "vector cannot contain\nmetrics with the same labelset")
    fault = scene.fault()
    assert fault.code == "HW347"
    assert "sum by (namespace, pod) (avg_over_time(DCGM_FI_PROF_SM_ACTIVE[300s]))" in fault.happened
    assert "contain metrics with the same labelset" in fault.happened
    assert len(scene.double.asked) == 1


@pytest.mark.parametrize("how", ["fewer bytes", "half a document"])
def test_an_answer_that_is_cut_off_is_never_read_in_part(scene: Scene, how: str) -> None:
    """HW347 after the last attempt."""
    whole = BUSY(Asked("DCGM_FI_PROF_SM_ACTIVE[300s]", 0, 3000, 300)).body
    cut = Said(200, whole[:-40], promised=len(whole)) if how == "fewer bytes" else Said(200, whole[:-40])
    scene.double.answering = lambda _: cut
    assert scene.fault().code == "HW347"
    assert len(scene.double.asked) == 4


def test_a_server_that_is_silent_is_not_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte that does not come in time ends the attempt."""
    monkeypatch.setattr(http_json, "PATIENCE", 0.1)

    def slow(asked: Asked) -> Said:
        time.sleep(0.3)
        return BUSY(asked)

    scene.double.answering = slow
    fault = scene.fault()
    assert (fault.code, fault.happened) == ("HW306", "it did not answer in time")


def test_no_question_is_for_more_points_than_the_server_gives(scene: Scene) -> None:
    """Steps of ten seconds over days: the stand-in refuses more than 11,000 points, as the real one does."""
    assert scene.rows(step="10s", history="3d", match={"namespace": "ml"})
    assert max(len(a.moments) for a in scene.double.asked) <= 10_000


def test_an_answer_that_is_too_large_is_asked_for_in_parts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are those of one answer; where a single bin is too much, HW347 says what to do."""
    whole = scene.rows()
    monkeypatch.setattr(http_json, "MOST_BYTES", 2000)
    monkeypatch.setenv("HEADWAY_CACHE", "off")
    assert scene.rows() == whole
    monkeypatch.setattr(http_json, "MOST_BYTES", 100)
    fault = scene.fault()
    assert (fault.code, fault.mend) == ("HW347", "narrow `match`, or declare one source per cluster")


def test_no_redirect_is_followed_and_the_token_goes_nowhere_else(scene: Scene) -> None:
    """The other host is never asked; nothing that is said holds the token."""
    with answering(BUSY) as other:
        scene.double.answering = lambda _: Said(302, b"", {"Location": f"{other.url}/api/v1/query_range"})
        fault = scene.fault(token="${PROM_TOKEN}")
        assert other.asked == []
    assert fault.code == "HW306"
    assert scene.double.asked[0].headers["Authorization"] == "Bearer hunter2-token"
    assert "hunter2" not in f"{fault} {fault.happened} {fault.mend}"


def test_a_token_that_a_server_repeats_is_hidden(scene: Scene) -> None:
    """Whatever it says of it."""
    scene.double.answering = lambda a: error(400, f"bad token {a.headers['Authorization']}")
    assert "hunter2" not in scene.fault(token="${PROM_TOKEN}").happened


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://nowhere.invalid:9", "its host is not known here"),
        ("http://127.0.0.1:1", "nothing listens there"),
        ("ftp://127.0.0.1", "`url` is no address that begins with http:// or https://"),
        ("http://127.0.0.1:port", "`url` is no address that begins with http:// or https://"),
        ("http://", "`url` is no address that begins with http:// or https://"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(scene: Scene, url: str, said: str) -> None:
    """HW306 with what is wrong with it, and no traceback."""
    scene.double.url = url
    assert (scene.fault().code, scene.fault().happened) == ("HW306", said)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Said(401, b""), "HW306"),
        (Said(404, b"<html>"), "HW306"),
        (Said(200, b"[1]"), "HW306"),
        (Said(200, b'{"status": "success"}'), "HW347"),
        (Said(200, b'{"status": "success", "data": {"resultType": "vector", "result": []}}'), "HW347"),
        (
            Said(200, b'{"status": "success", "data": {"resultType": "matrix", "result": [{"values": []}]}}'),
            "HW347",
        ),
        (Said(200, b"[" * 100_000), "HW347"),
    ],
)
def test_what_is_no_answer_of_prometheus_is_told(scene: Scene, answer: Said, code: str) -> None:
    """A proxy's page, another API, an answer that is built to break its reader."""
    scene.double.answering = lambda _: answer
    assert scene.fault().code == code


def test_what_a_server_warns_of_is_told_and_its_days_are_not_kept(scene: Scene) -> None:
    """A store behind it may be down: the next review asks again. A remark on style is no warning."""
    once_more: dict[str, Any] = {"warnings": ["store 2 does not answer", "PromQL info: not a counter"]}
    scene.double.answering = lambda a: series((POD, [[t, "0.5"] for t in a.moments]), **once_more)
    bound, context = scene.bound()
    context.close()
    assert [(r.code, r.what) for r in bound.remarks] == [("HW371", "it says: store 2 does not answer")]
    before = len(scene.double.asked)
    scene.bound()[1].close()
    assert len(scene.double.asked) == 2 * before


def test_a_bin_without_a_sample_has_no_row(scene: Scene) -> None:
    """Neither what is not there nor what is not a number is 0."""

    def gaps(asked: Asked) -> Said:
        if "SM_ACTIVE" not in asked.query:
            return series()
        values = [[t, "NaN" if t % 900 == 0 else "0"] for t in asked.moments if t % 600]
        return series((POD, values))

    scene.double.answering = gaps
    found = scene.rows()
    assert {r["used"] for r in found} == {0.0}
    assert {r["ts"].minute for r in found} == {0, 20, 30, 50}


def test_a_day_that_is_over_is_asked_for_once(scene: Scene) -> None:
    """The second review of a past moment asks nothing at all, and finds the same under the same name."""
    first, context = scene.bound()
    context.close()
    asked = len(scene.double.asked)
    second, context = scene.bound()
    context.close()
    assert len(scene.double.asked) == asked
    assert (first.digest, first.parts) == (second.digest, second.parts)


def test_a_new_day_changes_the_name_of_no_other(scene: Scene) -> None:
    """So that the sums of old days are remembered."""
    first, one = scene.bound(since="2026-03-28")
    second, other = scene.bound("2026-04-01T12:00:00Z", since="2026-03-28")
    assert set(first.parts.items()) < set(second.parts.items())
    assert len(second.parts) == len(first.parts) + 1
    one.close()
    other.close()


def test_a_review_that_remembers_nothing_asks_again(scene: Scene) -> None:
    """`--recompute` reads every source anew."""
    scene.bound()[1].close()
    asked = len(scene.double.asked)
    scene.memory = Memory(blind=True)
    scene.bound()[1].close()
    assert len(scene.double.asked) == 2 * asked


@pytest.mark.parametrize("damage", ["list", "file", "form"])
def test_what_is_kept_and_damaged_is_asked_for_again(scene: Scene, damage: str) -> None:
    """A cache is no source: rows are as they were."""
    whole = scene.rows()
    (folder,) = [d for d in _days(scene).iterdir() if d.is_dir()]
    if damage == "file":
        next(folder.glob("*.parquet")).unlink()
    else:
        (folder / "days.json").write_text("{" if damage == "list" else '{"1": {"2026-03-30": {"digest": 1}}}')
    assert scene.rows() == whole


def test_what_is_kept_is_for_its_owner_alone(scene: Scene) -> None:
    """Names of the firm's workloads are in it."""
    scene.bound()[1].close()
    (folder,) = [d for d in _days(scene).iterdir() if d.is_dir()]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {f.stat().st_mode & 0o777 for f in folder.iterdir()} == {0o600}


def test_without_a_cache_every_day_is_asked_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """HEADWAY_CACHE=off keeps nothing, and the rows are the same."""
    kept = scene.rows()
    monkeypatch.setenv("HEADWAY_CACHE", "off")
    assert scene.rows() == kept
    assert days_folder(scene.folder) is None


def _days(scene: Scene) -> Path:
    found = days_folder(scene.folder / ".headway")
    assert found is not None
    return found


def test_a_workload_has_one_rung(scene: Scene) -> None:
    """The better signal began yesterday: until it covers history it is not read, and never joined."""
    began = int(datetime(2026, 3, 30, tzinfo=UTC).timestamp())

    def both(asked: Asked) -> Said:
        value = {"SM_ACTIVE": "0.2", "GR_ENGINE": "0.6"}
        name = next((n for n in value if n in asked.query), "")
        moments = [t for t in asked.moments if name == "GR_ENGINE" or t > began]
        return (
            series((POD, [[t, "1" if "count" in asked.query else value[name]] for t in moments]))
            if name
            else series()
        )

    scene.double.answering = both
    found = scene.rows(since="2026-03-20")
    assert {(r["rung"], r["used"]) for r in found} == {("R2", 0.6)}
    assert len(found) == len({r["ts"] for r in found}) == 12 * 288
    # From the day on which it began, the better one is read.
    assert {r["rung"] for r in scene.rows(since="2026-03-30")} == {"R1"}


def test_a_metric_that_was_renamed_goes_on_under_its_new_name(scene: Scene) -> None:
    """One series of rows, and both names are known."""
    changed = int(datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp())

    def renamed(asked: Asked) -> Said:
        new = "vllm:kv_cache_usage_perc" in asked.query
        if not new and "vllm:gpu_cache_usage_perc" not in asked.query:
            return series()
        value = "1" if "count" in asked.query else "0.3" if new else "0.1"
        return series(({"model_name": "m"}, [[t, value] for t in asked.moments if (t > changed) == new]))

    scene.double.answering = renamed
    found = scene.rows(profile="vllm", history="1d")
    assert len(found) == 2 * 288
    assert [r["used"] for r in found] == [0.1] * 432 + [0.3] * 144
    assert {r["granted"] for r in found} == {1.0}
    known = next(d for d in _days(scene).iterdir() if d.is_dir()) / "days.json"
    assert "vllm:kv_cache_usage_perc, vllm:gpu_cache_usage_perc" in known.read_text()


@pytest.mark.parametrize("newer", [True, False])
@pytest.mark.parametrize("includes", [True, False])
def test_both_families_and_both_conventions_of_the_cache_give_one_input(
    scene: Scene, *, newer: bool, includes: bool
) -> None:
    """A thousand tokens went in, four hundred of them from the cache, however it is told."""
    said = {
        "input": ("gen_ai_client_inference_usage_input_tokens_total", "gen_ai_client_token_usage_sum"),
        "cache": (
            "gen_ai_client_inference_usage_cache_read_input_tokens_total",
            "gen_ai_usage_cache_read_input_tokens_total",
        ),
    }
    tokens = {"input": "1000" if includes else "600", "cache": "400"}

    def family(asked: Asked) -> Said:
        for what, names in said.items():
            name = names[0 if newer else 1]
            right = newer or what == "cache" or 'gen_ai_token_type="input"' in asked.query
            if f"{name}[" in asked.query or (f"{name}{{" in asked.query and right):
                return series(
                    (
                        {"service_name": "s", "gen_ai_request_model": "m"},
                        [[t, tokens[what]] for t in asked.moments],
                    )
                )
        return series()

    scene.double.answering = family
    found = scene.rows(profile="otel_genai", input_includes_cache=includes)
    by = {r["resource"]: r["used"] for r in found}
    assert (by["tokens.input"], by["tokens.cache_read"]) == (1000.0, 400.0)
    assert {r["workload"] for r in found} == {"s/m"}


def test_queries_of_ones_own_are_asked_as_they_stand(scene: Scene) -> None:
    """With no labels named, all labels of a series name its workload."""
    scene.double.answering = always(
        ("fleet_use", POD, 3.0), ("fleet_peak", POD, 4.0), ("fleet_held", POD, 8.0)
    )
    query = {
        "resource": "cpu",
        "used": "fleet_use[5m]",
        "used_max": "fleet_peak[5m]",
        "granted": "fleet_held[5m]",
    }
    found = scene.rows(queries=[{**query, "unit": "cores"}])
    assert {(r["workload"], r["used"], r["used_max"], r["granted"], r["unit"]) for r in found} == {
        ("ml/chat-0", 3.0, 4.0, 8.0, "cores")
    }


def test_the_label_of_the_holder_says_whose_a_workload_is(scene: Scene) -> None:
    """The fact's holder is that label's value."""
    scene.double.answering = always(("DCGM_FI_PROF_SM_ACTIVE", {**POD, "initiative": "trial"}, 0.5))
    found = scene.rows(holder="initiative")
    assert {r["holder"] for r in found} == {"trial"}
    assert "by (namespace, pod, initiative)" in scene.double.asked[0].query


def test_what_every_series_must_have_is_in_every_question(scene: Scene) -> None:
    """Values are quoted; one that begins with ~ is a regular expression."""
    scene.rows(match={"namespace": 'a"b', "pod": "~chat-.*"})
    assert all('namespace="a\\"b",pod=~"chat-.*"' in a.query for a in scene.double.asked)


def test_memory_is_held_whole_and_in_bytes(scene: Scene) -> None:
    """Used, free and reserved MiB are what is held; an exporter without the last leaves it out."""
    scene.double.answering = always(
        ("DCGM_FI_DEV_FB_USED", POD, 1024.0), ("DCGM_FI_DEV_FB_FREE", POD, 3072.0)
    )
    asked = "* 1048576.0"
    found = [r for r in scene.rows() if r["resource"] == "gpu.memory"]
    assert all(asked in a.query for a in scene.double.asked if "avg_over_time(DCGM_FI_DEV_FB" in a.query)
    assert {(r["used"], r["granted"]) for r in found} == {(1024.0, 4096.0)}


def test_a_poor_signal_is_asked_for_only_where_no_better_one_is(scene: Scene) -> None:
    """The server itself leaves out the workloads that a better rung shows."""
    scene.rows()
    poor = next(a.query for a in scene.double.asked if "GPU_UTIL" in a.query)
    by = "by (namespace, pod)"
    better = "".join(
        f" unless on (namespace, pod) sum {by} (last_over_time(DCGM_FI_PROF_{one}_ACTIVE[300s]))"
        for one in ("SM", "GR_ENGINE")
    )
    assert poor == f"sum {by} (avg_over_time(DCGM_FI_DEV_GPU_UTIL[300s])) * 0.01{better}"


def test_one_connection_serves_all_questions(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them waits before it is asked again."""
    monkeypatch.setattr(http_json, "PAUSES", ())
    assert scene.rows()


def test_a_fleet_without_any_signal_is_told_which_line_gives_one(scene: Scene) -> None:
    """HW348; there is a table all the same, without rows."""
    scene.double.answering = lambda _: series()
    assert scene.remarks() == ["HW348"]
    assert scene.rows() == []


def test_a_window_is_bounded_by_the_moment_judged(scene: Scene) -> None:
    """Nothing is asked of a time after today's newest whole bin, nor before `since`."""
    now = datetime.now(UTC).isoformat()
    bound, context = scene.bound(now, history="1h")
    context.close()
    assert max(a.end for a in scene.double.asked) <= datetime.now(UTC).timestamp()
    assert bound.newest is not None
    assert (datetime.now(UTC) - bound.newest).total_seconds() < 1200


def test_series_that_name_no_workload_are_left_out_and_told(scene: Scene) -> None:
    """HW370 lists the labels that they have, also when their day is kept and not asked for again."""
    bare = {"namespace": "ml", "exported_pod": "chat-0"}
    scene.double.answering = always(
        ("DCGM_FI_PROF_SM_ACTIVE", POD, 0.5), ("DCGM_FI_PROF_SM_ACTIVE", bare, 0.5)
    )
    for _ in range(2):
        bound, context = scene.bound()
        context.close()
        (remark,) = bound.remarks
        assert remark.code == "HW370"
        assert "theirs are: exported_pod, namespace, pod" in remark.what
        assert "workload: [namespace, exported_pod]" in remark.mend
    assert {r["workload"] for r in scene.rows()} == {"ml/chat-0"}


def test_more_than_there_is_counts_as_all_of_it(scene: Scene) -> None:
    """HW349 counts the bins; neither mean nor peak is above what is granted."""
    scene.double.answering = always(("DCGM_FI_PROF_SM_ACTIVE", POD, 1.5))
    bound, context = scene.bound()
    context.close()
    (remark,) = bound.remarks
    assert (remark.code, "in 576 bins" in remark.what) == ("HW349", True)
    assert {(r["used"], r["used_max"], r["granted"]) for r in scene.rows()} == {(1.0, 1.0, 1.0)}


def test_series_of_one_name_are_added(scene: Scene) -> None:
    """A query of one's own may say more of a workload than one series; what is missing adds nothing."""
    one, other = {"queue": "q", "zone": "a"}, {"queue": "q", "zone": "b"}

    def two(asked: Asked) -> Said:
        late = [[t, "2"] for t in asked.moments if t % 600 == 0]
        return series((one, [[t, "1"] for t in asked.moments]), (other, late))

    scene.double.answering = two
    found = scene.rows(queries=[{"resource": "cpu", "used": "x"}], workload=["queue"])
    assert {(r["used"], r["ts"].minute % 10) for r in found} == {(1.0, 0), (3.0, 5)}


def test_a_query_over_too_many_samples_is_asked_in_parts(scene: Scene) -> None:
    """The server says so with 422; shorter spans need fewer."""

    def narrow(asked: Asked) -> Said:
        few = len(asked.moments) <= 100
        return BUSY(asked) if few else error(422, "query processing would load too many samples into memory")

    scene.double.answering = narrow
    assert len([r for r in scene.rows() if r["resource"] == "gpu"]) == 576


def test_processors_are_read_by_the_rate_of_their_counter(scene: Scene) -> None:
    """Never by the counter itself, and only containers that are some."""
    scene.double.answering = always(
        ("container_cpu_usage_seconds_total", POD, 1.5),
        ("kube_pod_container_resource_requests", POD, 4.0),
        ("kube_pod_container_resource_limits", POD, 8.0),
    )
    found = [r for r in scene.rows(profile="kube") if r["resource"] == "cpu"]
    assert {(r["used"], r["used_max"], r["granted"], r["capacity"]) for r in found} == {(1.5, None, 4.0, 8.0)}
    asked = {a.query for a in scene.double.asked if "container_cpu_usage" in a.query}
    selector = '{container!="",container!="POD"}[300s]'
    total = f"container_cpu_usage_seconds_total{selector}"
    assert asked == {f"sum by (namespace, pod) ({f}({total}))" for f in ("rate", "count_over_time")}


def test_a_day_that_is_missing_among_kept_ones_is_asked_for_alone(scene: Scene) -> None:
    """Its neighbours are there."""
    scene.bound(since="2026-03-26")[1].close()
    (folder,) = [d for d in _days(scene).iterdir() if d.is_dir()]
    for day in ("2026-03-27", "2026-03-29"):
        next(folder.glob(f"{day}-*.parquet")).unlink()
    scene.double.asked.clear()
    bound, context = scene.bound(since="2026-03-26")
    context.close()
    assert len(bound.parts) == 6
    days = {datetime.fromtimestamp(a.start, UTC).day for a in scene.double.asked}
    assert days == {27, 29}


def test_what_is_kept_is_bounded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest days go; and what nobody asked for in two months."""
    monkeypatch.setattr("headway.sources.kept_days.MOST_DAYS", 2)
    scene.bound(since="2026-03-28")[1].close()
    (folder,) = [d for d in _days(scene).iterdir() if d.is_dir()]
    assert sorted(f.name[:10] for f in folder.glob("2*")) == ["2026-03-30", "2026-03-31"]
    old = time.time() - 61 * 86_400
    os.utime(folder, (old, old))
    scene.bound(step="1h")[1].close()
    assert not folder.exists()


@pytest.mark.parametrize("token", ["two\nlines", "schlüssel"])
def test_a_token_that_is_no_header_is_not_sent(scene: Scene, token: str) -> None:
    """Nor shown."""
    server = http_json.Server("fleet", Revealed(scene.double.url, ()), Revealed(token, (token,)))
    with pytest.raises(SourceFault, match="not one line of ASCII"):
        server.get("/", "anything")
    assert scene.double.asked == []


def test_pauses_grow_between_attempts() -> None:
    """Half a second, one, two: a server that is restarted has time to."""
    slept: list[float] = []
    with answering(lambda _: Said(503, b"")) as double:
        server = http_json.Server("fleet", Revealed(double.url, ()), sleep=slept.append)
        with closing(server), pytest.raises(SourceFault):
            server.get("/", "anything")
    assert slept == [0.5, 1.0, 2.0]


def test_an_answer_that_trickles_is_given_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte may come in time, and the whole never."""
    monkeypatch.setattr(http_json, "LONGEST", -1.0)
    assert scene.fault().happened == "it did not answer in time"


@pytest.mark.parametrize(
    ("greeting", "said"), [(b"hello\n", "it does not speak HTTP"), (b"", "it closed the connection")]
)
def test_what_is_no_web_server_is_told(scene: Scene, greeting: bytes, said: str) -> None:
    """Another service on that port, or one that hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            for _ in range(4):
                with listening.accept()[0] as peer:
                    peer.recv(4096)
                    peer.sendall(greeting)

        thread = Thread(target=greet)
        thread.start()
        scene.double.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert scene.fault().happened == said
        thread.join()


def test_a_folder_that_cannot_be_written_costs_time_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are read from where they were written first."""
    kept = scene.rows()
    (scene.folder / "file").write_text("no folder")
    monkeypatch.setenv("HEADWAY_CACHE", str(scene.folder / "file"))
    assert scene.rows() == kept


def test_kept_days_that_cannot_be_read_are_told_without_their_path(scene: Scene) -> None:
    """HW302 says what to do."""
    scene.bound()[1].close()
    (folder,) = [d for d in _days(scene).iterdir() if d.is_dir()]
    for file in folder.glob("*.parquet"):
        file.write_bytes(b"no Parquet")
    bound, context = scene.bound()
    try:
        with pytest.raises(Exception, match="Parquet") as raised:
            _ = bound.opened
        fault = bound.fault("fleet", raised.value)
    finally:
        context.close()
    assert (fault.code, str(scene.folder) in f"{fault.happened} {fault.mend}") == ("HW302", False)
    assert "headway purge" in fault.mend
