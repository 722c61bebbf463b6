"""``headway doctor``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.options import (
    as_text,
    coloured,
    emit,
    format_option,
    output_option,
    portfolio_argument,
    terminal_width,
    usage_fault,
)


@click.command("doctor")
@portfolio_argument
@click.option(
    "--source",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Look at a file's columns and write the source that binds it.",
)
@format_option("table", "json")
@output_option
def command(portfolio: Path, file: Path | None, format: str, output: Path | None) -> None:
    """Examine this machine, PORTFOLIO (default: this folder) and each of its sources; say what to bind next.

    Exit status: 0 well, 1 something to mend; warnings move none. The value of a variable is never shown.
    """
    from headway.app.doctor import doctor
    from headway.cli.progress import reading
    from headway.kernel.errors import SourceFault

    with reading() as progress:
        try:
            found = doctor(portfolio, file, progress)
        except SourceFault as fault:
            usage_fault(fault)
    record = found.as_json()
    if format == "json":
        emit(as_text(record), output)
    else:
        from headway.render.doctor import table

        emit(table(record, terminal_width(), colour=coloured() and output is None), output)
    sys.exit(0 if found.well else 1)
