"""``headway review``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.options import (
    as_of_option,
    coloured,
    emit,
    format_option,
    loaded,
    output_option,
    portfolio_argument,
    terminal_width,
)


@click.command("review")
@portfolio_argument
@format_option("table", "json", "markdown", "html")
@as_of_option
@output_option
@click.option(
    "--explain-queries", is_flag=True, help="Print each query that was sent, and the measures it served."
)
@click.option(
    "--strict", is_flag=True, help="End with 1 or 4 when a blocking requirement is not met anywhere."
)
def command(
    portfolio: Path, format: str, as_of: str | None, output: Path | None, explain_queries: bool, strict: bool
) -> None:
    """Review PORTFOLIO (default: this folder): read its sources once, judge every initiative.

    Exit status: 0, or 1 when a file is wrong; with --strict also 1 missed, 4 inconclusive or missing.
    """
    from headway.app.gate import EXITS
    from headway.app.review import review
    from headway.cli.progress import reading
    from headway.render.faces import draw

    found = loaded(portfolio, as_of)
    with reading() as progress:
        made = review(found, progress=progress)
    if explain_queries:
        for read in made.collected.reads:
            again = f", read {read.scans} times" if read.scans > 1 else ""
            click.echo(f"-- source {read.source}{again}; serves: {', '.join(read.serves)}\n{read.sql}\n")
        return
    emit(draw(made.as_json(), format, terminal_width(), colour=coloured() and output is None), output)
    sys.exit(1 if found.wrong else EXITS[made.enforced] if strict else 0)
