"""``headway completion``."""

from __future__ import annotations

import click

VARIABLE = "_HEADWAY_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print the script that completes headway's words in SHELL.

    Load it where the shell starts: `eval "$(headway completion bash)"`.
    """
    from click.shell_completion import get_completion_class

    from headway.cli.main import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.BadParameter(f"click completes no {shell}", param_hint="SHELL")
    click.echo(kind(cli, {}, "headway", VARIABLE).source())
