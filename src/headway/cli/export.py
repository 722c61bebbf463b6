"""``headway export``."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli.options import as_text, emit, format_option, output_option


@click.group("export")
def command() -> None:
    """Write other people's formats."""


@command.command("schema")
@format_option("json")
@output_option
def schema(format: str, output: Path | None) -> None:  # noqa: ARG001  one form today
    """The JSON Schema (2020-12) of every portfolio file, for editors and validators."""
    from headway.portfolio.schema import schema as made

    emit(as_text(made()), output)
