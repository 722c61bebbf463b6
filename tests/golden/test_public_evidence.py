"""The example portfolio gives the review that is committed beside it.

`HEADWAY_REWRITE=1 pytest tests/golden` writes the expected files anew; read the difference before committing.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from headway.cli.main import cli

EXAMPLE = Path(__file__).parents[2] / "examples" / "public-evidence"
EXPECTED = EXAMPLE / "expected"
REWRITE = os.environ.get("HEADWAY_REWRITE") == "1"
# Engines and threads may differ in the thirteenth digit; a draw's quantile is shown to the cent.
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that a run leaves nothing in the checkout."""
    here = tmp_path_factory.mktemp("golden") / "public-evidence"
    shutil.copytree(EXAMPLE, here, ignore=shutil.ignore_patterns(".headway", "expected"))
    return here


def output(folder: Path, *words: str) -> str:
    """What a command prints on a terminal of 100 columns."""
    done = CliRunner().invoke(cli, [*words, str(folder)], env={"COLUMNS": "100"})
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_files_of_the_example_are_sound(folder: Path) -> None:
    """Nothing to mend: an example is what users copy."""
    assert output(folder, "check").splitlines()[-1].startswith("0 errors, 0 warnings")


@pytest.mark.parametrize("face", ["table", "markdown"])
def test_the_review_reads_as_committed(folder: Path, face: str) -> None:
    """Word for word, in the terminal and as a comment."""
    text = output(folder, "review", "--format", face)
    file = EXPECTED / {"table": "review.txt", "markdown": "review.md"}[face]
    if REWRITE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_the_review_as_data_is_as_committed(folder: Path) -> None:
    """Every number to nine digits, every word exactly; only the moment of the run differs."""
    record = json.loads(output(folder, "review", "--format", "json"))
    for initiative in record["initiatives"]:
        for evidence in initiative["evidence"]:
            del evidence["received_at"]
    file = EXPECTED / "review.json"
    if REWRITE:
        file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert list(_differences(json.loads(file.read_text(encoding="utf-8")), record, "review")) == []


def test_money_adds_up_to_the_last_digit(folder: Path) -> None:
    """The priced tokens are the sums of the list's prices, exactly; the rest is unallocated, and shown."""
    bill = json.loads(output(folder, "review", "--format", "json"))["totals"]["bill"]["USD"]
    assert bill["initiatives"]["llm-chat"] == "96.791325"
    assert bill["unallocated"] == "47.608895"


def test_what_the_studies_say_is_what_they_said(folder: Path) -> None:
    """The coding study misses its objective, the tutor's practice grade does not speak for its exam."""
    record = json.loads(output(folder, "review", "--format", "json"))
    states = {i["name"]: {r["id"]: r["state"] for r in i["requirements"]} for i in record["initiatives"]}
    assert states["coding-assistant"]["scale.value.effect"] == "missed"
    assert states["assistant-study"]["scale.value.effect"] == "inconclusive"
    assert states["online-experiment"]["scale.value.srm"] == "met"
    assert states["online-experiment"]["scale.value.effect"] == "missing"
    # The shop looked daily at a metric that goes on growing, and published no registration: both are told.
    assert {d["code"] for d in record["diagnostics"]} == {"HW400", "HW409", "HW429"}


def _differences(expected: Any, found: Any, at: str) -> Any:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key not in expected or key not in found:
                yield f"{at}.{key} is only on one side"
            else:
                yield from _differences(expected[key], found[key], f"{at}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for n, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(one, other, f"{at}[{n}]")
    elif isinstance(expected, float) and isinstance(found, int | float):
        if not math.isclose(expected, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{at}: {expected} became {found}"
    elif expected != found:
        yield f"{at}: {expected!r} became {found!r}"
