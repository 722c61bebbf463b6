"""``headway explain``."""

from __future__ import annotations

import click

from headway.cli.options import as_text, format_option, terminal_width, usage_fault


@click.command("explain")
@click.argument("what", nargs=-1, required=True)
@format_option("text", "json")
def command(what: tuple[str, ...], format: str) -> None:
    """Say what WHAT means: a code, a kind of document, a field such as initiative.pilot.looks, or a word.

    Exit status: 0 explained, 2 nothing is known under that name.
    """
    from headway.app.explain import UnknownWordError, explain
    from headway.render.explain import text

    try:
        record = explain(" ".join(what))
    except UnknownWordError as fault:
        usage_fault(fault)
    click.echo(as_text(record) if format == "json" else text(record, terminal_width()))
