"""``headway applied``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.options import (
    as_text,
    emit,
    format_option,
    head_name,
    loaded,
    output_option,
    portfolio_option,
    unknown_component,
)


@click.command("applied")
@click.argument("workload", nargs=-1, required=True)
@click.option("--resource", metavar="NAME", help="Only this resource; default: all that are advised on.")
@click.option("--component", metavar="NAME", help="The component that the workloads belong to.")
@click.option("--grant", type=click.FloatRange(min=0), help="What was granted, if not what is advised now.")
@click.option("--by", default="headway", show_default=True, help="Who advised it: krr, vpa, a person.")
@click.option("--randomised", is_flag=True, help="The workloads were drawn by lot.")
@click.option(
    "--as", "actor", metavar="PERSON", help="Who says so: an id in people.yaml; default: Git's user.email."
)
@portfolio_option
@format_option("table", "json")
@output_option
def command(
    workload: tuple[str, ...],
    resource: str | None,
    component: str | None,
    grant: float | None,
    by: str,
    randomised: bool,
    actor: str | None,
    portfolio: Path,
    format: str,
    output: Path | None,
) -> None:
    """Record that the advice on WORKLOAD was applied: what it saves is then held against its promise.

    Exit status: 0 recorded, 1 refused or a file is wrong, 3 the ledger did not take it.
    """
    from headway.app.applied import Wanted, record_applied
    from headway.render.applied import table

    found = loaded(portfolio, None)
    if found.wrong:
        click.echo(found.text(), err=True)
        sys.exit(1)
    if component and found.portfolio and component not in found.portfolio.components:
        raise unknown_component(found, component)
    made = record_applied(found, Wanted(workload, resource, component, grant, by, randomised, actor))
    record = made.as_json()
    emit(as_text(record) if format == "json" else table(record, head_name(found)), output)
    sys.exit(1 if made.refused else 0)
