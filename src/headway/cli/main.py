"""The command table: names and one-line help are static, a command's module is imported when it is used."""

from __future__ import annotations

import gc
import importlib
import io
import sys
from typing import TYPE_CHECKING, Any

import click

from headway import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS = {
    "check": "Are the files right; is every initiative problem-first. No source is read.",
    "review": "The whole portfolio: effects, money, verdicts, what is missing and whose move it is.",
    "gate": "May an initiative pass its next gate. The exit status says so.",
    "decide": "Record a person's decision in the ledger, pinned to the evidence it read.",
    "verify": "Is the ledger whole, and does every decision replay to its verdict.",
    "doctor": "Does this machine, the portfolio and each source work; the YAML of the next source.",
    "migrate": "Rewrite files of an older format, and nothing else in them.",
    "explain": "Where a number came from; what a code, a field, a requirement or a word means.",
    "export": "Other people's formats: the JSON Schema of the portfolio files.",
    "completion": "The script that completes these words in bash, zsh or fish.",
}
_OUR_FAULT = 3


class Commands(click.Group):
    """A group whose commands are imported on use: `headway --help` must not wait for numpy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of the loop."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"headway.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Name commands and options without importing a command."""
        from headway.cli.complete import commands

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return commands(_COMMANDS, incomplete)

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
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="headway")
def cli() -> None:
    """Decide which AI initiatives may go on, by evidence.

    A portfolio is a directory of YAML files; start with `headway check` and `headway review`.
    """


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
