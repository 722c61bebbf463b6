"""``headway init``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli.options import as_text, emit, format_option, output_option, terminal_width

if TYPE_CHECKING:
    from datetime import date

    from headway.app.answers import Answers, Question


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=".", required=False)
@click.option("--firm", help="The firm's name.")
@click.option("--currency", help="The currency of all totals, such as EUR.")
@click.option("--time-zone", help="Where days are cut, such as Europe/Berlin.")
@click.option("--me", help="You, as 'Name <address>'; default: as in git config.")
@click.option("--line", multiple=True, help="A P&L line: NAME=cost, =revenue or =margin. Repeatable.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the default where no option answers.")
@click.option("--from", "listed", type=click.Path(path_type=Path), help="A list of initiatives: CSV or XLSX.")
@click.option("--sheet", help="The sheet of a workbook; default: the largest.")
@click.option(
    "--map", "told", multiple=True, help="'HEADER=field' says what a column holds; 'HEADER=-' drops it."
)
@click.option("--as-of", metavar="DATE", help="The day by which the sample is dated; default: today.")
@format_option("table", "json")
@output_option
def command(folder: Path, yes: bool, listed: Path | None, sheet: str | None, told: tuple[str, ...],
            as_of: str | None, format: str, output: Path | None,
            line: tuple[str, ...], **said: str | None) -> None:  # fmt: skip
    """Begin a portfolio in FOLDER (default: this folder): five questions, or none with --yes.

    With --from, every row of a list becomes an initiative. What its columns were taken for is shown, and what
    the list does not say stays open. All files are written or none. Exit status: 0, or 1 when the folder
    holds something already or the list cannot be read.
    """
    from headway.app.init import Asked, begin

    given = {**said, "line": ", ".join(line) or None}
    silent = yes or format == "json" or not sys.stdin.isatty()
    asked = Asked(listed, sheet, _pairs(told)) if listed else None
    try:
        made = begin(folder, _answers(folder, given, silent=silent), asked, _day(as_of))
    except OSError as error:
        raise click.FileError(str(error.filename), hint=error.strerror or str(error)) from error
    if isinstance(made, tuple):
        click.echo("\n".join(map(str, made)), err=True)
        sys.exit(1)
    record = made.as_json()
    if format == "json":
        emit(as_text(record), output)
    else:
        from headway.render.intake import init

        emit(init(record, terminal_width()), output)


def _answers(folder: Path, given: dict[str, str | None], *, silent: bool) -> Answers:
    from headway.app.answers import answers, questions

    return answers({q.option: _answer(q, given[q.option], silent=silent) for q in questions(folder)})


def _answer(question: Question, given: str | None, *, silent: bool) -> str:
    def read(text: str) -> str:
        try:
            return question.read(text)
        except ValueError as error:
            raise click.BadParameter(
                str(error), param_hint=f"--{question.option.replace('_', '-')}"
            ) from error

    if given is not None or silent:
        return read(given if given is not None else question.default)
    answer: str = click.prompt(question.words, default=question.default, value_proc=read)
    return answer


def _pairs(told: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for one in told:
        header, equals, name = one.rpartition("=")
        if not equals or not header.strip() or not name.strip():
            raise click.BadParameter(f"'{one}' is not 'HEADER=field' or 'HEADER=-'", param_hint="--map")
        pairs[header.strip()] = name.strip()
    return pairs


def _day(as_of: str | None) -> date:
    from headway.kernel.clock import now, parse_as_of

    try:
        return parse_as_of(as_of, "UTC").date() if as_of else now().date()
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--as-of") from error
