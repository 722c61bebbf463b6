"""What is to be said of a pilot before it begins: that it cannot answer, or be promoted, and what helps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from headway.kernel.diagnostic import Diagnostic, Severity
from headway.measures.base import Ask
from headway.measures.value.effect.registration import Registrations
from headway.measures.value.outlook import LEAST_DF, WEEKS, Outlook, promotion_bar
from headway.portfolio.pilot import Pilot
from headway.statistics.power import POWER

# Never better than C, and C does not promote (measurement.md 6).
_GRADE_C = ("interrupted", "before_after", "observational")
_LEAST_CLUSTERS = 6
_DECIDES_NEVER = "no number of weeks decides it"


@dataclass(frozen=True, slots=True)
class Shorter:
    """A change of the plan that needs fewer weeks."""

    what: str
    weeks: int


def plan_findings(ask: Ask, outlook: Outlook | None, why: str) -> tuple[Diagnostic, ...]:
    """Warnings about a plan, in the order of its block: none where it will answer."""
    pilot = ask.initiative.pilot
    if pilot is None or pilot.design == "published":
        return ()
    return tuple(_findings(ask, pilot, outlook, why))


def shorter(here: Outlook) -> tuple[Shorter, ...]:
    """Changes that would shorten the pilot, the shortest first."""
    now = here.length("looks")
    tries: list[tuple[str, Outlook]] = []
    if here.variation.explained < 0.5:  # noqa: PLR2004  what a good covariate explains
        half = replace(here.variation, explained=0.5)
        tries.append(("a covariate that explains half of the variance", replace(here, variation=half)))
    if here.variation.clusters:
        twice = replace(here.variation, clusters=2 * here.variation.clusters)
        tries.append((f"{twice.clusters} clusters instead of {here.variation.clusters}",
                      replace(here, variation=twice)))  # fmt: skip
    if here.looks == "daily":
        tries.append(("weekly looks", replace(here, looks="weekly")))
    if here.looks != "once":
        tries.append(("one look, at the end", replace(here, looks="once")))
    found = [Shorter(what, weeks) for what, then in tries if (weeks := then.length("looks")) is not None]
    return tuple(sorted((s for s in found if now is None or s.weeks < now), key=lambda s: s.weeks))


def _findings(ask: Ask, pilot: Pilot, outlook: Outlook | None, why: str) -> Iterator[Diagnostic]:
    if outlook is None:
        yield from _unplanned(ask, pilot, why)
    else:
        yield from _few_clusters(ask, outlook)
        yield from _undecided(ask, pilot, outlook)
    yield from _never_promoted(ask, pilot)
    yield from _begun(ask)


def _told(ask: Ask, code: str, what: str, mend: str, *path: str) -> Diagnostic:
    name = ask.initiative.initiative
    place = ask.portfolio.place("initiative", name, "pilot", *path)
    return Diagnostic(code, what, place, mend, subject=name, severity=Severity.WARNING)


def _unplanned(ask: Ask, pilot: Pilot, why: str) -> Iterator[Diagnostic]:
    if pilot.design in ("randomised", "clusters"):
        what = f"its length cannot be told: {why}"
        yield _told(ask, "HW455", what, "declare it under plan, or bind rows from before the start", "plan")


def _few_clusters(ask: Ask, outlook: Outlook) -> Iterator[Diagnostic]:
    if outlook.df < LEAST_DF:
        what = f"{outlook.variation.clusters} clusters give df {outlook.df:.0f}: no interval will be shown"
        mend = f"assign at least {_LEAST_CLUSTERS} clusters, better {_LEAST_CLUSTERS} in each arm"
        yield _told(ask, "HW415", what, mend, "cluster")


def _undecided(ask: Ask, pilot: Pilot, here: Outlook) -> Iterator[Diagnostic]:
    chance, needed = here.decided_by_end(), here.length("looks")
    if chance >= POWER:
        return
    least = math.floor(chance * 100)
    sought = _change(here.shown(here.smallest), pilot)
    ends = pilot.dates.ends if pilot.dates else ""
    needs = (
        _DECIDES_NEVER
        if needed is None
        else f"it needs {needed} weeks, {here.weeks + here.window:.0f} are planned"
    )
    if needed is not None and needed > WEEKS:
        needs += f", and more than {WEEKS} are no pilot any more"
    what = f"an effect of {sought} is decided by {ends} with a probability of {least} %: {needs}"
    ways = ", or ".join(f"{s.what} ({s.weeks} weeks)" for s in shorter(here)[:2])
    mend = f"end it later, or choose {ways}" if needed is not None and needed <= WEEKS else f"choose {ways}"
    if not ways:
        mend = (
            "end it later"
            if needed is not None and needed <= WEEKS
            else "seek a larger effect, or more units"
        )
    yield _told(ask, "HW453", what, mend, "dates", "ends")


def _never_promoted(ask: Ask, pilot: Pilot) -> Iterator[Diagnostic]:
    if pilot.design in _GRADE_C:
        what = f"the design '{pilot.design}' earns grade C, which no promotion accepts"
        yield _told(ask, "HW454", what, "randomise units, clusters or the rollout order", "design")
    bar = promotion_bar(ask, pilot)
    if bar is None:
        return
    if pilot.design == "synthetic":
        donors = math.ceil((2 * bar) ** 2)
        what = (
            f"a placebo rank reaches the e-value {bar:g} of the promotion budget only with {donors:,} groups"
        )
        yield _told(ask, "HW454", what, "let it inform, and randomise what shall be promoted", "design")
    if pilot.design == "staggered":
        p = 1 / (2 * bar) ** 2
        what = f"one look reaches the e-value {bar:g} of the promotion budget only at p = {p:.1g}"
        yield _told(ask, "HW454", what, "draw the rollout order at random, which is grade A", "design")


def _begun(ask: Ask) -> Iterator[Diagnostic]:
    known = Registrations.of(ask)
    if known is None or known.starts is None or known.outside or ask.as_of <= known.starts:
        return
    day = known.starts.date()
    if known.last is None:
        what = f"not registered, and the pilot began on {day}: its effect is of grade C at most"
        mend = "register it with a later start, from which its data will count"
        yield _told(ask, "HW400", what, mend, "design")
    elif not known.holds:
        what = f"the design was changed after it was registered (entry {known.last.seq} of the ledger)"
        yield _told(ask, "HW401", what, "register the changed design: what follows counts", "design")


def _change(value: float, pilot: Pilot) -> str:
    return f"{value:+.3g}" if pilot.objective.scale == "absolute" else f"{value * 100:+.3g} %"
