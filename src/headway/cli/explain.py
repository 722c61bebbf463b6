"""``headway explain``."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli.complete import anything
from headway.cli.options import (
    as_of_option,
    as_text,
    format_option,
    portfolio_option,
    terminal_width,
    usage_fault,
)


@click.command("explain")
@click.argument("what", nargs=-1, required=True, shell_complete=anything)
@portfolio_option
@as_of_option
@format_option("table", "json", "markdown")
def command(what: tuple[str, ...], portfolio: Path, as_of: str | None, format: str) -> None:
    """Say what WHAT means, down to the query behind a number.

    WHAT is a code (HW429), a field (pilot.looks), a requirement (scale.value.effect), a word of the
    house (proxy), a kind (source file), an exit status (exit 4). Inside a portfolio it is also an evidence
    id, a number of the report ("+18.8 %", coding-assistant/effect), or the name of an initiative, an
    outcome or a person.

    Exit status: 0 explained, 2 nothing is known under that name.
    """
    from headway.app.explain import UnknownWordError, explain
    from headway.render.explain import markdown, text

    asked = " ".join(what)
    try:
        record = explain(asked, portfolio, as_of).as_json(asked)
    except UnknownWordError as fault:
        usage_fault(fault)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--as-of") from error
    draw = {
        "json": lambda: as_text(record),
        "markdown": lambda: markdown(record),
        "table": lambda: text(record, terminal_width()),
    }
    click.echo(draw[format]())
