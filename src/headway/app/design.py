"""Use case ``design``: what a pilot will be able to tell, and its registration in the ledger."""

from __future__ import annotations

from headway.app.check import Checked
from headway.app.decide import git_person
from headway.app.wiring import head_file, open_store
from headway.decisions.approvals import Refused
from headway.decisions.ledger import Ledger
from headway.decisions.registration import Registering, Standing, register
from headway.kernel.clock import now
from headway.kernel.identity import Json, instant
from headway.portfolio.load import Portfolio
from headway.portfolio.pilot import Pilot
from headway.portfolio.registration import frozen

SCHEMA = "headway.design/1"


def register_design(checked: Checked, name: str, actor: str | None) -> Standing | Refused:
    """Freeze the design of an initiative's pilot in the ledger, now.

    Args:
        checked: the portfolio.
        name: the initiative.
        actor: a person's id; by default the person whose account is Git's user.email.

    Returns:
        `Refused` with HW456 where there is no design to register, HW528 where nobody by that name may.

    Raises:
        KeyError: no such initiative.
        LedgerFault: nothing was recorded.
        HeadwayError: the store is not to be had.
    """
    portfolio = _portfolio(checked, name)
    pilot = portfolio.initiatives[name].pilot
    if pilot is None or pilot.design == "published":
        what = f"'{name}' has no pilot" if pilot is None else f"the pilot of '{name}' is published already"
        return Refused("HW456", what, "declare a pilot that will be run here")
    who = actor or git_person(portfolio) or ""
    with open_store(portfolio) as store:
        registering = Registering(who, name, now(), pilot)
        return register(Ledger(store, head_file(portfolio)), registering, portfolio.people)


def registration_json(pilot: Pilot | None, outcome: Standing | Refused) -> dict[str, Json]:
    """What came of a registration."""
    if isinstance(outcome, Refused):
        return {"recorded": False, "code": outcome.code, "what": outcome.what, "mend": outcome.mend}
    entry, before = outcome.recorded.entry, outcome.replaces
    behind = outcome.recorded.behind
    return {
        "recorded": True,
        "new": outcome.new,
        "seq": entry.seq,
        "actor": entry.actor,
        "at": instant(entry.at),
        "digest": entry.body["digest"],
        "replaces": before.seq if before else None,
        "frozen": frozen(pilot) if pilot else {},
        "head_behind": str(behind) if behind else None,
    }


def _portfolio(checked: Checked, name: str) -> Portfolio:
    if checked.portfolio is None or name not in checked.portfolio.initiatives:
        raise KeyError(name)
    return checked.portfolio
