"""`headway capacity`: a table, a record, a page, and exit statuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from docs.schemas import schemas
from tests.unit.measures.test_capacity import BILL, DRAWING, GPU, POOL, bill, fleet
from tests.unit.small import FRAMED, Declare

from headway.cli.main import cli

TITLED = 'component: pool\ntitle: The pool <of "machines">\nusage: fleet\n'
PRICED = TITLED + "cost: {select: [{column: {SubAccountId: a}}]}\n"


def run(*words: str, width: str = "120") -> Result:
    """Run a command as a shell would."""
    return CliRunner().invoke(cli, ["capacity", *words], env={"COLUMNS": width})


def record(*words: str) -> Any:
    """The JSON of `headway capacity`, held to its schema."""
    made = json.loads(run(*words, "--format", "json").stdout)
    jsonschema.validate(made, schemas()["capacity"], jsonschema.Draft202012Validator)
    return made


@pytest.fixture
def pool(declare: Declare) -> Path:
    """Four priced machines of different levels, metered for ten days."""
    folder = declare(gpu=GPU, pool=PRICED, bill=BILL, initiative=DRAWING)
    fleet(folder, bins=10 * 96)
    bill(folder)
    return folder


class TestTable:
    """What a terminal shows."""

    def test_the_first_line_is_the_headline(self, pool: Path) -> None:
        """What was granted, what the replay needed, how often it was short, what that is worth."""
        done = run(str(pool))
        assert done.exit_code == 0, done.output
        said = " ".join(done.output.split())
        assert re.search(
            r"of 4 devices granted the replay needed [\d.]+, [\d.]+ % less \(.*\), and was short in", said
        )
        assert re.search(r"Of 4 grants 4 can shrink\. Worth [\d.,]+ EUR a month\.", said)

    def test_waste_stands_with_its_definition_and_idle_time_is_no_saving(self, pool: Path) -> None:
        """Lines in order, one that is not measured says why, four answers side by side."""
        said = " ".join(run(str(pool)).output.split())
        assert (
            "Waste is the cost that a replay of the named policy avoids with at most 1 % of samples short"
            in said
        )
        assert "unallocated not measured: what nobody holds is the platform's" in said
        names = ("idle", "joint slice", "right size", "a pool of")
        places = [said.index(f" {name} ", said.index("four answers")) for name in names]
        assert places == sorted(places)
        assert "no saving, since where one cuts decides it" in said

    def test_a_narrow_terminal_gets_a_line_per_workload(self, pool: Path) -> None:
        """Nothing is lost beside the edge."""
        said = run(str(pool), width="60").output
        assert max(map(len, said.splitlines())) <= 60
        assert re.search(r"pod-3: 1 → [\d.]+ ↓", said)

    def test_of_many_workloads_the_rest_is_counted(self, declare: Declare) -> None:
        """--full shows them all."""
        folder = declare(gpu=GPU, pool=POOL, initiative=DRAWING)
        fleet(folder, [0.1 + 0.02 * i for i in range(14)], bins=3 * 96)
        assert "and 2 more: --full" in run(str(folder)).output
        assert "--full" not in run(str(folder), "--full").output

    def test_too_short_a_history_tells_no_saving_unless_one_observes(self, declare: Declare) -> None:
        """What is lacking and from when on there is enough; --observe says that it is no advice."""
        folder = declare(gpu=GPU, pool=POOL, initiative=DRAWING)
        fleet(folder, bins=80)
        plain, observed = run(str(folder)), run(str(folder), "--observe")
        assert (plain.exit_code, observed.exit_code) == (0, 0)
        said = " ".join(plain.output.split())
        assert "nothing is advised. 20.0 h of history" in said
        assert "enough on 3 Mar 2026" in said
        assert "replay needed" not in said
        assert "right size – not told" in said
        told = " ".join(observed.output.split())
        assert "replay needed" in told
        assert "This was observed; it is no advice." in told

    def test_a_policy_that_is_short_too_often_tells_no_waste(self, declare: Declare) -> None:
        """And says that it does not, on the terminal and on the page."""
        pool = POOL + "capacity: {policy: percentile, quantile: 0.5, short: 0.001}\n"
        folder = declare(gpu=GPU, pool=pool, initiative=DRAWING)
        fleet(folder, bins=4 * 96)
        assert "Waste is not told: the policy is short in" in run(str(folder)).output
        assert "Not told: the policy is short in" in run(str(folder), "--format", "html").output


class TestRecord:
    """What `--format json` prints, by its schema."""

    def test_rows_stand_by_what_is_at_stake_with_money_as_text(self, pool: Path) -> None:
        """The largest saving first; every row with its replay, its promise and its history."""
        (component,) = record(str(pool))["components"]
        (gpu,) = component["resources"]
        assert component["initiatives"] == [{"name": "trial", "title": "trial"}]
        assert [r["workload"] for r in gpu["rows"]] == ["pod-0", "pod-1", "pod-2", "pod-3"]
        first = gpu["rows"][0]
        assert (first["direction"], first["history"]["level"], first["grade"]) == ("down", "rolling", "C")
        assert first["promised"]["low"] <= first["promised"]["high"]
        assert re.fullmatch(r"\d+\.\d\d", first["saving_per_month"])
        assert sum(float(r["saving_per_month"]) for r in gpu["rows"]) == pytest.approx(
            float(gpu["saving_per_month"]), abs=0.05
        )

    def test_nothing_is_advised_in_observe_mode(self, pool: Path) -> None:
        """Replayed, and no grant proposed, though history would do."""
        made = record(str(pool), "--observe")
        (gpu,) = made["components"][0]["resources"]
        assert made["observe"]
        assert {r["advised"] for r in gpu["rows"]} == {None}
        assert gpu["replayed"]["samples"] > 0

    def test_another_policy_may_be_tried(self, pool: Path) -> None:
        """It stands in place of each component's own."""
        made = record(str(pool), "--policy", "peak")
        assert made["components"][0]["policy"] == "peak"

    def test_a_component_is_looked_at_whole(self, declare: Declare) -> None:
        """An initiative sees what it holds, and a component that nobody uses is seen, too."""
        folder = declare(gpu=GPU, pool=POOL, initiative=FRAMED)
        fleet(folder, holder=["trial", "a", "b", "b"], bins=3 * 96)
        (component,) = record(str(folder))["components"]
        assert component["initiatives"] == []
        assert component["resources"][0]["workloads"] == 4
        assert record(str(folder), "--component", "pool")["components"][0]["name"] == "pool"


class TestPage:
    """What `--format html` draws."""

    def test_every_load_is_drawn_against_its_grants(self, pool: Path, tmp_path: Path) -> None:
        """All together and the workloads with most at stake, told in words as well; names are escaped."""
        out = tmp_path / "capacity.html"
        assert run(str(pool), "--format", "html", "-o", str(out)).exit_code == 0
        text = out.read_text(encoding="utf-8")
        assert text.count('<svg class="picture wide"') == 1 + 1 + 4
        assert "The policy would have granted" in text
        assert '<path class="replayed"' in text
        assert "The pool &lt;of" in text
        assert "<of" not in text
        ids = re.findall(r' id="([^"]+)"', text)
        assert len(ids) == len(set(ids))

    def test_equal_records_give_equal_bytes(self, pool: Path) -> None:
        """A page can be compared with yesterday's."""
        assert run(str(pool), "--format", "html").output == run(str(pool), "--format", "html").output


class TestFaults:
    """What goes wrong is said in the house form, with its status."""

    def test_a_name_that_is_not_there_is_a_usage_error(self, pool: Path) -> None:
        """With the nearest that is."""
        done = run(str(pool), "--component", "poll")
        assert (done.exit_code, "Did you mean 'pool'?" in done.output) == (2, True)
        done = run(str(pool), "--initiative", "trail")
        assert (done.exit_code, "Did you mean 'trial'?" in done.output) == (2, True)
        assert run(str(pool), "--initiative", "trial").exit_code == 0

    @pytest.mark.parametrize("words", [[], ["--component", "pool"], ["--initiative", "trial"]])
    def test_where_nothing_is_metered_it_says_what_to_declare(
        self, declare: Declare, words: list[str]
    ) -> None:
        """HW483, and the status of missing evidence."""
        folder = declare(pool="component: pool\n", initiative=DRAWING)
        done = run(str(folder), *words)
        assert (done.exit_code, "warning[HW483]" in done.output) == (4, True)

    def test_a_meter_without_rows_in_its_history_is_named(self, declare: Declare) -> None:
        """HW484."""
        folder = declare(gpu=GPU, pool=POOL + "capacity: {history: 1h}\n", initiative=DRAWING)
        fleet(folder, bins=96)
        done = run(str(folder))
        assert (done.exit_code, "warning[HW484] the source 'fleet' has no row" in done.output) == (4, True)

    def test_a_meter_that_cannot_be_read_is_an_error(self, declare: Declare) -> None:
        """HW301 at the source, and no traceback."""
        done = run(str(declare(gpu=GPU, pool=POOL, initiative=DRAWING)))
        assert (done.exit_code, "error[HW301] source 'fleet'" in done.output) == (1, True)

    def test_use_that_arrives_summed_is_told(self, declare: Declare) -> None:
        """It has no hours, so that nothing can be replayed."""
        summed = "source: fleet\nkind: file\npath: fleet.csv\nfact: usage\nsummed: yes\n"
        folder = declare(gpu=summed, pool=POOL, initiative=DRAWING)
        (folder / "fleet.csv").write_text("workload,resource,bucket,n,sum_used,sum_granted\np,gpu,0,3,3,4\n")
        done = run(str(folder))
        assert (done.exit_code, "arrives summed, without the hours" in done.output) == (4, True)
