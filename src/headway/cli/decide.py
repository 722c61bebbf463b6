"""``headway decide``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.options import as_of_option, as_text, emit, format_option, loaded, unknown_initiative

_KINDS = (
    "approve",
    "approve_with_conditions",
    "request_changes",
    "reject",
    "withdraw",
    "hold",
    "resume",
    "retire",
)


@click.command("decide")
@click.argument("initiative")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option(
    "--as", "actor", metavar="PERSON", help="Who decides: an id in people.yaml; default: Git's user.email."
)
@click.option("--comment", default="", help="Why; only a plain approval may do without.")
@click.option(
    "-p",
    "--portfolio",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The portfolio's folder.",
)
@format_option("table", "json")
@as_of_option
def command(
    initiative: str,
    kind: str,
    actor: str | None,
    comment: str,
    portfolio: Path,
    format: str,
    as_of: str | None,
) -> None:
    """Record the decision KIND about INITIATIVE, pinned to the evidence and rules it was judged by.

    Exit status: 0 recorded, 1 refused or a file is wrong, 3 the ledger did not take it.
    """
    from headway.app.decide import decide_on
    from headway.decisions.approvals import Refused
    from headway.decisions.decision import Kind

    found = loaded(portfolio, as_of)
    if found.wrong:
        click.echo(found.text(), err=True)
        sys.exit(1)
    try:
        made = decide_on(found, initiative, Kind(kind), actor, comment)
    except KeyError:
        raise unknown_initiative(found, initiative) from None
    outcome = made.outcome
    if format == "json":
        emit(as_text(made.as_json()), None)
    elif isinstance(outcome, Refused):
        click.echo(f"headway: error[{outcome.code}] {outcome.what}\n  mend: {outcome.mend}", err=True)
    else:
        against = " against the verdict" if outcome.entry.body["against"] else ""
        gate = (
            f" at gate {outcome.entry.body['gate']} ({outcome.entry.body['state']})"
            if "gate" in outcome.entry.body
            else ""
        )
        click.echo(
            f"recorded as entry {outcome.entry.seq}: {outcome.entry.actor} decided {kind}{against} for {initiative}{gate}"
        )
        click.echo(f"commit {found.portfolio.settings.ledger.head if found.portfolio else 'ledger.head'}")
        if outcome.behind:
            click.echo(str(outcome.behind), err=True)
    sys.exit(1 if isinstance(outcome, Refused) else 0)
