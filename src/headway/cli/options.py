"""Options that several commands share."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from headway.app.check import Checked, Findings
    from headway.kernel.errors import HeadwayError

F = TypeVar("F", bound=Callable[..., Any])

portfolio_argument = click.argument(
    "portfolio", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", required=False
)


def portfolio_option(function: F) -> F:
    """``-p``: the portfolio's folder, where the argument is something else."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.option("-p", "--portfolio", type=folder, default=".", help="The portfolio's folder.")(
        function
    )


def as_of_option(function: F) -> F:
    """``--as-of``: judge as things were known then."""
    return click.option("--as-of", metavar="DATE", help="Judge as of this day or moment; default: now.")(
        function
    )


def format_option(*formats: str) -> Callable[[F], F]:
    """``--format``, the first being the default."""
    return click.option(
        "--format",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Form of the output.",
    )


def output_option(function: F) -> F:
    """``-o``: write to a file."""
    return click.option(
        "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
    )(function)


def checked(portfolio: Path, as_of: str | None) -> Checked:
    """Load and check, with a usage error for an unreadable moment."""
    from headway.app.check import check

    try:
        return check(portfolio, as_of)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--as-of") from error


def findings(portfolio: Path, as_of: str | None) -> Findings:
    """What `check` finds, with a usage error for an unreadable moment."""
    from headway.app.remembered import findings as found_in

    try:
        return found_in(portfolio, as_of)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--as-of") from error


def loaded(portfolio: Path, as_of: str | None) -> Checked:
    """Load and check; without a portfolio.yaml that can be used, print what is wrong and end with 1."""
    found = checked(portfolio, as_of)
    if found.portfolio is None:
        click.echo(found.text(), err=True)
        sys.exit(1)
    return found


def usage_fault(fault: HeadwayError) -> NoReturn:
    """Say in the house form which word of the command cannot be followed, and end with 2."""
    code = getattr(fault, "code", "")
    click.echo(f"headway: error{f'[{code}]' if code else ''} {fault}\n  mend: {fault.mend}", err=True)
    sys.exit(2)


def from_here(portfolio: Path) -> str:
    """The portfolio's folder from where the command runs, for formats that name files; else nothing."""
    here = Path.cwd()
    folder = portfolio.resolve()
    return folder.relative_to(here).as_posix().removeprefix(".") if folder.is_relative_to(here) else ""


def head_name(found: Checked) -> str:
    """The name of the committed head of the ledger."""
    return found.portfolio.settings.ledger.head if found.portfolio else ""


def unknown_initiative(found: Checked, name: str) -> click.BadParameter:
    """A usage error that names what there is."""
    import difflib

    known = list(found.portfolio.initiatives) if found.portfolio else []
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else f" There are: {', '.join(known) or 'none'}."
    return click.BadParameter(f"no initiative is called '{name}'.{hint}", param_hint="INITIATIVE")


def unknown_component(found: Checked, name: str) -> click.BadParameter:
    """A usage error that names what there is."""
    import difflib

    known = list(found.portfolio.components) if found.portfolio else []
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else f" There are: {', '.join(known) or 'none'}."
    return click.BadParameter(f"no component is called '{name}'.{hint}", param_hint="--component")


def emit(text: str, output: Path | None) -> None:
    """Print, or write a whole file: beside and renamed, so that a reader never sees half."""
    if output is None:
        click.echo(text)
        return
    if output.exists() and not output.is_file():
        _write_through(text, output)
        return
    part = output.with_name(f".{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(output)
    except OSError as error:
        raise click.FileError(str(output), hint=error.strerror or str(error)) from error


def _write_through(text: str, output: Path) -> None:
    """Write to a device or a pipe as it stands: a file put in its place would take it from everybody."""
    try:
        with output.open("w", encoding="utf-8") as stream:
            stream.write(text + "\n")
    except OSError as error:
        raise click.FileError(str(output), hint=error.strerror or str(error)) from error


def as_text(record: Mapping[str, Any]) -> str:
    """A record as JSON text."""
    return json.dumps(record, ensure_ascii=False, indent=2)


def terminal_width() -> int:
    """Columns of the terminal, at most 140; COLUMNS wins."""
    return min(shutil.get_terminal_size((100, 24)).columns, 140)


def coloured() -> bool:
    """Whether standard output is a terminal that wants colour (NO_COLOR is honoured)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
