"""``headway verify``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.options import as_text, emit, format_option, loaded, portfolio_argument


@click.command("verify")
@portfolio_argument
@format_option("table", "json")
@click.option(
    "--mend-head", is_flag=True, help="Write ledger.head anew after an interrupted decide, then verify."
)
def command(portfolio: Path, format: str, mend_head: bool) -> None:
    """Check the ledger of PORTFOLIO (default: this folder) and replay its decisions, offline.

    Exit status: 0 whole, 1 a finding, 3 the ledger cannot be read.
    """
    from headway.app.verify import verify, verify_json
    from headway.kernel.diagnostic import has_errors

    found = loaded(portfolio, None)
    if found.portfolio is None:
        sys.exit(1)
    report = verify(found.portfolio, mend_head=mend_head)
    if format == "json":
        emit(as_text(verify_json(report)), None)
    else:
        for one in report.diagnostics:
            click.echo(str(one))
        whole = "whole" if not has_errors(report.diagnostics) else "not whole"
        counted = f"{_counted(report.entries, 'entry', 'entries')}, "
        counted += f"{_counted(report.replayed, 'decision', 'decisions')} replayed"
        lost = f", {report.not_replayed} not" if report.not_replayed else ""
        click.echo(f"ledger {whole}: {counted}{lost}")
    sys.exit(1 if has_errors(report.diagnostics) else 0)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
