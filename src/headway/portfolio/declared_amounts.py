"""Amounts that the files state in another currency than the portfolio's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from headway.kernel.diagnostic import Diagnostic
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio

Path = tuple[str | int, ...]


def without_rate(portfolio: Portfolio, today: date) -> Iterator[Diagnostic]:
    """HW343 for every declared amount that no rate of this day turns into the portfolio's currency."""
    for kind, name, path, currency in declared_amounts(portfolio):
        if currency is None or portfolio.rates.on(currency, today) is not None:
            continue
        what, mend = _words(portfolio, currency, today)
        subject = name if kind == "initiative" else ""
        yield Diagnostic("HW343", what, portfolio.place(kind, name, *path), mend, subject=subject)


def _words(portfolio: Portfolio, currency: str, today: date) -> tuple[str, str]:
    own, file = portfolio.settings.currency, portfolio.settings.exchange_rates
    if file is None:
        what = f"the amount is in {currency}, the portfolio in {own}, and no dated rate joins them"
        return what, f"write it in {own}, or name a file of rates: exchange_rates: data/fx.csv"
    what = f"the amount is in {currency}, and no rate to {own} is of {today} or the seven days before"
    return what, f"add a rate of {currency} to {file}"


def declared_amounts(portfolio: Portfolio) -> Iterator[tuple[str, str, Path, str | None]]:
    """Every declared amount: kind and name of its document, its path there, and its currency if any."""
    settings = portfolio.settings
    if settings.promotion_budget and settings.promotion_budget.envelope:
        path = ("promotion_budget", "envelope")
        yield "portfolio", settings.portfolio, path, settings.promotion_budget.envelope.currency
    for name, one in portfolio.initiatives.items():
        if one.forecast:
            yield "initiative", name, ("forecast", "per_year"), one.forecast.per_year.currency
        if one.cost_of_delay:
            yield "initiative", name, ("cost_of_delay",), one.cost_of_delay.currency
        yield from _of_economics(name, one)
        yield from _of_pilot(name, one)
        for at, person in enumerate(one.cost.people):
            yield "initiative", name, ("cost", "people", at, "rate"), person.rate.currency
    yield from _of_components(portfolio)
    for name, outcome in portfolio.outcomes.items():
        for at, drive in enumerate(outcome.drives):
            if drive.slope:
                yield "outcome", name, ("drives", at, "slope"), drive.slope.currency


def _of_components(portfolio: Portfolio) -> Iterator[tuple[str, str, Path, str | None]]:
    for name, component in portfolio.components.items():
        if component.tokens and component.tokens.self_hosted:
            path = ("tokens", "self_hosted", "device_hour")
            yield "component", name, path, component.tokens.self_hosted.device_hour.currency


def _of_economics(name: str, one: Initiative) -> Iterator[tuple[str, str, Path, str | None]]:
    if one.unit_cost and one.unit_cost.target:
        yield "initiative", name, ("unit_cost", "target"), one.unit_cost.target.currency
    if one.returns and one.returns.investment:
        yield "initiative", name, ("returns", "investment"), one.returns.investment.currency


def _of_pilot(name: str, one: Initiative) -> Iterator[tuple[str, str, Path, str | None]]:
    for key in ("budget", "asks"):
        if amount := getattr(one.pilot, key, None):
            yield "initiative", name, ("pilot", key), amount.currency
