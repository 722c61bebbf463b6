"""Whose a component's use is: its holders', or by declared shares, or of the one initiative that uses it."""

from __future__ import annotations

from decimal import Decimal

from headway.measures.base import Ask


def part_of(ask: Ask, component: str) -> Decimal | None:
    """The initiative's part of a component whose meter names no holder; None where nothing says it.

    It is never whole to each: what two share belongs to neither until shares or holders are declared.
    """
    shares, name = ask.portfolio.components[component].cost.shares, ask.initiative.initiative
    if shares:
        return shares.get(name, Decimal(0))
    own = [s.share for s in ask.initiative.cost.shared if s.component == component and s.share is not None]
    if own:
        return own[0]
    users = [n for n, i in ask.portfolio.initiatives.items() if component in i.uses and i.live]
    return Decimal(1) if users in ([name], []) else None


def unheld(ask: Ask, component: str) -> str:
    """Why the part is not known."""
    users = sum(component in i.uses and i.live for i in ask.portfolio.initiatives.values())
    return f"{users} initiatives use {component}; neither a holder in its meter nor cost.shares divides it"
