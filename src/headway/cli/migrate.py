"""``headway migrate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.options import as_text, emit, format_option, output_option, portfolio_argument


@click.command("migrate")
@portfolio_argument
@format_option("table", "json")
@output_option
@click.option("--write", "wanted", is_flag=True, help="Rewrite the files; without it the changes are shown.")
def command(portfolio: Path, format: str, output: Path | None, wanted: bool) -> None:
    """Rewrite the files of PORTFOLIO (default: this folder) to the newest file format.

    Only what the format asks for changes: comments, order and layout stay. Exit status: 0, or 1 when a file
    cannot be read or written.
    """
    from headway.app.migrate import migration, write

    found = migration(portfolio)
    if wanted and found.rewritten and not found.faults:
        try:
            write(portfolio, found)
        except OSError as error:
            raise click.FileError(str(error.filename), hint=error.strerror or str(error)) from error
    done = wanted and not found.faults
    if format == "json":
        emit(as_text(found.as_json(written=done and bool(found.rewritten))), output)
    else:
        emit(
            "\n".join(
                [*(str(f) for f in found.faults), *(r.diff() for r in found.rewritten), found.said(done=done)]
            ),
            output,
        )
    sys.exit(1 if found.faults else 0)
