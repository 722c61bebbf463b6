"""``headway explain``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.complete import anything
from headway.cli.options import (
    as_of_option,
    as_text,
    coloured,
    emit,
    format_option,
    output_option,
    portfolio_option,
    terminal_width,
)


# What is asked may begin with a minus: −12 % is a number here, not an option.
@click.command("explain", context_settings={"ignore_unknown_options": True})
@click.argument("what", nargs=-1, required=True, shell_complete=anything)
@portfolio_option
@as_of_option
@format_option("table", "json", "markdown")
@output_option
def command(
    what: tuple[str, ...], portfolio: Path, as_of: str | None, format: str, output: Path | None
) -> None:
    """Explain WHAT: a code, an exit status, a field or kind, a requirement, an evidence id, a number, a name.

    A number is asked for as it is printed ("+18.8 %"), or by its address: INITIATIVE/MEASURE/METRIC or
    totals/bill/EUR. A kind before a name says which is meant: `measure effect`, `term outcome`.

    Exit status: 0 explained, or what it may mean is listed; 2 nothing is called so.
    """
    from headway.app.explain import Asking, explain
    from headway.cli.progress import reading

    asked = " ".join(what)
    try:
        with reading() as progress:
            answer = explain(asked, Asking(portfolio, as_of, progress))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--as-of") from error
    if not answer.found and not answer.candidates:
        near = f" Did you mean {' or '.join(repr(n) for n in answer.near)}?" if answer.near else ""
        hint = f" {answer.hint[0].upper()}{answer.hint[1:]}." if answer.hint else ""
        message = f"nothing is called '{asked}'.{near}{hint}"
        raise click.BadParameter(message, param_hint="WHAT")
    record = answer.as_json()
    if format == "json":
        emit(as_text(record), output)
    else:
        from headway.render.explain import markdown, table

        colour = coloured() and output is None
        emit(
            markdown(record) if format == "markdown" else table(record, terminal_width(), colour=colour),
            output,
        )
    sys.exit(0)
