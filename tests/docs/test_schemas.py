"""What commands print with `--format json` is what the committed schemas say."""

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from docs.console import ROOT, run
from docs.generate import SCHEMAS

BROKEN = ROOT / "examples" / "broken"
NAMES = ("check", "decide", "doctor", "explain", "gate", "review", "verify")


def schema(name: str) -> Any:
    """A committed schema."""
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def printed(command: str, folder: Path) -> Any:
    """The JSON that a command prints."""
    _, text = run(f"{command} --format json", folder)
    return json.loads(text)


def holds(command: str, folder: Path) -> Any:
    """Run a command and hold its output to the schema that it names."""
    made = printed(command, folder)
    name, _, version = made["schema"].removeprefix("headway.").partition("/")
    assert version == "1"
    jsonschema.validate(made, schema(name), jsonschema.Draft202012Validator)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_schema_is_a_schema(name: str) -> None:
    """Each is JSON Schema 2020-12, bears the name of its record, and every field says what it means."""
    made = schema(name)
    jsonschema.Draft202012Validator.check_schema(made)
    assert made["title"] == f"headway.{name}/1"
    forms = [*made.get("oneOf", [made]), *made["$defs"].values()] if "$defs" in made else made["oneOf"]
    mute = [
        field
        for form in forms
        for field, body in form["properties"].items()
        if not ({"description", "$ref", "const"} & set(body))
    ]
    assert mute == []


def test_the_outputs_of_one_portfolio_hold_to_their_schemas(harbour: Path) -> None:
    """Every command on the tutorial's portfolio, with a decision recorded and one refused."""
    assert holds("headway review", harbour)["initiatives"][0]["evidence"]
    assert holds("headway check", harbour)["errors"] == 0
    assert holds("headway gate reply-assistant", harbour)["verdict"]["state"] == "met"
    assert holds("headway decide reply-assistant hold --as p-042 --comment wait", harbour)["recorded"]
    assert not holds("headway decide reply-assistant hold --as p-042", harbour)["recorded"]
    assert holds("headway verify", harbour)["replayed"] == 2
    asked = (
        "HW429",
        "looks",
        "scale.value.effect",
        "reply-assistant",
        "reply-assistant/effect/hours",
        "title",
    )
    assert all(holds(f"headway explain {what}", harbour)["title"] for what in asked)
    assert holds("headway purge", harbour)["gone"] is False
    assert holds("headway migrate", harbour)["changes"] == []
    assert holds("headway doctor", harbour)["sources"]
    assert holds("headway doctor --source data/pilot.csv", harbour)["next"]["fact"] == "unit"
    (harbour / "ledger.head").unlink()
    assert holds("headway verify", harbour)["diagnostics"]


def test_a_review_with_findings_holds_to_its_schema(harbour: Path) -> None:
    """A source that is gone leaves `missing` and a finding, in the same record."""
    (harbour / "data" / "pilot.csv").unlink()
    made = holds("headway review", harbour)
    assert made["diagnostics"]
    assert "source_failed" in {m["reason"] for m in made["initiatives"][0]["missing"]}


def test_the_review_of_the_public_example_holds_to_its_schema(tmp_path: Path) -> None:
    """Seven initiatives, published and measured, with bills, use and a warning."""
    kept = shutil.ignore_patterns(".headway", "ledger.head")
    folder = Path(shutil.copytree(ROOT / "examples" / "public-evidence", tmp_path / "example", ignore=kept))
    assert len(holds("headway review", folder)["initiatives"]) == 8


def test_a_review_with_changes_holds_to_its_schema(harbour: Path) -> None:
    """Before the pilot's end nothing was measured: an effect and a flipped requirement are in `changes`."""
    found = holds("headway review --since 2026-01-15", harbour)["changes"]
    assert found["effects"]
    assert found["requirements"]


IN_FILES = sorted(f.name for f in BROKEN.glob("HW[12]*") if not (f / "case.yaml").exists())


@pytest.mark.parametrize("code", IN_FILES)
def test_the_check_of_a_broken_portfolio_holds_to_its_schema(code: str, tmp_path: Path) -> None:
    """Findings have one form, whatever they find."""
    folder = Path(shutil.copytree(BROKEN / code, tmp_path / code))
    assert code in {found["code"] for found in holds("headway check", folder)["diagnostics"]}
