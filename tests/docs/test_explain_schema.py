"""What `headway explain` prints as data is what its schema says."""

import json
from pathlib import Path

import jsonschema
import pytest
from docs.console import run
from docs.schemas import schemas


@pytest.mark.parametrize(
    "what", ["HW101", "cost", "exit 4", "scale.value.effect", "reply-assistant/effect", "reply-assistant"]
)
def test_an_explanation_holds_to_its_schema(what: str, harbour: Path) -> None:
    """A code, several meanings, a requirement, evidence with its record, an initiative."""
    _, text = run(f"headway explain {what} --format json", harbour)
    made = json.loads(text)
    assert made["schema"] == "headway.explain/1"
    jsonschema.validate(made, schemas()["explain"], jsonschema.Draft202012Validator)
    assert (made["record"] is not None) == (made["kind"] == "evidence")
