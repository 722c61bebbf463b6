"""Portfolio totals: states, the bill to the last digit, and how much of it rests on which evidence."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from headway.app.coverage import best_grade
from headway.evidence.collect import Collected
from headway.gates.verdict import Verdict
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, add, exact, minor_places, settle
from headway.measures.base import Ask
from headway.measures.spend.allocation import Allocation
from headway.measures.spend.bill import window_of
from headway.measures.spend.cost import divide
from headway.measures.spend.division import Divided


class Unreconciled(ArithmeticError):
    """Parts and remainder do not add up to the bill (HW444): ours to mend, never shown as a number."""


def totals_of(collected: Collected, verdicts: Sequence[Verdict | None]) -> dict[str, Json]:
    """Counts of verdicts by state, and the bill divided.

    Raises:
        Unreconciled: HW444, a bug of ours.
    """
    states: dict[str, int] = {}
    for verdict in verdicts:
        if verdict:
            states[verdict.state.value] = states.get(verdict.state.value, 0) + 1
    counted: dict[str, Json] = {"initiatives": len(verdicts), "states": dict(sorted(states.items()))}
    ask = next(iter(collected.asks.values()), None)
    return {**counted, "bill": _bill(ask, collected) if ask else {}}


def _bill(ask: Ask, collected: Collected) -> Json:
    divided = divide(ask, collected.answers.sums)
    if divided is None:
        return {}
    for allocation in (divided.cost, divided.cash):
        wrong = {c: r for c, r in allocation.residual().items() if r != ZERO}
        if wrong:
            off = ", ".join(f"{exact(r)} {c}" for c, r in sorted(wrong.items()))
            message = f"HW444 the parts of the bill are not the bill: it is off by {off}"
            raise Unreconciled(message)
    own = ask.portfolio.settings.currency
    exchanged = {
        c: {"billed": exact(e.billed), "became": exact(e.became)}
        for c, e in sorted(divided.exchanged.items())
        if e.billed
    }
    return {
        currency: {
            **_of_currency(divided, currency, collected),
            "exchanged": exchanged if currency == own else {},
        }
        for currency in sorted(divided.cost.bill)
    }


def _of_currency(divided: Divided, currency: str, collected: Collected) -> dict[str, Json]:
    cost = divided.cost
    borne = cost.parts.get(currency, {})
    parts = {n: b.total for n, b in borne.items()}
    rest, window = cost.unallocated(currency), window_of(divided.lines)
    return {
        "bill": exact(cost.bill[currency]),
        "billed": exact(divided.cash.bill.get(currency, ZERO)),
        "basis": {c: exact(of[currency]) for c, of in divided.basis.items() if currency in of},
        "allocated": exact(add(*parts.values())),
        "unallocated": exact(rest),
        "initiatives": {n: exact(a) for n, a in sorted(parts.items())},
        "paths": {
            n: {
                "direct": exact(b.direct),
                "followed": exact(b.followed),
                "shared": {c: exact(a) for c, a in sorted(b.shared.items())},
            }
            for n, b in sorted(borne.items())
        },
        "components": _components(divided, currency),
        "unclaimed": exact(cost.unclaimed.get(currency, ZERO)),
        "rounded": _rounded(cost, currency),
        "by_grade": _by_grade(collected, parts, rest),
        "from": window[0].date().isoformat() if window else None,
        "to": window[1].date().isoformat() if window else None,
    }


def _components(divided: Divided, currency: str) -> dict[str, Json]:
    """What each component costs, how it is divided, and what of it stays with the platform."""
    cost, made = divided.cost, dict[str, Json]()
    shared: dict[str, list[Decimal]] = {}
    for borne in cost.parts.get(currency, {}).values():
        for name, amount in borne.shared.items():
            shared.setdefault(name, []).append(amount)
    platform = cost.platform.get(currency, {})
    for name in sorted({*shared, *platform}):
        sharing = divided.sharings.get(name)
        said = sorted({r.said for r in divided.readings.get(name, {}).values() if r.said})
        by = "" if sharing is None else "; ".join(said) if sharing.driver else "declared shares"
        made[name] = {
            "cost": exact(add(*shared.get(name, []), platform.get(name, ZERO))),
            "by": by,
            "shared": exact(add(*shared.get(name, []))),
            "platform": exact(platform.get(name, ZERO)),
        }
    return made


def _rounded(cost: Allocation, currency: str) -> dict[str, Json]:
    """The column a person reads: rounded to the minor unit, and still the rounded bill in sum."""
    borne = {("initiative", n): b.total for n, b in cost.parts.get(currency, {}).items()}
    borne |= {("platform", n): a for n, a in cost.platform.get(currency, {}).items()}
    borne |= {("unclaimed", ""): cost.unclaimed.get(currency, ZERO)}
    found = settle({n: Fraction(a) for n, a in borne.items()}, minor_places(currency))
    return {
        "bill": f"{add(*found.values()):f}",
        "initiatives": {n: f"{a:f}" for (kind, n), a in found.items() if kind == "initiative"},
        "platform": {n: f"{a:f}" for (kind, n), a in found.items() if kind == "platform"},
        "unclaimed": f"{found['unclaimed', '']:f}",
    }


def _by_grade(collected: Collected, parts: dict[str, Decimal], rest: Decimal) -> dict[str, Json]:
    """Spend by the best grade of the effect behind it; none where nothing is measured or nobody claims it."""
    made: dict[str, Decimal] = {"none": rest}
    for name, amount in parts.items():
        grade = best_grade(collected, name)
        made[grade] = add(made.get(grade, ZERO), amount)
    return {grade: exact(amount) for grade, amount in sorted(made.items()) if amount}
