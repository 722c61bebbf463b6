"""The review as one self-contained page: no script, no request, light and dark, screen and paper."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from headway.render import billing, board, changes, cover, figures, glossary, promotion, summary, wins
from headway.render.base import Record, best_standing, outcome_effects, saw, state_of
from headway.render.page import anchor, split_metric, view
from headway.render.people import person
from headway.render.pictures import Mark, bars
from headway.render.promotion import promotion_bars
from headway.render.stairs import stairs


def review(record: Record, width: int) -> str:
    """Draw the record as a page; equal records give equal bytes."""
    del width
    initiatives = record["initiatives"]
    asked = promotion_bars(record["promotion"])
    views = [view(one, at, asked.get(one["name"])) for at, one in enumerate(initiatives, 1)]
    titles = {
        i["name"]: (i["title"], v["id"], glossary.STANDINGS[best_standing(i)])
        for i, v in zip(initiatives, views, strict=True)
    }
    known = [o for o in record["outcomes"] if o["metric"] or o["initiatives"] or not o["line"]]
    text: str = _template().render(
        record=record,
        headline=cover.sentences(record),
        counts=summary.headline(record),
        stages=summary.stages(record),
        claimed=summary.claimed(record),
        covered=_covered(record),
        changed=_changed(record),
        calls=_calls(record),
        verdicts=summary.verdicts(record),
        outcomes=known,
        lines=[o for o in record["outcomes"] if o["line"] and o not in known],
        pairs=list(zip(initiatives, views, strict=True)),
        titles=titles,
        bills=[_bill(record, c, b, at) for at, (c, b) in enumerate(record["totals"]["bill"].items(), 1)],
        promotion=_promotion(record),
        wins=list(wins.lines(record)),
        wins_title=wins.TITLE,
        missing=summary.missing_groups(initiatives),
        folded=len(initiatives) > board.LINES,
        findings=[d for d in record["diagnostics"] if d["severity"] != "note"],
        notes=[d for d in record["diagnostics"] if d["severity"] == "note"],
    )
    return text.strip()


def _covered(record: Record) -> list[dict[str, Any]]:
    """A bar per kind of spend: each grade with its share."""
    made = []
    for base in record["coverage"]["bases"]:
        whole = Decimal(base["amount"])
        if whole > 0:
            parts = [
                (grade, words, f"{float(Decimal(base['by_grade'][grade]) / whole):.4f}")
                for grade, words in cover.shares(base)
            ]
            made.append({"label": cover.label(base, several=True), "parts": parts})
    return made


def _changed(record: Record) -> dict[str, Any] | None:
    if record["changes"] is None:
        return None
    return {"title": changes.title(record), "lines": changes.lines(record, full=True)}


def _promotion(record: Record) -> dict[str, Any] | None:
    budget = record["promotion"]
    if budget is None:
        return None
    rows = {f"list {one['grade']}": one["rows"] for one in budget["lists"] if one["rows"]}
    pictures = [
        stairs(budget, ranked, f"promotion-{at}", f"E-values of {name} against what they need")
        for at, (name, ranked) in enumerate(rows.items(), 1)
    ]
    return {
        "lead": promotion.lead(record),
        "shared": promotion.shared(record),
        "without": promotion.without(record),
        "lists": [
            {"title": title, "accepted": accepted, "rows": lines, "svg": svg}
            for (title, accepted, lines), svg in zip(promotion.lists(record), pictures, strict=True)
        ],
    }


def _calls(record: Record) -> list[dict[str, Any]]:
    """Initiatives under what the evidence says; of many, all but those with most at stake are folded."""
    made = []
    few = len(record["initiatives"]) <= board.LINES
    for group in board.groups(record["initiatives"], full=True):
        rows = [_call(record, one) for one in group.shown]
        cut = len(rows) if few else board.NAMED
        made.append({"title": group.title, "count": group.count, "rows": rows[:cut], "more": rows[cut:]})
    return made


def _call(record: Record, one: Record) -> dict[str, Any]:
    return {
        "one": one,
        "found": board.found(one),
        "facts": board.facts(one),
        "spent": board.spent(record, one),
    }


def _bill(record: Record, currency: str, bill: Record, at: int) -> dict[str, Any]:
    """A bill as a column of exact amounts that adds up by eye, and its composition by grade."""
    rests, cents = billing.remainders(bill), bill["rounded"]
    amounts = [*bill["initiatives"].values(), *(a for _, a, _ in rests)]
    amounts += [bill["allocated"], bill["unallocated"], bill["bill"]]
    places, whole = figures.places_of(amounts), Decimal(bill["bill"])

    def cell(amount: str) -> tuple[str, str]:
        return figures.exact(amount, places), summary.percent(Decimal(amount), whole)

    rows = [
        (
            name,
            summary.behind(record["initiatives"], name),
            figures.exact(cents["initiatives"].get(name, amount)),
            *cell(amount),
        )
        for name, amount in bill["initiatives"].items()
    ]
    marks = [_spend(grade, Decimal(amount), whole, currency) for grade, amount in bill["by_grade"].items()]
    return {
        "currency": currency,
        "rows": rows,
        "allocated": cell(bill["allocated"]),
        "unallocated": cell(bill["unallocated"]),
        "rests": [(name, figures.exact(rounded), *cell(amount)) for name, amount, rounded in rests],
        "cents": figures.exact(cents["bill"]) if billing.finer(bill) else "",
        "allocated_cents": figures.exact(billing.allocated(bill)),
        "notes": billing.notes(currency, bill),
        "bill": figures.exact(bill["bill"], places),
        "from": bill["from"],
        "to": bill["to"],
        "svg": bars(
            marks if whole > 0 else [], f"bill{at}", f"Spend in {currency} by the evidence behind it"
        ),
    }


def _spend(grade: str, amount: Decimal, whole: Decimal, currency: str) -> Mark:
    share = float(amount / whole) if whole else 0.0
    return Mark(
        label="no measured outcome" if grade == "none" else f"grade {grade}",
        note="",
        low=share,
        value=share,
        high=share,
        number=summary.percent(amount, whole),
        ends=figures.money(amount, currency),
        kind="idle" if grade == "none" else "used",
    )


def _glued(value: object) -> object:
    """Keep a per cent sign on the line of its number."""
    return value.replace(" %", "\u00a0%") if isinstance(value, str) else value


def _expired(row: Record, as_of: str) -> bool:
    return row["valid_until"] is not None and row["valid_until"] < as_of


def environment() -> Environment:
    """What every page is drawn with: escaped words, and the filters of numbers, days and names."""
    made = Environment(
        loader=PackageLoader("headway.render"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_glued,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        glossary=glossary,
        best_standing=best_standing,
        expired=_expired,
        lines_of=summary.lines_of,
        outcome_effects=outcome_effects,
        person=person,
        saw=saw,
        split_metric=split_metric,
        state_of=state_of,
        told=summary.told,
        waiting=summary.waiting,
    )
    names = (
        "change",
        "day",
        "declared",
        "exact",
        "figure",
        "interval",
        "iso",
        "metric_words",
        "money",
        "number",
    )
    made.filters.update({n: getattr(figures, n) for n in (*names, "share", "span")})
    made.filters.update(anchor=anchor)
    return made


@cache
def _template() -> Template:
    return environment().get_template("review.html.j2")
