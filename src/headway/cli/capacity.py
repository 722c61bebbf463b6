"""``headway capacity``."""

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
    loaded,
    output_option,
    portfolio_argument,
    terminal_width,
    unknown_component,
    unknown_initiative,
)

POLICIES = ("default", "load_weighted", "closed_loop", "percentile", "vpa_like", "peak")


@click.command("capacity")
@portfolio_argument
@click.option(
    "--initiative", metavar="NAME", multiple=True, shell_complete=initiatives, help="Only what it holds."
)
@click.option("--component", metavar="NAME", multiple=True, help="Only this component, whoever holds it.")
@click.option(
    "--policy", type=click.Choice(POLICIES), help="Size by this policy, not by each component's own."
)
@click.option("--observe", is_flag=True, help="Replay though history is too short, and advise nothing.")
@click.option("--full", is_flag=True, help="Every workload in the table.")
@format_option("table", "json", "html")
@as_of_option
@output_option
def command(
    portfolio: Path,
    initiative: tuple[str, ...],
    component: tuple[str, ...],
    policy: str | None,
    observe: bool,
    full: bool,
    format: str,
    as_of: str | None,
    output: Path | None,
) -> None:
    """Size PORTFOLIO (default: this folder) from its use: what is granted, needed and wasted.

    No advice without a replay on days it had not seen, and none on less history than one whole cycle.
    Exit status: 0 told, 1 a file or a source is wrong, 4 no use was seen.
    """
    from headway.app.capacity import Wanted, capacity
    from headway.app.capacity_record import record_of
    from headway.cli.progress import reading

    found = loaded(portfolio, as_of)
    known = found.portfolio
    for name in initiative:
        if known is None or name not in known.initiatives:
            raise unknown_initiative(found, name)
    for name in component:
        if known is None or name not in known.components:
            raise unknown_component(found, name)
    with reading() as progress:
        made = capacity(found, Wanted(initiative, component, observe, policy), progress)
    record = record_of(made)
    if format == "json":
        emit(as_text(record), output)
    elif format == "html":
        from headway.render.capacity_page import page

        emit(page(record), output)
    else:
        from headway.render.capacity import table

        emit(table(record, terminal_width(), colour=coloured() and output is None, full=full), output)
    sys.exit(1 if made.wrong else 0 if made.seen else 4)
