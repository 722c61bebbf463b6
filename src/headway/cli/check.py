"""``headway check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli.options import (
    as_of_option,
    as_text,
    emit,
    findings,
    format_option,
    from_here,
    output_option,
    portfolio_argument,
)

if TYPE_CHECKING:
    from headway.app.check import Findings


@click.command("check")
@portfolio_argument
@format_option("table", "json", "sarif", "junit", "markdown")
@as_of_option
@output_option
def command(portfolio: Path, format: str, as_of: str | None, output: Path | None) -> None:
    """Check the files of PORTFOLIO (default: this folder); all faults are shown in one run.

    Exit status: 0 no error, 1 a file is wrong.
    """
    found = findings(portfolio, as_of)
    emit(found.text() if format == "table" else _drawn(found, format, from_here(portfolio)), output)
    sys.exit(1 if found.wrong else 0)


def _drawn(found: Findings, format: str, folder: str) -> str:
    record = found.as_json()
    if format == "json":
        return as_text(record)
    from headway.render import findings as markdown
    from headway.render import junit, sarif

    if format == "sarif":
        return sarif.check(record, folder)
    return junit.check(record, folder) if format == "junit" else markdown.markdown(record)
