"""``headway check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.options import (
    as_of_option,
    as_text,
    checked,
    emit,
    format_option,
    output_option,
    portfolio_argument,
)


@click.command("check")
@portfolio_argument
@format_option("table", "json")
@as_of_option
@output_option
def command(portfolio: Path, format: str, as_of: str | None, output: Path | None) -> None:
    """Check the files of PORTFOLIO (default: this folder); all faults are shown in one run.

    Exit status: 0 no error, 1 a file is wrong.
    """
    found = checked(portfolio, as_of)
    emit(as_text(found.as_json()) if format == "json" else found.text(), output)
    sys.exit(1 if found.wrong else 0)
