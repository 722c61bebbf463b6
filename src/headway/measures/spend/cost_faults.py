"""What is said where a bill cannot be divided as it was declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.money import exact
from headway.measures.base import Ask
from headway.measures.spend.allocation import Claimed
from headway.measures.spend.claims import Bearer
from headway.measures.spend.division import Divided
from headway.measures.spend.exchange import Exchanged


def claimed_twice(ask: Ask, divided: Divided) -> Iterator[Diagnostic]:
    """HW445, told by the first of the initiatives that a doubly claimed amount concerns."""
    for claim in divided.cost.claimed_twice:
        if ask.initiative.initiative == _teller(claim, divided):
            names = [_named(b, claim) for b in claim.bearers]
            yield Diagnostic(
                "HW445",
                f"{_list(names)} claim the same {exact(claim.amount)} {claim.currency} of the bill",
                _place(ask, claim.bearers),
                "narrow one of the selectors; until then the amount stays unallocated",
                subject=ask.initiative.initiative,
            )


def without_readings(ask: Ask, divided: Divided) -> Iterator[Diagnostic]:
    """HW461 for every driver that has no readings in some billing periods of what it divides."""
    for name, periods in divided.lacking.items():
        sharing = divided.sharings[name]
        if not periods or sharing.sharers[0] != ask.initiative.initiative:
            continue
        some = [p for p in periods if p]
        when = f" in the billing period of {some[0].date()}" if some else ""
        more = f" and {len(some) - 1} more" if len(some) > 1 else ""
        yield Diagnostic(
            "HW461",
            f"'{sharing.usage}' says nothing of who held {sharing.driver} of '{name}'{when}{more}; "
            "that cost stays with the platform",
            ask.portfolio.place("component", name, "usage"),
            "fill the column holder with names of initiatives for those days, or declare shares",
            subject=name,
        )


def in_other_currency(ask: Ask, strange: list[str], turned: Mapping[str, Exchanged]) -> Diagnostic:
    """HW343: a bill in currencies that no dated rate turns into the portfolio's."""
    name = ask.initiative.initiative
    own, file = ask.portfolio.settings.currency, ask.portfolio.settings.exchange_rates
    place = ask.portfolio.place("initiative", name, "cost")
    what = f"the bill is in {', '.join(strange)}, the portfolio in {own}, and no dated rate joins them"
    mend = f"bind the bill in {own}, or name a file of rates: exchange_rates: data/fx.csv"
    if file:
        days = sorted({day for c in strange for day in turned[c].without if day})
        many = f" and {len(days) - 1} more days" if len(days) > 1 else ""
        what += f": {', '.join(strange)} on {days[0]}{many}" if days else ": a charge has no day"
        mend = f"add rates of {', '.join(strange)} to {file}; a rate holds for seven days"
    return Diagnostic("HW343", what, place, mend, subject=name)


def _teller(claim: Claimed, divided: Divided) -> str | None:
    """The first initiative among the claimants, else the first that shares one of the components."""
    named = [b.name for b in claim.bearers if b.kind == "initiative"]
    sharers = [
        n
        for b in claim.bearers
        if b.kind == "component" and b.name in divided.sharings
        for n in divided.sharings[b.name].sharers
    ]
    return min(named or sharers, default=None)


def _place(ask: Ask, bearers: tuple[Bearer, ...]) -> Place:
    mine = Bearer("initiative", ask.initiative.initiative)
    first = mine if mine in bearers else bearers[0]
    return ask.portfolio.place(first.kind, first.name, "cost", "select")


def _named(bearer: Bearer, claim: Claimed) -> str:
    alone = all(b.kind == "initiative" for b in claim.bearers)
    return bearer.name if alone else f"the {bearer.kind} {bearer.name}"


def _list(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
