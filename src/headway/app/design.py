"""Use case ``design``: what a pilot will be able to tell, and its registration in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headway.app.check import Checked, diagnostic_json
from headway.app.decide import git_person
from headway.app.gate import gate
from headway.app.plan_findings import Shorter, plan_findings, shorter
from headway.app.wiring import head_file, open_store
from headway.decisions.approvals import Refused
from headway.decisions.ledger import Ledger
from headway.decisions.registration import Registering, Standing, register
from headway.kernel.clock import now
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.identity import Json, instant, plain
from headway.measures.base import Ask
from headway.measures.value.effect.registration import Registrations
from headway.measures.value.outlook import WEEKS, Outlook, Unplannable, Way
from headway.measures.value.power import look_ahead
from headway.portfolio.load import Portfolio
from headway.portfolio.pilot import Pilot
from headway.portfolio.registration import frozen

SCHEMA = "headway.design/1"
_WAYS: tuple[Way, ...] = ("once", "looks", "promotion")


@dataclass(frozen=True, slots=True)
class Designed:
    """A pilot as it is planned, and what came of registering it.

    Attributes:
        ask: the initiative with its sources.
        outlook: what the pilot will be able to tell; None where that is not to be had.
        why: what is lacking for it.
        findings: what a reader is warned of.
        registered: what came of `--register`; None where nothing was to be registered.
    """

    ask: Ask
    outlook: Outlook | None
    why: str
    findings: tuple[Diagnostic, ...]
    registered: Standing | Refused | None = None

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.design/1``."""
        pilot, name = self.ask.initiative.pilot, self.ask.initiative.initiative
        known = Registrations.of(self._after())
        digest = known.digest if known else None
        return {
            "schema": SCHEMA,
            "initiative": name,
            "hypothesis": _hypothesis(pilot) if pilot else "",
            "registration": {**known.as_fact(), "digest": digest} if known else None,
            "frozen": frozen(pilot) if pilot else None,
            "outlook": plain(_outlook(self.outlook)) if self.outlook else None,
            "why_not": self.why,
            "registered": _registered(self.registered) if self.registered else None,
            "diagnostics": [diagnostic_json(d) for d in self.findings],
        }

    def _after(self) -> Ask:
        """The initiative as it is once it was registered, whatever moment was judged."""
        if not isinstance(self.registered, Standing):
            return self.ask
        return replace(self.ask, as_of=max(self.ask.as_of, self.registered.recorded.entry.at))


def design(checked: Checked, name: str) -> Designed:
    """Look ahead at an initiative's pilot, from its files and from the rows that are there.

    Raises:
        KeyError: no initiative of that name could be loaded.
        HeadwayError: the store is not to be had.
    """
    made, _ = gate(checked, name)
    ask = made.collected.asks[name]
    outlook, why = None, ""
    try:
        outlook = look_ahead(ask, made.collected.answers.sums).outlook
    except Unplannable as fault:
        why = str(fault)
    return Designed(ask, outlook, why, plan_findings(ask, outlook, why))


def register_design(checked: Checked, name: str, actor: str | None) -> Designed:
    """Freeze the design of an initiative's pilot in the ledger, now, and look ahead at it.

    Args:
        checked: the portfolio.
        name: the initiative.
        actor: a person's id; by default the person whose account is Git's user.email.

    Returns:
        With `Refused` of HW456 where there is no design to register, HW528 where nobody by that name may.

    Raises:
        KeyError: no such initiative.
        LedgerFault: nothing was recorded.
        HeadwayError: the store is not to be had.
    """
    if checked.portfolio is None or name not in checked.portfolio.initiatives:
        raise KeyError(name)
    outcome = _register(checked.portfolio, name, actor)
    # Looked at afterwards, so that what is shown is what is in force now.
    return replace(design(checked, name), registered=outcome)


def _register(portfolio: Portfolio, name: str, actor: str | None) -> Standing | Refused:
    pilot = portfolio.initiatives[name].pilot
    if pilot is None or pilot.design == "published":
        what = f"'{name}' has no pilot" if pilot is None else f"the pilot of '{name}' is published already"
        return Refused("HW456", what, "declare a pilot that will be run here")
    who = actor or git_person(portfolio) or ""
    with open_store(portfolio) as store:
        registering = Registering(who, name, now(), pilot)
        return register(Ledger(store, head_file(portfolio)), registering, portfolio.people)


def _registered(outcome: Standing | Refused) -> dict[str, Json]:
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
        "head_behind": str(behind) if behind else None,
    }


def _hypothesis(pilot: Pilot) -> str:
    """What is claimed, in one line."""
    change, scale = pilot.objective.change, pilot.objective.scale
    better = "less" if change.strip().startswith("-") else "more"
    who = " or ".join(pilot.treatments) or "the change"
    of = f" per {pilot.unit}" if pilot.unit else ""
    than = f" than {pilot.control}" if pilot.control else ""
    kind = " of its mean" if scale == "relative" else ""
    return f"{who} has {better} {pilot.metric}{of}{than}: {change}{kind} or beyond"


def _outlook(here: Outlook) -> dict[str, Json]:
    traffic, plan = here.traffic, here.variation
    return {
        "from": "rows" if traffic else "plan",
        "rows": traffic.units if traffic else 0,
        "scale": here.scale,
        "smallest_effect": here.shown(here.smallest),
        "promote_above": here.shown(here.hurdle),
        "sd": plan.sd,
        "explained": plan.explained,
        "icc": plan.icc,
        "clusters": plan.clusters,
        "weekly": here.weekly,
        "planned": here.planned,
        "weeks": here.weeks + here.window,
        "looks": here.looks,
        "price_of_looks": None if here.looks == "once" else here.deciding("looks").price(),
        "promotion_e": here.bar,
        "decided_by_end": here.decided_by_end(),
        "detectable_by_end": here.detectable("looks", here.weeks + here.window),
        "weeks_needed": {way: here.length(way) for way in _WAYS},
        "shorter": _shorter(shorter(here)),
        "by_week": [
            {
                "week": week,
                "units": int(here.weekly * max(week - here.window, 0.0)),
                **{way: here.detectable(way, week) for way in _WAYS},
            }
            for week in range(1, WEEKS + 1)
        ],
    }


def _shorter(ways: Sequence[Shorter]) -> list[Json]:
    return [{"what": way.what, "weeks": way.weeks} for way in ways]
