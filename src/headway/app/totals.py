"""Portfolio totals: states, the bill to the last digit, and how much of it rests on which evidence."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from headway.app.coverage import best_grade, exact
from headway.evidence.collect import Collected
from headway.gates.verdict import Verdict
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, add, exact
from headway.measures.base import Ask
from headway.measures.spend.cost import bill_request, bills, divide, window_of


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
    if not any(bill_request(ask, b) in collected.answers.sums for b in bills(ask.bound)):
        return {}
    divided, bill, turned = divide(ask, collected.answers.sums)
    window = window_of(bill)
    wrong = {c: r for c, r in divided.residual().items() if r != ZERO}
    if wrong:
        raise Unreconciled(wrong)
    made: dict[str, Json] = {}
    own = ask.portfolio.settings.currency
    exchanged = {
        c: {"billed": exact(e.billed), "became": exact(e.became)}
        for c, e in sorted(turned.items())
        if e.billed
    }
    for currency, whole in sorted(divided.bill.items()):
        parts = {n: p[currency] for n, p in divided.parts.items() if currency in p}
        rest = divided.unallocated.get(currency, ZERO)
        made[currency] = {
            "bill": exact(whole),
            "allocated": exact(add(*parts.values())),
            "unallocated": exact(rest),
            "initiatives": {n: exact(a) for n, a in sorted(parts.items())},
            "by_grade": _by_grade(collected, parts, rest),
            "from": window[0].date().isoformat() if window else None,
            "to": window[1].date().isoformat() if window else None,
            "exchanged": exchanged if currency == own else {},
        }
    return made


def _by_grade(collected: Collected, parts: dict[str, Decimal], rest: Decimal) -> dict[str, Json]:
    """Spend by the best grade of the effect behind it; none where nothing is measured or nobody claims it."""
    made: dict[str, Decimal] = {"none": rest}
    for name, amount in parts.items():
        grade = best_grade(collected, name)
        made[grade] = add(made.get(grade, ZERO), amount)
    return {grade: exact(amount) for grade, amount in sorted(made.items()) if amount}
