"""``headway gate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli.complete import initiatives
from headway.cli.options import (
    as_of_option,
    as_text,
    coloured,
    emit,
    format_option,
    from_here,
    loaded,
    output_option,
    portfolio_option,
    terminal_width,
    unknown_initiative,
)

if TYPE_CHECKING:
    from headway.app.adopt import Comparison
    from headway.app.check import Checked


@click.command("gate")
@click.argument("initiative", required=False, shell_complete=initiatives)
@portfolio_option
@format_option("table", "json", "markdown", "junit", "sarif")
@as_of_option
@output_option
@click.option("--adopt", "rows", metavar="ROW", multiple=True, help="Show what adopting this row would flip.")
@click.option("--rules", metavar="MODEL", help="Show what another operating model would flip.")
@click.option("--dry-run/--write", default=True, help="With --adopt: only show it (default), or write it.")
def command(
    initiative: str | None,
    portfolio: Path,
    format: str,
    as_of: str | None,
    output: Path | None,
    rows: tuple[str, ...],
    rules: str | None,
    dry_run: bool,
) -> None:
    """Judge INITIATIVE at its next gate; or, with --adopt or --rules, all of them under other rules.

    ROW is the id of a requirement of standard@1, or MODEL:ID. Exit status: 0 met, 1 missed (or a file is
    wrong), 4 inconclusive or missing; only requirements in mode block count. With --adopt or --rules: 0, or
    1 where that cannot be had.
    """
    if sum((bool(initiative), bool(rows), bool(rules))) != 1:
        raise click.UsageError("give one of: an INITIATIVE, --adopt ROW, --rules MODEL")
    if not (dry_run or rows):
        raise click.UsageError("--write goes with --adopt")
    if not initiative and format in {"junit", "sarif"}:
        raise click.UsageError(f"--format {format} goes with an INITIATIVE")
    found = loaded(portfolio, as_of)
    if initiative:
        _judge(found, initiative, format, output, from_here(portfolio))
    else:
        _compare(found, rows, rules, format, output, write=not dry_run)


def _judge(found: Checked, initiative: str, format: str, output: Path | None, folder: str) -> None:
    from headway.app.gate import EXITS, gate, gate_json
    from headway.render import junit, sarif
    from headway.render.verdict import markdown, table

    try:
        made, reviewed = gate(found, initiative)
    except KeyError:
        raise unknown_initiative(found, initiative) from None
    verdict = reviewed.verdict
    record = gate_json(made, verdict)
    draw = {
        "json": lambda: as_text(record),
        "markdown": lambda: markdown(record),
        "junit": lambda: junit.gate(record, folder),
        "sarif": lambda: sarif.gate(record, folder),
        "table": lambda: table(record, terminal_width(), colour=coloured() and output is None),
    }
    emit(draw[format](), output)
    sys.exit(1 if found.wrong else EXITS[verdict.enforced] if verdict else 0)


def _compare(
    found: Checked, rows: tuple[str, ...], rules: str | None, format: str, output: Path | None, *, write: bool
) -> None:
    from headway.app.adopt import adopt, under
    from headway.render.adopt import markdown, table

    made = under(found, rules) if rules else adopt(found, rows)
    written = write and _written(made)
    record = made.as_json(written=written)
    draw = {
        "json": lambda: as_text(record),
        "markdown": lambda: markdown(record),
        "table": lambda: table(record, terminal_width(), colour=coloured() and output is None),
    }
    emit(draw[format](), output)
    sys.exit(1 if made.refused else 0)


def _written(made: Comparison) -> bool:
    from headway.app.adopt import write

    try:
        return write(made)
    except OSError as error:
        raise click.FileError(str(error.filename), hint=error.strerror or str(error)) from error
