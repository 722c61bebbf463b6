"""Words that a user meets can be asked about, without a portfolio and without a heavy package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from headway.app.explain import UnknownWordError, explain, names
from headway.app.explain.explanation import Explanation, words
from headway.app.explain.fields import every as every_field
from headway.facts import FACTS
from headway.gates.model import SHIPPED, shipped
from headway.kernel.codes import CODES
from headway.kernel.registry import GROUPS
from headway.kernel.registry import names as registered
from headway.portfolio.kinds import MODELS


def facts(one: Explanation) -> dict[str, str]:
    """Facts by label."""
    return dict(one.facts)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(tuple(CODES), id="codes"),
        pytest.param(tuple(k for k in MODELS if k != "headway"), id="documents"),
        pytest.param(every_field(), id="fields"),
        pytest.param(tuple(row.id for model in SHIPPED for row in shipped(model).rows), id="requirements"),
        pytest.param(tuple(n for g in GROUPS for n in registered(g)), id="registered"),
        pytest.param(tuple(FACTS), id="facts"),
        pytest.param(tuple(words("glossary")), id="glossary"),
        pytest.param(tuple(words("laws")), id="laws"),
        pytest.param(names(), id="all that is named"),
    ],
)
def test_whatever_is_registered_has_an_explanation_with_content(known: tuple[str, ...]) -> None:
    """Nothing can be added that `headway explain` knows nothing about."""
    assert known
    mute = [name for name in known if not ((one := explain(name)).text or one.parts)]
    assert mute == []


def test_every_name_leads_back_to_what_bears_it() -> None:
    """What is offered as a next word, or as one of several, is itself explained and means one thing."""
    for name in names():
        one = explain(name)
        if one.kind != "several":
            assert explain(one.name).name == one.name
        for word in one.related:
            assert explain(word).kind != "several", (name, word)


def test_a_code_says_when_it_comes_how_it_looks_and_what_mends_it() -> None:
    """A code comes with its meaning, one action, what is printed, and codes near it."""
    one = explain("hw429")
    assert one.title.startswith("HW429: ")
    assert one.text
    assert facts(one)["mend"]
    assert "warning[HW429]" in one.parts[0].lines[0]
    assert set(one.related) <= set(CODES) - {"HW429"}


def test_a_field_is_found_by_its_path_by_the_end_of_it_and_by_one_word() -> None:
    """Type, default, choices and whether it must be there are told."""
    for word in ("initiative.pilot.looks", "pilot.looks", "looks"):
        one = explain(word)
        assert one.name == "initiative.pilot.looks"
        assert facts(one) == {
            "type": "a word",
            "required": "no",
            "default": "once",
            "one of": "daily, weekly, once",
        }


def test_a_field_says_which_requirements_read_it() -> None:
    """Before a line is taken away, one sees which gate asks for it."""
    read = facts(explain("initiative.pilot.objective.change"))["read by gates"]
    assert "scale.value.effect" in read
    assert "framed.people.owner" in facts(explain("initiative.sponsor"))["read by gates"]


def test_a_field_inside_a_list_has_no_number_in_its_path() -> None:
    """The accounts of a person are a field of people.persons."""
    assert facts(explain("people.persons.id"))["required"] == "yes"
    assert explain("people.functions.finance.lead").text


def test_a_word_that_means_several_things_lists_them() -> None:
    """Each candidate bears words that mean it alone."""
    one = explain("cost")
    assert one.kind == "several"
    assert {"measure cost", "fact cost", "initiative.cost"} <= set(one.related)
    assert explain("measure cost").kind == "measure"


@pytest.mark.parametrize("word", ["exit 4", "status 4", "Exit status 4"])
def test_an_exit_status_says_what_to_do(word: str) -> None:
    """A pipeline that ended with 4 is asked about."""
    one = explain(word)
    assert one.kind == "status"
    assert "headway gate" in facts(one)["next"]


def test_a_requirement_that_waits_says_for_what() -> None:
    """A row of the design that this version cannot judge says what is not there."""
    told = facts(explain("operate.data.drift"))
    assert "'drift'" in told["still to come"]
    assert told["stands in"].startswith("standard@1: warn")


def test_a_requirement_names_its_law_and_its_bound() -> None:
    """The predicate reads as a sentence."""
    told = facts(explain("scale.value.return"))
    assert told["asks"] == "probability of a positive return: its value ≥ 0.9"
    assert told["law"] == "L2, no number alone"
    assert explain("L2").text


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("initiativ", "initiative"),
        ("initiative.pilot.lookz", "initiative.pilot.looks"),
        ("scale.value.efect", "scale.value.effect"),
        ("HW42", "HW4"),
        ("randomized", "randomised"),
    ],
)
def test_an_unknown_word_names_the_nearest(slip: str, meant: str) -> None:
    """A slip of the finger is answered with what was meant, and with how a portfolio is named."""
    with pytest.raises(UnknownWordError) as caught:
        explain(slip)
    assert meant in caught.value.mend
    assert "-p FOLDER" in caught.value.mend


def test_an_explanation_as_data_has_every_key() -> None:
    """The record of a word without facts has empty lists, so that a reader need not ask what is there."""
    made = explain("proxy").as_json("proxy")
    assert json.loads(json.dumps(made)) == made
    assert made["schema"] == "headway.explain/1"
    assert made["facts"] == made["parts"] == made["related"] == []
    assert made["record"] is None


HEAVY = ("numpy", "ibis", "duckdb", "pyarrow", "scipy", "sqlglot", "rich", "jinja2")
PROBE = """
import sys
from click.testing import CliRunner
from headway.cli.main import cli
done = CliRunner().invoke(cli, ["explain", sys.argv[1]])
assert done.exit_code == 0, done.output
print(",".join(name for name in sys.argv[2].split(",") if name in sys.modules))
"""


@pytest.mark.parametrize("word", ["HW429", "pilot.looks", "scale.value.effect", "proxy", "exit 4", "cost"])
def test_a_word_is_explained_without_a_heavy_package(word: str, tmp_path: Path) -> None:
    """Codes, fields, requirements and words need neither an engine nor statistics."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, word, ",".join(HEAVY)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
