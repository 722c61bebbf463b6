"""``headway gate``."""

from __future__ import annotations

import sys
from pathlib import Path

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


@click.command("gate")
@click.argument("initiative", shell_complete=initiatives)
@portfolio_option
@format_option("table", "json", "markdown", "junit", "sarif")
@as_of_option
@output_option
def command(initiative: str, portfolio: Path, format: str, as_of: str | None, output: Path | None) -> None:
    """Judge INITIATIVE at its next gate.

    Exit status: 0 met, 1 missed (or a file is wrong), 4 inconclusive or missing; only requirements in mode
    block count.
    """
    from headway.app.gate import EXITS, gate, gate_json
    from headway.render import junit, sarif
    from headway.render.verdict import markdown, table

    found = loaded(portfolio, as_of)
    try:
        made, reviewed = gate(found, initiative)
    except KeyError:
        raise unknown_initiative(found, initiative) from None
    verdict = reviewed.verdict
    record = gate_json(made, verdict)
    draw = {
        "json": lambda: as_text(record),
        "markdown": lambda: markdown(record),
        "junit": lambda: junit.gate(record, from_here(portfolio)),
        "sarif": lambda: sarif.gate(record, from_here(portfolio)),
        "table": lambda: table(record, terminal_width(), colour=coloured() and output is None),
    }
    emit(draw[format](), output)
    sys.exit(1 if found.wrong else EXITS[verdict.enforced] if verdict else 0)
