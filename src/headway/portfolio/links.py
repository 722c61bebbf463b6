"""Do the documents hold together, and does every initiative lead to a line of the P&L?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.estimate import Grade
from headway.portfolio.driver_tree import (
    MOST_EDGES,
    DriverPath,
    Edge,
    edges_of,
    paths_to_lines,
    reachable,
    shortest,
)
from headway.portfolio.load import Portfolio
from headway.portfolio.references import undeclared

__all__ = ["DriverPath", "Edge", "check_links", "paths_to_lines"]

_NEEDS_PILOT = frozenset({"piloting", "scaling"})


def check_links(portfolio: Portfolio, as_of: datetime | None = None) -> list[Diagnostic]:
    """Names that nothing declares, stages without their parts, circles, and paths to money.

    Args:
        portfolio: what was loaded.
        as_of: the moment that dates are judged at; without it no date is judged.
    """
    return [
        *undeclared(portfolio),
        *_north_star(portfolio),
        *_parts_of_stages(portfolio),
        *_forecast_lines(portfolio),
        *_circles(portfolio),
        *_claims(portfolio, as_of),
        *_ways_to_money(portfolio),
    ]


def _north_star(portfolio: Portfolio) -> Iterator[Diagnostic]:
    name = portfolio.settings.north_star
    outcome = portfolio.outcomes.get(name) if name else None
    if outcome and outcome.line:
        place = portfolio.place("portfolio", portfolio.settings.portfolio, "north_star")
        what = f"the north star '{name}' is a P&L line ({outcome.line})"
        yield Diagnostic("HW156", what, place, "name a quantity that customers feel and that leads the line")


def _parts_of_stages(portfolio: Portfolio) -> Iterator[Diagnostic]:
    for name, one in portfolio.initiatives.items():
        if one.live and one.stage in _NEEDS_PILOT and one.pilot is None:
            place = portfolio.place("initiative", name, "stage")
            what = f"the stage '{one.stage}' needs a pilot, and none is declared"
            yield Diagnostic("HW202", what, place, "add pilot:, or set stage: framed", subject=name)


def _forecast_lines(portfolio: Portfolio) -> Iterator[Diagnostic]:
    for name, one in portfolio.initiatives.items():
        outcome = portfolio.outcomes.get(one.forecast.line) if one.forecast else None
        if one.forecast and outcome and outcome.line is None:
            place = portfolio.place("initiative", name, "forecast", "line")
            what = f"no P&L line is called '{one.forecast.line}'; it is an outcome without 'line'"
            lines = [n for n, o in portfolio.outcomes.items() if o.line]
            mend = f"name one of {', '.join(lines)}" if lines else "declare an outcome with line: cost"
            yield Diagnostic("HW201", what, place, mend, subject=name)


def _circles(portfolio: Portfolio) -> Iterator[Diagnostic]:
    """Each edge that closes a circle, found by a walk in depth that needs no deep stack of ours."""
    done: set[str] = set()
    for start in portfolio.outcomes:
        way: dict[str, list[Edge]] = {}
        if start not in done:
            way[start] = list(edges_of(portfolio.outcomes, start))
        while way:
            name, left = next(reversed(way.items()))
            if not left:
                done.add(name)
                del way[name]
                continue
            edge = left.pop(0)
            if edge.drive.to in way:
                yield _circle(portfolio, edge, list(way))
            elif edge.drive.to not in done:
                way[edge.drive.to] = list(edges_of(portfolio.outcomes, edge.drive.to))


def _circle(portfolio: Portfolio, edge: Edge, way: list[str]) -> Diagnostic:
    around = [*way[way.index(edge.drive.to) :], edge.drive.to]
    what = f"outcomes drive each other in a circle: {' -> '.join(around)}"
    return Diagnostic("HW250", what, _place(portfolio, edge, "to"), "take away the edge that does not hold")


def _claims(portfolio: Portfolio, as_of: datetime | None) -> Iterator[Diagnostic]:
    day = as_of.astimezone(ZoneInfo(portfolio.settings.time_zone)).date() if as_of else None
    for name in portfolio.outcomes:
        for edge in edges_of(portfolio.outcomes, name):
            drive = edge.drive
            if drive.kind != "causal":
                continue
            if drive.owner is None:
                what = f"nobody owns the claim that '{name}' drives '{drive.to}'"
                yield Diagnostic("HW252", what, _place(portfolio, edge), "name an owner of the edge")
            if day and drive.valid_until and drive.valid_until < day:
                what = f"the claim that '{name}' drives '{drive.to}' held until {drive.valid_until}"
                yield Diagnostic(
                    "HW252", what, _place(portfolio, edge, "valid_until"), "renew the edge with evidence"
                )


def _ways_to_money(portfolio: Portfolio) -> Iterator[Diagnostic]:
    outcomes, lines_seen = portfolio.outcomes, dict[str, bool]()
    for name, one in portfolio.initiatives.items():
        start = one.outcome
        if not one.live or start not in outcomes:
            continue
        if start not in lines_seen:
            way = shortest(outcomes, start)
            # A name that is undeclared, or faulty, is told of already; what lies behind it is not known.
            lines_seen[start] = way is not None or any(n not in outcomes for n in reachable(outcomes, start))
            if way is not None:
                yield from _footing(portfolio, start, way)
        if not lines_seen[start]:
            what = f"'{start}' leads to no P&L line within {MOST_EDGES} edges"
            mend = "add a causal edge under drives, with an owner, towards a P&L line"
            yield Diagnostic(
                "HW251", what, portfolio.place("initiative", name, "outcome"), mend, subject=name
            )


def _footing(portfolio: Portfolio, start: str, way: tuple[Edge, ...]) -> Iterator[Diagnostic]:
    """What the best way to money rests on: a proxy alone, or a claim nobody attested."""
    paying = shortest(portfolio.outcomes, start, lambda e: e.drive.kind != "proxy")
    if paying is None:
        proxy = next(e for e in way if e.drive.kind == "proxy")
        what = f"only a proxy leads from '{start}' to money: '{proxy.outcome}' beside '{proxy.drive.to}'"
        mend = "add a causal edge with evidence, or name an outcome that pays"
        yield Diagnostic("HW254", what, _place(portfolio, proxy), mend)
    elif shortest(portfolio.outcomes, start, lambda e: e.grade is not Grade.D) is None:
        weak = next(e for e in paying if e.grade is Grade.D)
        what = (
            f"nobody attested that '{weak.outcome}' drives '{weak.drive.to}', on which the way to money rests"
        )
        mend = "plan a pilot on this edge, or have finance attest its slope: attested_by"
        yield Diagnostic("HW253", what, _place(portfolio, weak), mend)


def _place(portfolio: Portfolio, edge: Edge, *path: str) -> Place:
    return portfolio.place("outcome", edge.outcome, "drives", edge.index, *path)
