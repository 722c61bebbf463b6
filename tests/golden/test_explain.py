"""What `headway explain` says of the example portfolio is committed, word for word.

`HEADWAY_REWRITE=1 pytest tests/golden` writes the expected files anew; read the difference before committing.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headway.app.explain.explanation import WORDS
from headway.cli.main import cli
from headway.kernel.codes import CODES

EXAMPLE = Path(__file__).parents[2] / "examples" / "public-evidence"
EXPECTED = Path(__file__).parent / "explain"
BROKEN = Path(__file__).parents[2] / "examples" / "broken"
REWRITE = os.environ.get("HEADWAY_REWRITE") == "1"
EFFECT = "online-experiment/effect/metric_1"
# Engines name a file's table by where it lies.
_TABLE = re.compile(r"source_[0-9a-f]{16}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose sources were read once, so that every answer is remembered."""
    here = tmp_path_factory.mktemp("golden") / "public-evidence"
    shutil.copytree(EXAMPLE, here, ignore=shutil.ignore_patterns(".headway", "expected"))
    explained(here, EFFECT)
    return here


def explained(folder: Path, what: str, *words: str, width: int = 100) -> str:
    """What is printed of a word."""
    done = asked(folder, what, *words, width=width)
    assert done.exit_code == 0, done.output
    return done.stdout


def asked(folder: Path, what: str, *words: str, width: int = 100) -> Result:
    """A run of the command."""
    environment = {"COLUMNS": str(width)}
    return CliRunner().invoke(cli, ["explain", what, "-p", str(folder), *words], env=environment)


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("requirement.txt", "scale.value.effect"),
        ("evidence.txt", EFFECT),
        ("bill.txt", "totals/bill/USD"),
        ("initiative.txt", "coding-assistant"),
        ("person.txt", "controller"),
    ],
)
def test_an_explanation_reads_as_committed(folder: Path, file: str, what: str) -> None:
    """A requirement, evidence, a total, an initiative and a seat, on a terminal of 100 columns."""
    text = _TABLE.sub("source_TABLE", explained(folder, what))
    if REWRITE:
        EXPECTED.mkdir(exist_ok=True)
        (EXPECTED / file).write_text(text, encoding="utf-8")
    assert text == (EXPECTED / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("what", ["scale.value.effect", "coding-assistant", "controller", "147,013"])
def test_prose_is_as_narrow_as_the_terminal(folder: Path, what: str, width: int) -> None:
    """Nothing but a query, or a word that cannot be broken, is wider."""
    for line in explained(folder, what, width=width).partition("\nQuery ")[0].splitlines():
        assert len(line) <= width or len(line.split()) == 1, line


def test_a_number_of_the_report_leads_to_its_evidence(folder: Path) -> None:
    """As printed, by its address, by its id or the beginning of it: the same piece of evidence."""
    record = json.loads(explained(folder, "coding-assistant/effect", "--format", "json"))["record"]
    assert record["estimate"]["value"] == pytest.approx(0.188)
    for word in ("+18.8 %", record["id"], record["id"][:8]):
        assert json.loads(explained(folder, word, "--format", "json"))["record"]["id"] == record["id"]


def test_a_number_printed_for_several_things_lists_their_addresses(folder: Path) -> None:
    """1 % is an objective and more; each can be asked for by its address."""
    told = json.loads(explained(folder, "10 %", "--format", "json"))
    assert told["kind"] == "several"
    assert "maths-tutor/objective" in told["related"]
    assert "promised" in explained(folder, "maths-tutor/objective")


def test_a_number_that_is_printed_nowhere_is_not_found(folder: Path) -> None:
    """Neither another digit nor another sign leads to a number."""
    for word in ("18.9 %", "−18.8 %", "147,014"):
        assert asked(folder, word).exit_code == 2


def test_a_remembered_read_keeps_its_query(folder: Path) -> None:
    """The query is told, though no source is read a second time."""
    text = explained(folder, EFFECT)
    assert "its answer is remembered" in text
    assert "SELECT" in text
    assert "digest: " in text


def test_a_total_adds_up_to_the_last_digit_before_the_readers_eyes(folder: Path) -> None:
    """Parts, remainder and sum of the bill stand beside each other."""
    text = explained(folder, "totals/bill/USD")
    assert "together, to the last digit: 5,129.271885 USD" in text


def test_a_requirement_that_was_dropped_says_where_and_how_it_comes_back(folder: Path) -> None:
    """The line in the file, and the command."""
    text = explained(folder, "scale.spend.reconciled")
    assert "dropped (portfolio.yaml:16:10)" in text
    assert "headway gate --adopt" in text


def test_a_requirement_of_another_model_names_the_command_that_adopts_it(folder: Path) -> None:
    """One that can be judged is adopted; one that waits cannot be."""
    held = explained(folder, "operate.value.effect", width=140)
    assert "headway gate --adopt operate.value.effect --write" in held
    assert "cannot be taken over yet" in explained(folder, "operate.data.drift", width=140)


def test_markdown_escapes_what_would_be_read_as_markup(folder: Path) -> None:
    """A metric in brackets stays one, and a query is fenced."""
    text = explained(folder, "maths-tutor/effect/exam_grade[base]", "--format", "markdown")
    assert text.startswith("## maths-tutor: exam grade \\[base\\]")
    assert "```text\nSELECT" in explained(folder, EFFECT, "--format", "markdown")


def test_a_word_that_is_not_there_names_the_nearest_of_the_portfolio(folder: Path) -> None:
    """Names of the portfolio are among them; the command ends with 2."""
    done = asked(folder, "coding-asistant")
    assert done.exit_code == 2
    assert "coding-assistant" in done.stderr


def test_without_a_portfolio_that_can_be_read_general_words_are_still_explained(tmp_path: Path) -> None:
    """A broken portfolio hides no code; what only it knows is not found, and why is said."""
    (tmp_path / "portfolio.yaml").write_text("headway: [\n")
    assert "is not YAML" in explained(tmp_path, "HW101")
    assert "headway check" in asked(tmp_path, "no-such-thing").stderr


def test_an_unreadable_moment_is_a_fault_of_the_command_line(folder: Path) -> None:
    """--as-of is read before a source is."""
    done = asked(folder, "coding-assistant", "--as-of", "soon")
    assert done.exit_code == 2
    assert "--as-of" in done.stderr


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("outcome issues-settled-sooner", "coding-assistant"),
        ("engineering-cost", "line of the P&L"),
        ("gpu-bill", "What rests on it"),
        ("person controller", "What waits for them"),
        ("Controller (invented)", "finance"),
        ("coverage/declared/USD", "online-experiment: 216,000.00 USD"),
        ("coverage/metered/USD", "Source gpu-bill"),
        ("moves/1/waiting_per_week", "week of waiting"),
        ("4984.87 USD", "image-generation"),
        ("value.srm", "missing"),
    ],
)
def test_whatever_the_portfolio_names_is_explained(folder: Path, what: str, told: str) -> None:
    """With its kind in front or without."""
    assert told in explained(folder, what, width=140)


def test_a_name_behind_the_wrong_kind_is_not_found(folder: Path) -> None:
    """A source of that name there is; an initiative there is not."""
    assert asked(folder, "initiative gpu-bill").exit_code == 2


@pytest.mark.parametrize(
    ("start", "told"), [("2026-03-01", "observed from 2026-03-01"), ("2026-06-01", "not yet: adopted from")]
)
def test_an_adopted_requirement_tells_its_days(folder: Path, tmp_path: Path, start: str, told: str) -> None:
    """From which day it is how strict, and the line that says so."""
    here = tmp_path / "copy"
    shutil.copytree(folder, here)
    file = here / "portfolio.yaml"
    adopted = f"  adopt: [{{row: operate.value.effect, from: standard@1, observe: {start}}}]\n"
    file.write_text(file.read_text(encoding="utf-8") + adopted, encoding="utf-8")
    assert told in explained(here, "operate.value.effect", width=140)


def shown(code: str) -> str:
    """The first finding with a code in what its example prints, the indented lines below it included."""
    lines = (BROKEN / code / "expected.txt").read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if code in line)
    below = itertools.takewhile(lambda line: line.startswith("  "), lines[at + 1 :])
    return "\n".join((lines[at], *below))


def test_what_a_code_prints_is_what_its_example_prints() -> None:
    """The shipped lines of every code are those of the committed example."""
    file = WORDS / "examples.yaml"
    head = (
        "# What headway prints for the example of each code in examples/broken: read by `headway explain`.\n"
    )
    text = head + "".join(
        f"{code}: {json.dumps(shown(code), ensure_ascii=False)}\n" for code in sorted(CODES)
    )
    if REWRITE:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text
