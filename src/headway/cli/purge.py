"""``headway purge``."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli.options import as_text, emit, format_option, loaded, output_option, portfolio_argument

_KINDS = ("cache", "sums", "days", "digests", "logs")


@click.command("purge")
@portfolio_argument
@click.option("--older-than", metavar="SPAN", help="Unused for so long, such as 90d; default: `retention`.")
@click.option("--what", "kinds", type=click.Choice(_KINDS), multiple=True, help="Only this; may be repeated.")
@click.option("--write", "wanted", is_flag=True, help="Remove the files; without it they are shown.")
@format_option("table", "json")
@output_option
def command(
    portfolio: Path,
    older_than: str | None,
    kinds: tuple[str, ...],
    wanted: bool,
    format: str,
    output: Path | None,
) -> None:
    """Show what headway keeps of PORTFOLIO on this machine to save time, and let go of what is old.

    The ledger and what it pins are never touched. Exit status: 0, or 3 where a file cannot be removed.
    """
    from headway.app.purge import cached, purge, remove
    from headway.kernel.clock import now
    from headway.kernel.quantity import parse_duration
    from headway.render.purge import table

    try:
        span = parse_duration(older_than) if older_than else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--older-than") from error
    before = cached(portfolio)
    found = loaded(portfolio, None).portfolio
    if found is None:
        return
    made = purge(found, before, kinds, span, now())
    if wanted:
        remove(made)
    record = made.as_json(gone=wanted)
    emit(as_text(record) if format == "json" else table(record), output)
