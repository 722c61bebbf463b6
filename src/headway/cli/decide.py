"""``headway decide``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli.complete import initiatives
from headway.cli.options import (
    as_of_option,
    as_text,
    emit,
    format_option,
    head_name,
    loaded,
    portfolio_option,
    unknown_initiative,
)

if TYPE_CHECKING:
    from headway.app.decide import Decided
    from headway.decisions.ledger import Recorded

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
@click.argument("initiative", shell_complete=initiatives)
@click.argument("kind", type=click.Choice(_KINDS))
@click.option(
    "--as", "actor", metavar="PERSON", help="Who decides: an id in people.yaml; default: Git's user.email."
)
@click.option("--comment", default="", help="Why; only a plain approval may do without.")
@portfolio_option
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
    if format == "json":
        emit(as_text(made.as_json()), None)
    elif isinstance(made.outcome, Refused):
        click.echo(
            f"headway: error[{made.outcome.code}] {made.outcome.what}\n  mend: {made.outcome.mend}", err=True
        )
    else:
        _recorded(made, made.outcome, head_name(found))
    sys.exit(1 if isinstance(made.outcome, Refused) else 0)


def _recorded(made: Decided, outcome: Recorded, head: str) -> None:
    from headway.gates.rules.wording import e_words

    frozen = made.frozen()
    if frozen:
        values = ", ".join(f"{e_words(r.log_e)} ({r.approach})" for r in frozen.rows)
        click.echo(
            f"entry {frozen.seq}: e-value {values} frozen in slot {frozen.slot} of {frozen.budget.year}"
        )
    entry = outcome.entry
    against = " against the verdict" if entry.body["against"] else ""
    gate = f" at gate {entry.body['gate']} ({entry.body['state']})" if "gate" in entry.body else ""
    click.echo(
        f"entry {entry.seq}: {entry.actor} decided {entry.body['kind']}{against} for {entry.subject}{gate}"
    )
    click.echo(f"commit {head}")
    if outcome.behind:
        click.echo(str(outcome.behind), err=True)
