"""Where the program starts: what it can say of itself is said at once, all else by `headway.cli.main`.

Importing the command line library takes twice as long as starting Python, so this file imports nothing that
Python has not imported by itself. Its answers are, letter by letter, those of the library; a test says so.
"""

from __future__ import annotations

import os
import sys

from headway import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

COMMANDS = {
    "init": "A new portfolio from five answers, or from a spreadsheet of initiatives.",
    "new": "A commented skeleton of an initiative, outcome, source or component.",
    "check": "Are the files right; is every initiative problem-first. No source is read.",
    "review": "The whole portfolio: effects, money, verdicts, what is missing and whose move it is.",
    "design": "What a pilot can tell by which week; registers its design before it begins.",
    "capacity": "What is granted, needed and wasted; right sizes by a replay on days not seen.",
    "applied": "Record that an advice on capacity was applied; its saving is held against its promise.",
    "gate": "May an initiative pass its next gate. The exit status says so.",
    "decide": "Record a person's decision in the ledger, pinned to the evidence it read.",
    "rollout": "Who starts when: the order of a rollout, drawn by lot and recorded before anybody starts.",
    "verify": "Is the ledger whole, and does every decision replay to its verdict.",
    "explain": "Where a number came from; what a code, a field, a requirement or a word means.",
    "doctor": "Does this machine, the portfolio and each source work; the YAML of the next source.",
    "migrate": "Rewrite files of an older format, and nothing else in them.",
    "purge": "What headway keeps on this machine to save time, and letting go of what is old.",
    "export": "Other people's formats: the JSON Schema of the portfolio files.",
    "completion": "The script that completes these words in bash, zsh or fish.",
}
ABOUT = (
    "Decide which AI initiatives may go on, by evidence.",
    "A portfolio is a folder of YAML files: make one with `headway init`, look at it with `headway review`.",
)
_OPTIONS = {"--version": "Show the version and exit.", "-h, --help": "Show this message and exit."}
_NOTHING_ASKED = 2
_WIDEST, _NARROWEST, _MARGIN, _INDENT = 80, 50, 2, "  "


def main() -> None:
    """Run the command line."""
    words = sys.argv[1:]
    said = answer(words) if "_HEADWAY_COMPLETE" not in os.environ else None
    if said is None or not _shown(said, sys.stdout if words else sys.stderr):
        from headway.cli.main import main as run

        run()
    sys.exit(0 if words else _NOTHING_ASKED)


def answer(words: list[str]) -> str | None:
    """What the program says of itself, where that is all it is asked for."""
    if words == ["--version"]:
        return f"headway, version {__version__}"
    if words in ([], ["--help"], ["-h"]):
        return help_text(_columns())
    return None


def _shown(text: str, stream: TextIO) -> bool:
    """Whether the text could be written; who reads may have gone away."""
    try:
        print(text, file=stream, flush=True)
    except OSError:
        return False
    return True


def help_text(columns: int) -> str:
    """The help of the whole program on a terminal of so many columns."""
    width = max(min(columns, _WIDEST) - _MARGIN, _NARROWEST)
    lines = ["Usage: headway [OPTIONS] COMMAND [ARGS]..."]
    for paragraph in ABOUT:
        lines += ["", *(_INDENT + line for line in _wrapped(paragraph, width - len(_INDENT)))]
    for title, table in (("Options", _OPTIONS), ("Commands", COMMANDS)):
        lines += ["", f"{title}:", *_table(table, width)]
    return "\n".join(lines)


def _table(table: dict[str, str], width: int) -> list[str]:
    first = max(map(len, table)) + 2
    lines = []
    for word, meaning in table.items():
        head, *rest = _wrapped(meaning, width - first - len(_INDENT))
        lines += [f"{_INDENT}{word:<{first}}{head}", *(f"{_INDENT}{'':<{first}}{line}" for line in rest)]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _columns() -> int:
    """COLUMNS, else those of the terminal, else 80; as the standard library says it."""
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and int(named) > 0:
        return int(named)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else -1).columns or _WIDEST
    except (OSError, ValueError):
        return _WIDEST
