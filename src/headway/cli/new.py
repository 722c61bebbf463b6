"""``headway new``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli.options import as_text, emit, format_option, loaded, output_option, portfolio_option

if TYPE_CHECKING:
    from headway.app.new import New
    from headway.kernel.diagnostic import Diagnostic

_set_option = click.option(
    "--set", "said", multiple=True, metavar="KEY=VALUE", help="A key's value. Repeatable."
)


@click.group("new")
def command() -> None:
    """A commented skeleton in the folder where such documents are kept."""


def _kind(kind: str) -> click.Command:
    @click.command(kind)
    @click.argument("name")
    @_set_option
    @portfolio_option
    @format_option("table", "json")
    @output_option
    def made(name: str, said: tuple[str, ...], portfolio: Path, format: str, output: Path | None) -> None:
        from headway.app.new import new_document

        found = loaded(portfolio, None).portfolio
        assert found is not None  # noqa: S101 - `loaded` ends the program without one
        _told(new_document(found, kind, name, _pairs(kind, said)), format, output)

    made.help = f"Write a new {kind} called NAME: keys given by --set, all others as comments."
    return made


for _name in ("initiative", "outcome", "component"):
    command.add_command(_kind(_name))


@command.command("source")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--fact",
    type=click.Choice(["unit", "exposure", "series", "attribute", "panel", "cost", "usage"]),
    required=True,
    help="What its rows are.",
)
@click.option("--name", help="The source's name; default: that of the file.")
@_set_option
@portfolio_option
@format_option("table", "json")
@output_option
def source(table: Path, fact: str, name: str | None, said: tuple[str, ...], portfolio: Path, format: str,
           output: Path | None) -> None:  # fmt: skip
    """Write a source for TABLE (CSV or Parquet), its columns mapped to those of a fact.

    --set columns.FACT_COLUMN=COLUMN says which column fills what, where the names do not tell.
    """
    from headway.app.new import new_source

    found = loaded(portfolio, None).portfolio
    assert found is not None  # noqa: S101 - `loaded` ends the program without one
    _told(new_source(found, table, fact, name, _pairs("source", said)), format, output)


def _pairs(kind: str, said: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    from headway.app.new import unknown_key

    pairs = {}
    for one in said:
        key, equals, value = one.partition("=")
        path = tuple(key.strip().split("."))
        wrong = unknown_key(kind, path) if equals and key.strip() else f"'{one}' is not KEY=VALUE"
        if wrong:
            raise click.BadParameter(wrong, param_hint="--set")
        pairs[path] = value.strip()
    return pairs


def _told(made: New | Diagnostic, format: str, output: Path | None) -> None:
    from headway.app.new import New

    if not isinstance(made, New):
        click.echo(str(made), err=True)
        sys.exit(1)
    record: dict[str, Any] = dict(made.as_json())
    if format == "json":
        emit(as_text(record), output)
        return
    lines = [f"{record['file']}: {record['kind']} '{record['name']}'"]
    lines += [f"  {theirs:<18} is column '{ours}'" for theirs, ours in record["columns"].items()]
    lines += [f"  for a metric or a covariate: {', '.join(record['numbers'])}"] if record["numbers"] else []
    emit("\n".join([*lines, "Next: fill it, then headway check tells what is still absent."]), output)
