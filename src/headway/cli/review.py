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
    from_here,
    loaded,
    output_option,
    portfolio_argument,
    terminal_width,
    unknown_initiative,
    usage_fault,
)


@click.command("review")
@portfolio_argument
@format_option("table", "json", "markdown", "html", "sarif", "junit")
@as_of_option
@output_option
@click.option("--since", metavar="DATE|REV", help="Show what changed since a day or a Git revision.")
@click.option("--initiative", multiple=True, metavar="NAME", help="This one alone, in full; may be repeated.")
@click.option("--all", "full", is_flag=True, help="Every initiative, gap and finding in full.")
@click.option(
    "--explain-queries", is_flag=True, help="Print each query that was sent, and the measures it served."
)
@click.option(
    "--strict", is_flag=True, help="End with 1 or 4 when a blocking requirement is not met anywhere."
)
def command(
    portfolio: Path,
    format: str,
    as_of: str | None,
    output: Path | None,
    since: str | None,
    initiative: tuple[str, ...],
    full: bool,
    explain_queries: bool,
    strict: bool,
) -> None:
    """Review PORTFOLIO (default: this folder): read its sources once, judge every initiative.

    Exit status: 0, or 1 when a file is wrong; with --strict also 1 missed, 4 inconclusive or missing.
    """
    from headway.app.gate import EXITS
    from headway.app.review import review
    from headway.cli.progress import reading
    from headway.render.faces import Look, draw

    found = loaded(portfolio, as_of)
    for name in initiative:
        if found.portfolio is None or name not in found.portfolio.initiatives:
            raise unknown_initiative(found, name)
    with reading() as progress:
        made = review(found, only=initiative or None, progress=progress)
    if explain_queries:
        for read in made.collected.reads:
            again = f", read {read.scans} times" if read.scans > 1 else ""
            click.echo(f"-- source {read.source}{again}; serves: {', '.join(read.serves)}\n{read.sql}\n")
        return
    record = made.as_json()
    if since is not None:
        from headway.app.since import SinceFault, changes_since

        try:
            record["changes"] = changes_since(made, record, since)
        except SinceFault as fault:
            usage_fault(fault)
    look = Look(
        terminal_width(),
        coloured() and output is None,
        full=full,
        alone=bool(initiative),
        folder=from_here(portfolio),
    )
    emit(draw(record, format, look), output)
    sys.exit(1 if found.wrong else EXITS[made.enforced] if strict else 0)
