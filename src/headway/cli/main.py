"""The command line: names and one-line help are static, a command's module is imported when it is used."""

from __future__ import annotations

import gc
import importlib
import io
import sys
from typing import TYPE_CHECKING, Any

import click

from headway import __version__
from headway.cli.start import ABOUT, COMMANDS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_OUR_FAULT = 3


class Commands(click.Group):
    """A group whose commands are imported on use: `headway --help` must not wait for numpy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of the loop."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"headway.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Name commands and options without importing a command."""
        from headway.cli.complete import commands

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return commands(COMMANDS, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a fault of the store or the machine is said in the house form, with status 3."""
        from headway.kernel.errors import HeadwayError

        try:
            return super().invoke(ctx)
        except HeadwayError as error:
            code = getattr(error, "code", "")
            click.echo(f"headway: error{f'[{code}]' if code else ''} {error}\n  mend: {error.mend}", err=True)
            ctx.exit(_OUR_FAULT)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, help="\n\n".join(ABOUT))
@click.version_option(__version__, prog_name="headway")
def cli() -> None:
    """Every command, and what the program says of itself."""


def main() -> None:
    """Run the command line; whatever we did not foresee ends with status 3 and a log, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter gets a question mark, not an end of the program.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    # What a command reads stays until its end: walking it again and again frees nothing.
    gc.set_threshold(200_000, 50, 100)
    try:
        cli(prog_name="headway")
    except Exception as error:  # noqa: BLE001  the last line of defence
        _report(error)
        sys.exit(_OUR_FAULT)


def _report(error: Exception) -> None:
    import tempfile
    import traceback
    from pathlib import Path

    with tempfile.NamedTemporaryFile("w", prefix="headway-", suffix=".log", delete=False) as log:
        log.write("".join(traceback.format_exception(error)))
    click.echo(
        f"headway: this is our fault: {type(error).__name__}: {error}\n  log: {Path(log.name)}", err=True
    )
