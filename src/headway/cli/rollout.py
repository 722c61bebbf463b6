"""``headway rollout``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli.complete import initiatives
from headway.cli.options import (
    as_text,
    emit,
    format_option,
    head_name,
    loaded,
    portfolio_option,
    unknown_initiative,
    usage_fault,
)

if TYPE_CHECKING:
    from headway.app.rollout_order import Drawn


@click.group("rollout")
def command() -> None:
    """Who starts when: the order of a rollout, drawn by lot."""


@command.command("order")
@click.argument("initiative", shell_complete=initiatives)
@click.option(
    "--start", "starts", multiple=True, metavar="PERIOD", required=True,
    help="A first treated period, as the panel writes it, or `never`. Repeatable, in order.",
)  # fmt: skip
@click.option(
    "--units", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with unit_id and perhaps stratum; default: the units of the pilot's panel.",
)  # fmt: skip
@click.option("--seed", help="What the lots come from, such as a public drawing; default: chance.")
@click.option(
    "--as", "actor", metavar="PERSON", help="Who draws: an id in people.yaml; default: Git's user.email."
)
@click.option("--dry-run", is_flag=True, help="Tell how many units each start would have; draw nothing.")
@portfolio_option
@format_option("table", "json")
def order(
    initiative: str, starts: tuple[str, ...], units: Path | None, seed: str | None, actor: str | None,
    dry_run: bool, portfolio: Path, format: str,
) -> None:  # fmt: skip
    """Draw who starts when by lot, and record it in the ledger before anybody starts.

    Units are dealt evenly to the starts within each stratum. An order is drawn once. A rollout that follows
    it is randomised: its effect can be of grade A.

    Exit status: 0 drawn, 1 refused or a file is wrong, 3 the ledger did not take it.
    """
    from headway.app.rollout_order import Asked, rollout_order
    from headway.decisions.approvals import Refused
    from headway.kernel.errors import SourceFault

    found = loaded(portfolio, None)
    try:
        made = rollout_order(found, initiative, Asked(starts, units, seed, actor, dry_run))
    except KeyError:
        raise unknown_initiative(found, initiative) from None
    except SourceFault as fault:
        usage_fault(fault)
    if isinstance(made, Refused):
        click.echo(f"headway: error[{made.code}] {made.what}\n  mend: {made.mend}", err=True)
        sys.exit(1)
    if format == "json":
        emit(as_text(made.as_json()), None)
    else:
        _told(made, head_name(found))


def _told(made: Drawn, head: str) -> None:
    units = sum(made.per_start.values())
    strata = f" in {made.strata} strata" if made.strata > 1 else ""
    for start, n in made.per_start.items():
        named = sorted(u for u, at in made.order.starts.items() if at == start) if made.order else []
        click.echo(f"{start}: {n} units{': ' if named else ''}{', '.join(named)}")
    if made.recorded is None or made.order is None:
        click.echo(f"{units} units{strata} would be dealt; nothing was drawn")
        return
    entry = made.recorded.entry
    click.echo(
        f"entry {entry.seq}: {entry.actor} drew the order of {units} units{strata}, seed {made.order.seed}"
    )
    click.echo(f"commit {head}")
    if made.recorded.behind:
        click.echo(str(made.recorded.behind), err=True)
