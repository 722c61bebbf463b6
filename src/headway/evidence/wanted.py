"""What all measures want to know of all initiatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.errors import scrub
from headway.measures.base import Ask, AsksAgain, Measure

# By initiative and measure, why the measure broke before a row was read.
Broken = dict[tuple[str, str], str]


def wanted(every: tuple[Measure, ...], asks: Mapping[str, Ask]) -> tuple[list[Request], Broken]:
    """What all measures want to know, and which of them broke when they were asked."""
    return _gathered(every, asks, lambda measure, one: measure.needs(one), {})


def wanted_again(
    every: tuple[Measure, ...], asks: Mapping[str, Ask], sums: Mapping[Request, Sums], broken: Broken
) -> tuple[list[Request], Broken]:
    """What some measures want besides, now that they have seen their first answers."""
    patient = tuple(m for m in every if isinstance(m, AsksAgain))
    found, more = _gathered(patient, asks, lambda measure, one: _again(measure, one, sums), broken)
    return [r for r in found if r not in sums], more


def _again(measure: Measure, one: Ask, sums: Mapping[Request, Sums]) -> tuple[Request, ...]:
    return measure.asks_again(one, sums) if isinstance(measure, AsksAgain) else ()


def _gathered(
    every: tuple[Measure, ...],
    asks: Mapping[str, Ask],
    wants: Callable[[Measure, Ask], tuple[Request, ...]],
    known: Broken,
) -> tuple[list[Request], Broken]:
    made: list[Request] = []
    broken: Broken = {}
    for name, one in asks.items():
        for measure in every:
            if (name, measure.name) in known:
                continue
            try:
                made += [replace(r, serves=f"{measure.name} of {name}") for r in wants(measure, one)]
            except Exception as error:  # noqa: BLE001  a bug in one measure must not cost the review
                broken[name, measure.name] = words_of(error)
    return made, broken


def words_of(error: Exception) -> str:
    """An error in one line, its kind and what it says first, without secrets."""
    said = (str(error).strip().splitlines() or [""])[0]
    return scrub(f"{type(error).__name__}: {said}" if said else type(error).__name__)
