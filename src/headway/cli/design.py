"""``headway design``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.complete import initiatives
from headway.cli.options import (
    as_of_option,
    as_text,
    emit,
    format_option,
    head_name,
    loaded,
    output_option,
    portfolio_option,
    terminal_width,
    unknown_initiative,
)


@click.command("design")
@click.argument("initiative", shell_complete=initiatives)
@click.option("--register", is_flag=True, help="Freeze the design in the ledger, before its first exposure.")
@click.option(
    "--as", "actor", metavar="PERSON", help="Who registers: an id in people.yaml; default: Git's user.email."
)
@portfolio_option
@format_option("table", "json", "markdown")
@as_of_option
@output_option
def command(
    initiative: str,
    register: bool,
    actor: str | None,
    portfolio: Path,
    format: str,
    as_of: str | None,
    output: Path | None,
) -> None:
    """Show what the pilot of INITIATIVE will be able to tell by which week, and register its design.

    Exit status: 0 shown or registered, 1 refused or a file is wrong, 3 the ledger did not take it.
    """
    from headway.app.design import design, register_design
    from headway.render.design import markdown, table

    if actor and not register:
        raise click.UsageError("--as goes with --register")
    found = loaded(portfolio, as_of)
    if found.wrong:
        click.echo(found.text(), err=True)
        sys.exit(1)
    try:
        made = register_design(found, initiative, actor) if register else design(found, initiative)
    except KeyError:
        raise unknown_initiative(found, initiative) from None
    record = made.as_json()
    draw = {
        "json": lambda: as_text(record),
        "markdown": lambda: markdown(record),
        "table": lambda: table(record, terminal_width(), head_name(found)),
    }
    emit(draw[format](), output)
    refused = isinstance(record["registered"], dict) and not record["registered"]["recorded"]
    sys.exit(1 if refused else 0)
