"""What all measures want to know of all initiatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from headway.aggregates.ask import Answers
from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.errors import scrub
from headway.measures.base import Ask, AsksAgain, Measure

# By initiative and measure, why the measure broke before a row was read.
Broken = dict[tuple[str, str], str]


def wanted(every: tuple[Measure, ...], asks: Mapping[str, Ask]) -> tuple[list[Request], Broken]:
    """What all measures want to know, and which of them broke when they were asked."""
    broken: Broken = {}
    return _gathered(every, asks, lambda measure, one: measure.needs(one), broken), broken


def wanted_again(
    every: tuple[Measure, ...], asks: Mapping[str, Ask], answers: Answers, broken: Broken
) -> list[Request]:
    """What some measures want besides, now that they have seen some answers; nothing twice."""
    patient = tuple(m for m in every if isinstance(m, AsksAgain))
    found = _gathered(patient, asks, lambda measure, one: _again(measure, one, answers.sums), broken)
    return [r for r in found if r not in answers.sums and r.source not in answers.faults]


def _again(measure: Measure, one: Ask, sums: Mapping[Request, Sums]) -> tuple[Request, ...]:
    found = measure.asks_again(one, sums) if isinstance(measure, AsksAgain) else ()
    return tuple(r for r in found if r.source in one.bound)


def _gathered(
    every: tuple[Measure, ...],
    asks: Mapping[str, Ask],
    wants: Callable[[Measure, Ask], tuple[Request, ...]],
    broken: Broken,
) -> list[Request]:
    made: list[Request] = []
    for name, one in asks.items():
        for measure in every:
            if (name, measure.name) in broken:
                continue
            try:
                made += [replace(r, serves=f"{measure.name} of {name}") for r in wants(measure, one)]
            except Exception as error:  # noqa: BLE001  a bug in one measure must not cost the review
                broken[name, measure.name] = words_of(error)
    return made


def words_of(error: Exception) -> str:
    """An error in one line, its kind and what it says first, without secrets."""
    said = (str(error).strip().splitlines() or [""])[0]
    return scrub(f"{type(error).__name__}: {said}" if said else type(error).__name__)
