"""Does one living person answer for every initiative, and another pay for it?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from headway.kernel.diagnostic import Diagnostic
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio


def check_responsibility(portfolio: Portfolio, as_of: datetime | None = None) -> list[Diagnostic]:
    """Vacant seats, leavers, and sponsors who answer to themselves, over all initiatives that go on.

    Args:
        portfolio: what was loaded.
        as_of: the moment at which people are in office or not; without it nobody has left.
    """
    day = as_of.astimezone(ZoneInfo(portfolio.settings.time_zone)).date() if as_of else None
    live = ((name, one) for name, one in portfolio.initiatives.items() if one.live)
    return [finding for name, one in live for finding in _findings(portfolio, name, one, day)]


def _findings(portfolio: Portfolio, name: str, one: Initiative, day: date | None) -> Iterator[Diagnostic]:
    people = portfolio.people
    if not people.knows(one.accountable):
        return
    place = partial(portfolio.place, "initiative", name)
    holder = people.holder(one.accountable)
    person = people.person(holder) if holder else None
    if holder is None:
        what = f"nobody holds '{one.accountable}', which is accountable"
        mend = "fill the seat in people.yaml, or name another"
        yield Diagnostic("HW211", what, place("accountable"), mend, subject=name)
    if person and day and person.left(day):
        what = f"'{person.id}', accountable as '{one.accountable}', left on {person.active_until}"
        what = (
            what
            if one.accountable != person.id
            else f"'{person.id}', who is accountable, left on {person.active_until}"
        )
        yield Diagnostic("HW213", what, place("accountable"), "name a successor", subject=name)
    if holder and one.sponsor and people.holder(one.sponsor) == holder:
        what = f"sponsor '{one.sponsor}' and accountable '{one.accountable}' are the same person, '{holder}'"
        yield Diagnostic("HW214", what, place("sponsor"), "name a sponsor who is another human", subject=name)
