"""Each verdict on an effect is one plain sentence, the same in JSON, on the page and in the terminal.

`HEADWAY_REWRITE=1 pytest tests/golden` writes the expected file anew; read the difference before committing.
"""

from __future__ import annotations

import json
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.unit.small import INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO

from headway.cli.main import cli

EXPECTED = Path(__file__).parent / "sentences.txt"
EXAMPLE = Path(__file__).parents[2] / "examples" / "public-evidence"
REWRITE = os.environ.get("HEADWAY_REWRITE") == "1"
SOURCE = "source: units\nkind: file\npath: sums.csv\nfact: unit\nsummed: yes\n"
PILOT = """\
design: randomised
source: units
arms: {control: 50 %, treated: 50 %}
unit: call
metric: y
objective: {change: "-0.5", scale: absolute}
dates: {starts: 2026-01-01, ends: 2026-03-01}
registered: {where: osf.io, id: abc, on: 2025-12-01}
"""
DAILY = PILOT + "looks: daily\nplan: {units: 2000}\n"
THREE = PILOT.replace("{control: 50 %, treated: 50 %}", "[control, treated, other]")
GUARDED = (
    PILOT + "guardrails: [{metric: x, worse: up, margin: {relative: 0.1}}, "
    "{metric: z, worse: up, margin: {relative: 0.1}}]\n"
)
OPEN = "cumulative: yes\n"

# What is tried: pilot, rows as (arm, metric, n, mean) with a variance of 4 each, and lines for the source.
Rows = list[tuple[str, str, int, float]]
CASES: dict[str, tuple[str, Rows, str]] = {
    "beyond": (DAILY, [("control", "y", 1000, 10.0), ("treated", "y", 1000, 9.0)], ""),
    "moved": (PILOT, [("control", "y", 1000, 10.0), ("treated", "y", 1000, 9.6)], ""),
    "short": (PILOT, [("control", "y", 1000, 10.0), ("treated", "y", 1000, 9.9)], ""),
    "wrong": (PILOT, [("control", "y", 1000, 10.0), ("treated", "y", 1000, 11.0)], ""),
    "undecided": (PILOT, [("control", "y", 200, 10.0), ("treated", "y", 200, 9.7)], ""),
    "proxy": (
        PILOT + "proxies: [x]\n",
        [("control", "y", 200, 10.0), ("treated", "y", 200, 10.1), ("control", "x", 200, 10.0),
         ("treated", "x", 200, 8.0)],
        "",
    ),
    "not measurable": (PILOT, [("control", "y", 5210, 10.0), ("treated", "y", 4290, 9.0)], ""),
    "guardrails": (
        GUARDED,
        [("control", "y", 1000, 10.0), ("treated", "y", 1000, 9.0), ("control", "x", 1000, 10.0),
         ("treated", "x", 1000, 10.1), ("control", "z", 1000, 10.0), ("treated", "z", 1000, 10.1)],
        "",
    ),
    "approaches": (
        THREE, [("control", "y", 500, 10.0), ("treated", "y", 500, 9.0), ("other", "y", 500, 9.7)], ""
    ),
    "open-ended": (DAILY, [("control", "y", 1000, 10.0), ("treated", "y", 1000, 9.0)], OPEN),
}  # fmt: skip


def portfolio(folder: Path, pilot: str, rows: Rows, more: str) -> Path:
    """The files of one case."""
    block = "pilot:\n" + "".join(f"  {line}\n" for line in pilot.splitlines())
    texts = {
        "portfolio.yaml": PORTFOLIO,
        "people.yaml": PEOPLE,
        "outcome.yaml": OUTCOME,
        "initiative.yaml": INITIATIVE + block,
        "source.yaml": SOURCE + more,
        "sums.csv": "closed_at,variant,metric,n,sum_x,sum_xx\n"
        + "".join(
            f"2026-02-20,{arm},{metric},{n},{n * mean},{(n - 1) * 4 + n * mean * mean}\n"
            for arm, metric, n, mean in rows
        ),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def face(folder: Path, *words: str) -> str:
    """What a command prints on a terminal of 100 columns, blanks and no-break blanks as one blank."""
    done = CliRunner().invoke(cli, ["review", str(folder), *words], env={"COLUMNS": "100"})
    assert done.exit_code in (0, 1), done.output
    return done.stdout


def blank(text: str) -> str:
    """Words without tags, blanks joined."""
    return re.sub(r"[\s\u00a0]+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def said(record: Any) -> list[str]:
    """All that a record says of an effect: its sentences, or why there is none."""
    one = record["initiatives"][0]
    told = [e["sentence"] for e in one["evidence"] if e["measure"] == "effect"]
    told += [m["why"] for m in one["missing"] if m["measure"] == "effect"]
    return told + [d["what"] for d in record["diagnostics"] if d["code"] in ("HW409", "HW429")]


def test_each_verdict_has_its_sentence(tmp_path: Path) -> None:
    """Number, interval, how it was looked at, n, grade: word for word."""
    lines = []
    for name, case in CASES.items():
        (tmp_path / name).mkdir()
        record = json.loads(face(portfolio(tmp_path / name, *case), "--format", "json"))
        lines += [f"{name}: {sentence}" for sentence in said(record)]
    text = "\n".join(lines) + "\n"
    if REWRITE:
        EXPECTED.write_text(text, encoding="utf-8")
    assert text == EXPECTED.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(CASES))
def test_the_page_and_the_terminal_say_the_same(tmp_path: Path, name: str) -> None:
    """Every sentence of the outcome stands on the page; the terminal has the first in full."""
    folder = portfolio(tmp_path, *CASES[name])
    record = json.loads(face(folder, "--format", "json"))
    one = record["initiatives"][0]
    outcome = [e["sentence"] for e in one["evidence"] if e["estimate"]["detail"].get("role") == "outcome"]
    outcome += [m["why"] for m in one["missing"] if m["metric"] == "y"]
    page = blank(face(folder, "--format", "html"))
    terminal = blank(face(folder, "--initiative", "trial"))
    assert all(blank(sentence) in page for sentence in outcome)
    assert blank(outcome[0]) in terminal


@pytest.mark.parametrize("form", ["table", "json", "html", "markdown"])
def test_neither_significant_nor_a_bare_p_is_ever_printed(form: str) -> None:
    """Over everything that is rendered of the example."""
    text = blank(face(EXAMPLE, "--format", form, *(["--all"] if form == "table" else [])))
    assert not re.search(r"\bsignifican\w*", text, re.IGNORECASE)
    assert not re.search(r"\bp\s*(?:[<=>≤≥]|-?value\b)\s*", text, re.IGNORECASE)
