"""Evidence and numbers: from what is printed down to the query, the rows, the digest and the method."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headway.app.explanation import Candidate, Explanation, Rows, facts
from headway.kernel.identity import instant, plain
from headway.render import figures

if TYPE_CHECKING:
    from headway.app.review import Review
    from headway.evidence.record import Evidence, Provenance

# Shorter beginnings of an id are words as often as ids.
LEAST_PREFIX = 6
_NO_SPACE = re.compile(r"[\s\u202f\u00a0]+")
# Which words among the reasons of a grade are settled by what; the first that fits.
_RAISES = (
    (
        "registration",
        "register the next pilot, dated, before its first exposure: pilot: {registered: {where: …}}",
    ),
    ("not randomised", "assign units by lot next time: pilot: {design: randomised}"),
    ("published", "a comparison in the house: the authors' rows are not here to be looked at"),
    ("declared rates", "cost from the bill, under cost.select, instead of declared rates"),
    ("path to", "have finance sign the slopes on the way to the P&L line: attested_by"),
    ("effect grade", "a better graded effect: it is as good as the weakest part"),
    ("a count", "nothing: a count of everything has no comparison in it"),
    ("observed use", "nothing: what was used is observed, not compared"),
)


def by_prefix(made: Review, prefix: str) -> list[Evidence]:
    """The evidence whose id begins so."""
    every = (e for found in made.collected.evidence.values() for e in found)
    return [e for e in every if e.id.startswith(prefix)]


def by_address(made: Review, address: str) -> tuple[list[Explanation], list[Candidate]]:
    """What stands at ``INITIATIVE/MEASURE[/METRIC]`` or ``totals/bill/CURRENCY``.

    Returns:
        The explanations, or where the address leads to several numbers, the addresses of each.
    """
    parts = address.split("/", 2)
    if parts[0] == "totals":
        return list(_totals(made, address)), []
    rows = made.collected.evidence.get(parts[0], ())
    found = [e for e in rows if e.measure == parts[1]]
    if len(parts) > 2:  # noqa: PLR2004  with a metric
        exact = [e for e in found if e.metric == parts[2]]
        found = exact or [e for e in found if e.metric.partition(" [")[0] == parts[2]]
    if len(found) == 1:
        return [of_evidence(made, found[0])], []
    if not found:
        return [e for e in [_absent(made, parts)] if e], []
    return [], [Candidate(address_of(e), _number(e)) for e in found]


def address_of(evidence: Evidence) -> str:
    """The address of one number.

    The metric is always in it, so that a second metric of the measure does not change what it means.
    """
    return f"{evidence.subject}/{evidence.measure}/{evidence.metric}"


def by_text(made: Review, text: str) -> list[Explanation]:
    """Every place of the review at which a number is printed so, whatever its blanks and its minus sign."""
    asked = _bare(text)
    found = [
        of_evidence(made, e, printed=where)
        for rows in made.collected.evidence.values()
        for e in rows
        if (where := _printed(e, asked))
    ]
    bills: Any = made.as_json()["totals"]
    for currency, bill in bills["bill"].items():
        for key in ("bill", "allocated", "unallocated"):
            if asked in _amounts(bill[key], currency):
                found += _bill_part(made, currency, bill, key)
        for name, amount in bill["initiatives"].items():
            if asked in _amounts(amount, currency):
                found += _bill_part(made, currency, bill, f"initiatives/{name}")
    return found


def of_evidence(made: Review, evidence: Evidence, printed: str = "") -> Explanation:
    """One piece of evidence, down to its query."""
    estimate = plain(evidence.estimate.as_json())
    detail = {k: v for k, v in evidence.estimate.detail.items() if v not in (None, "", {}, [])}
    reads = _reads(made, evidence)
    named = facts(
        [
            ("printed as", printed),
            ("value", figures.number(_estimate(estimate))),
            ("interval", figures.interval(_estimate(estimate)) or "none: it counts everything"),
            ("rests on", f"{evidence.estimate.n:,} units"),
            ("method", evidence.estimate.method),
            ("measure", f"{evidence.measure}, version {evidence.asked.get('measure_version', '')}"),
            ("parameters", _parameters(evidence.asked)),
            ("figures beside it", _parameters(detail)),
            ("grade", f"{evidence.estimate.grade}: {'; '.join(evidence.estimate.grade_reasons)}"),
            ("a better grade needs", raises(evidence)),
            ("observed", figures.span(_window(evidence))),
            ("stands until", _until(evidence)),
            ("computed", f"{instant(evidence.received_at)[:19]}Z by this run"),
            ("id", evidence.id),
        ]
    )
    sources = Rows(
        "where it came from",
        ("source", "fact", "rows", "newest row", "content digest", "declared at"),
        tuple(_source(made, evidence, p) for p in evidence.provenance),
    )
    judged = _judged(made, evidence)
    see = (*(f"headway explain {r[0]}" for r in judged[:2]), f"headway explain measure {evidence.measure}")
    title = f"{figures.metric_words(evidence.metric)} of {evidence.subject}: {_number(evidence)}"
    tables = (sources, Rows("requirements that read it", ("requirement", "state", "needs"), judged))
    query = reads or "no query: the figures stand in the file, at the place above"
    return Explanation(
        "evidence", address_of(evidence), title, facts=named, tables=tables, query=query, see=see
    )


def raises(evidence: Evidence) -> str:
    """What would make its grade better."""
    if evidence.estimate.grade.value == "A":
        return "nothing: A is the best there is"
    reasons = " ".join(evidence.estimate.grade_reasons)
    return next((said for word, said in _RAISES if word in reasons), "a design in which chance decides")


def _number(evidence: Evidence) -> str:
    estimate = _estimate(plain(evidence.estimate.as_json()))
    ends = figures.interval(estimate)
    return f"{figures.number(estimate)}{f' ({ends})' if ends else ''}, grade {evidence.estimate.grade}"


def _estimate(estimate: Any) -> Mapping[str, Any]:
    made: Mapping[str, Any] = estimate
    return made


def _window(evidence: Evidence) -> Mapping[str, Any] | None:
    window = evidence.observed
    return {"from": instant(window[0]), "to": instant(window[1])} if window else None


def _until(evidence: Evidence) -> str:
    if evidence.valid_until is None:
        return "nothing dates its data, so it counts at no gate"
    by = "its pilot has ended; a gate row may let it stand longer" if evidence.closed else "by its grade"
    return f"{evidence.valid_until.date()} ({by})"


def _parameters(asked: Mapping[str, Any]) -> str:
    shown = {k: v for k, v in asked.items() if k != "measure_version"}
    return ", ".join(
        f"{k} {v if isinstance(v, str) else json.dumps(plain(v), ensure_ascii=False)}"
        for k, v in shown.items()
    )


def _source(made: Review, evidence: Evidence, origin: Provenance) -> tuple[str, ...]:
    portfolio = made.portfolio
    if origin.source not in portfolio.sources:
        place = portfolio.place("initiative", evidence.subject, "pilot")
        return "the pilot as written", "-", "-", "-", origin.digest[:12], str(place)
    bound = made.collected.asks[evidence.subject].bound.get(origin.source)
    newest = bound.newest if bound else None
    last = newest or (evidence.observed[1] if evidence.observed else None)
    return (
        origin.source,
        origin.fact,
        f"{origin.rows:,}" if origin.rows is not None else "not counted",
        instant(last)[:10] if last else "not dated",
        origin.digest[:12],
        str(portfolio.place("source", origin.source)),
    )


def _judged(made: Review, evidence: Evidence) -> tuple[tuple[str, ...], ...]:
    verdicts = (r.verdict for r in made.initiatives if r.verdict and r.verdict.initiative == evidence.subject)
    return tuple(
        (j.id, j.state.value, j.need)
        for v in verdicts
        for j in v.requirements
        if evidence.id in j.evidence_ids
    )


def _reads(made: Review, evidence: Evidence) -> str:
    """The queries of its sources, those that served its own measure where it asked some itself."""
    sources = {p.source for p in evidence.provenance}
    of = [r for r in made.collected.reads if r.source in sources]
    own = [r for r in of if f"{evidence.measure} of {evidence.subject}" in r.serves]
    served = [r for r in of if any(s.endswith(f" of {evidence.subject}") for s in r.serves)]
    told = []
    for read in own or served:
        again = ", remembered from an earlier run" if read.remembered else ""
        told.append(f"-- source {read.source}{again}\n{read.sql}")
    return "\n\n".join(told)


def _absent(made: Review, parts: list[str]) -> Explanation | None:
    """A number that is not there is told with the reason why."""
    found = [m for m in made.collected.missing.get(parts[0], ()) if m.measure == parts[1]]
    if not found:
        return None
    rows = tuple((m.metric, m.reason, m.why) for m in found)
    return Explanation(
        "missing evidence",
        "/".join(parts),
        f"{parts[1]} of {parts[0]} is missing",
        tables=(Rows("why", ("metric", "reason", "in words"), rows),),
        see=(f"headway gate {parts[0]}", "headway doctor"),
    )


def _printed(evidence: Evidence, asked: str) -> str:
    """As which of its numbers a text stands for an estimate; empty where it is none of them."""
    estimate = _estimate(plain(evidence.estimate.as_json()))
    unit, detail = estimate["unit"], estimate["detail"]
    for key, said in (
        ("value", "the value"),
        ("low", "the lower end of its interval"),
        ("high", "the upper end of its interval"),
    ):
        forms = [figures.figure(estimate[key], unit)]
        if "role" in detail:
            forms += [figures.change(estimate[key], unit), figures.change(estimate[key], unit, bare=True)]
        if key == "value":
            forms.append(figures.number(estimate))
        if asked in {form for text in forms for form in _forms(text)}:
            return said
    return ""


def _forms(text: str) -> Iterator[str]:
    """A printed number with and without its unit, and without a plus."""
    bare = _bare(text)
    yield bare
    yield bare.lstrip("+")
    yield _bare(text.partition(" ")[0])
    yield _bare(text.partition(" ")[0]).lstrip("+")


def _bare(text: str) -> str:
    return _NO_SPACE.sub("", text).replace("−", "-").replace(",", "")


def _amounts(amount: str, currency: str) -> set[str]:
    shown = (figures.exact(amount), figures.exact(amount, 2), figures.money(amount, currency))
    return {form for text in shown for form in _forms(text)} | {
        _bare(f"{text}{currency}") for text in shown[:2]
    }


def _totals(made: Review, address: str) -> Iterator[Explanation]:
    parts = address.split("/")
    totals: Any = made.as_json()["totals"]
    if len(parts) < 3 or parts[1] != "bill" or parts[2] not in totals["bill"]:  # noqa: PLR2004  totals/bill/EUR
        return
    yield from _bill_part(made, parts[2], totals["bill"][parts[2]], "/".join(parts[3:]) or "bill")


def _bill_part(made: Review, currency: str, bill: Any, key: str) -> Iterator[Explanation]:
    """A part of the bill, with all its parts beside it: they add up to the last digit."""
    head, _, name = key.partition("/")
    amount = bill["initiatives"].get(name) if head == "initiatives" else bill.get(head)
    if not isinstance(amount, str):
        return
    title = {
        "bill": "everything billed",
        "allocated": "what initiatives claim",
        "unallocated": "what nobody claims",
    }.get(head, f"what {name} claims")
    parts = tuple((n, figures.exact(a)) for n, a in bill["initiatives"].items())
    rows = (*parts, ("nobody", figures.exact(bill["unallocated"])), ("bill", figures.exact(bill["bill"])))
    costs = [n for n, s in made.portfolio.sources.items() if s.fact == "cost"]
    reads = [r for r in made.collected.reads if r.source in costs]
    bound = next((a.bound for a in made.collected.asks.values()), {})
    sources = tuple(
        (
            n,
            figures.iso(instant(b.newest)) if b.newest else "not dated",
            b.digest[:12],
            str(made.portfolio.place("source", n)),
        )
        for n in costs
        if (b := bound.get(n))
    )
    yield Explanation(
        "total",
        f"totals/bill/{currency}" + ("" if key == "bill" else f"/{key}"),
        f"{figures.exact(amount)} {currency}: {title}, {bill['from']} to {bill['to']}",
        "Each row of the bill goes to the one initiative whose key under cost.select it bears; "
        "the rest is unallocated.",
        tables=(
            Rows("its parts, which add up to the last digit", ("whose", currency), rows),
            Rows("where it came from", ("source", "newest row", "content digest", "declared at"), sources),
        ),
        query="\n\n".join(f"-- source {r.source}\n{r.sql}" for r in reads),
        see=("headway explain measure cost",),
    )
