"""The published schema says what the reader says."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.unit.portfolio.conftest import SMALL

from headway.portfolio.kinds import MODELS
from headway.portfolio.schema import explain, schema
from headway.portfolio.yaml import read, to_plain

EXAMPLES = Path(__file__).parents[3] / "examples"
# Codes of faults that show in one document alone, so that an editor can underline them.
SEEN_BY_AN_EDITOR = {"HW103", "HW105"}
SOUND = [
    *SMALL.values(),
    (
        "initiative: a\nproblem: p\noutcome: o\naccountable: ann\nallow: [reason, {code: HW151, reason: r}]\n"
        "pilot: {design: clusters, source: s, arms: [a, b], metric: m, objective: {change: -10 %}}\n"
        "forecast: {line: l, per_year: [1 EUR, 2 EUR, 3 EUR]}\nclass: x\n"
    ),
    "component: gateway\ncapacity: {floor: 2}\n",
    "operating_model: harbour@2\nextends: standard@1\nset: {a.b: {mode: observe}}\nadd: [{id: x}]\n",
    "initiative: a\nstage_claimed: operating\n",
    "source: bill\nkind: focus\npath: bills/*.parquet\n",
]
DAMAGED = [
    "initiative: a\nstage: piloting\n",
    "outcom: a\n",
    "outcome: A b\n",
    "component: a\nzebra: 1\n",
    "headway: 2\n",
]


def documents(texts: list[str]) -> list[Any]:
    """The documents of some texts, as JSON."""
    return [to_plain(node) for text in texts for node in read(text.encode(), "f.yaml")[0]]


def test_the_schema_is_a_schema() -> None:
    """It is valid JSON Schema 2020-12, with one definition per kind."""
    Draft202012Validator.check_schema(schema())
    assert len(schema()["anyOf"]) == len(MODELS)


@pytest.mark.parametrize("document", documents(SOUND))
def test_what_the_reader_takes_the_schema_takes(document: Any) -> None:
    """An editor does not underline a sound document, long form or short."""
    Draft202012Validator(schema()).validate(document)


@pytest.mark.parametrize("document", documents(DAMAGED))
def test_what_the_reader_refuses_the_schema_refuses(document: Any) -> None:
    """An absent key, an unknown one and a wrong value are seen in the editor already."""
    assert not Draft202012Validator(schema()).is_valid(document)


def refused(file: Path) -> bool:
    """Whether the schema refuses a document of a file; what is no YAML is not asked about."""
    nodes, _ = read(file.read_bytes(), file.name)
    valid = Draft202012Validator(schema()).is_valid
    return not all(valid(to_plain(node)) for node in nodes)


def test_the_schema_takes_every_file_of_the_public_example() -> None:
    """Whatever `headway check` finds right, an editor does."""
    files = [*(EXAMPLES / "public-evidence").rglob("*.yaml")]
    assert len(files) > 10
    assert [file.name for file in files if "expected" not in file.parts and refused(file)] == []


@pytest.mark.parametrize("folder", sorted((EXAMPLES / "broken").iterdir()), ids=lambda f: f.name)
def test_what_the_schema_refuses_of_the_broken_examples_headway_refuses(folder: Path) -> None:
    """It refuses no file that headway takes, and it sees what can be seen in one document."""
    found = {file.name for file in folder.glob("*.yaml") if file.name != "case.yaml" and refused(file)}
    told = (folder / "expected.txt").read_text(encoding="utf-8")
    assert {name for name in found if f"{name}:" not in told} == set()
    assert found or folder.name not in SEEN_BY_AN_EDITOR


def test_numbers_and_flags_may_be_written_plainly() -> None:
    """An editor reads 240 as a number and yes as true; the schema takes both."""
    valid = Draft202012Validator(schema()).is_valid
    assert valid({"headway": 1, "portfolio": "a", "currency": "EUR", "time_zone": "UTC", "title": 7})
    assert valid({"outcome": "a", "line": "cost", "cashable": True})


def test_every_key_is_described() -> None:
    """`headway explain KEY` has something to say about each key of each kind."""
    bare = [
        f"{name}.{key}"
        for name, part in schema()["$defs"].items()
        for key, said in part.get("properties", {}).items()
        if not said.get("description")
    ]
    assert bare == []
    assert len(schema()["$defs"]) > 20


def test_a_key_is_explained_by_its_path() -> None:
    """Lists and free keys are passed through; a path to nowhere has no explanation."""
    found = explain("initiative", ("pilot", "guardrails", 0, "worse"))
    assert found
    assert (found.description, found.choices) == ("which direction is bad", ("up", "down"))
    people = explain("people", ("functions", "finance"))
    assert people
    assert people.keys == ("lead", "members")
    settings = explain("portfolio")
    assert settings
    assert "north_star" in settings.keys
    assert explain("initiative", ("pilot", "zebra", "x")) is None
    assert explain("zebra") is None
