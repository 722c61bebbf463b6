"""A piece of evidence: its number with its doubt, down to the query, the rows and the digest it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from headway.aggregates.engine import Read
from headway.app.explain.explanation import Explanation, Part, facts, listed
from headway.app.explain.place import Here
from headway.portfolio.initiative import derived_name
from headway.portfolio.outcome import baseline_name
from headway.render import figures
from headway.render.glossary import mark

Record = Mapping[str, Any]

_ID = re.compile(r"^[0-9a-f]{4,64}$")
# As long as a person copies, and as unique as a Git revision.
SHOWN = 12
# What would lift a reason for a grade: the beginning or end of the reason, and one action.
_LIFTS = (
    ("no dated registration", "register the design, with a date before the first exposure: pilot.registered"),
    ("after the first exposure", "a new run that is registered before its first exposure"),
    (
        "not randomised",
        "let chance decide who is treated: pilot.design randomised or clusters, registered first",
    ),
    (
        "nothing beside it",
        "let chance decide who is treated: pilot.design randomised or clusters, registered first",
    ),
    ("people at declared rates", "meter the cost: bind the bill and its keys under cost.select"),
    ("path to", "state the slope of each drive and have finance sign it: outcome.drives.attested_by"),
    ("effect grade A", ""),
    ("effect grade", "an effect of a better grade"),
)
# Details that are told above, or that only a picture can tell.
# A course over time is a picture or data, no line to read.
_LONGEST = 12
_ELSEWHERE = ("citation", "role", "arm", "counterfactual")
_COUNTED = ("cost", "srm", "utilisation", "baseline", "token_bill", "unit_cost")


def find(here: Here, word: str) -> tuple[Explanation, ...]:
    """Evidence by its id, by the beginning of one, or by its address INITIATIVE/MEASURE[/METRIC]."""
    rows = list(every(here))
    if _ID.match(word) and (found := [e for e in rows if e["id"].startswith(word)]):
        return tuple(told(here, e) for e in found)
    asked = _bare(word)
    if "/" not in asked:
        return ()
    found = [e for e in rows if asked in map(_bare, _addresses(e))]
    outcomes = [e for e in found if e["estimate"]["detail"].get("role") == "outcome"]
    return tuple(told(here, e) for e in (outcomes or found))


def every(here: Here) -> Iterator[Record]:
    """All evidence of the review."""
    for one in here.record["initiatives"]:
        yield from one["evidence"]


def address(e: Record) -> str:
    """Where a number stands: INITIATIVE/MEASURE/METRIC."""
    return f"{e['subject']}/{e['measure']}/{e['metric']}"


def _addresses(e: Record) -> tuple[str, ...]:
    metric = e["metric"].partition(" [")[0]
    return (address(e), f"{e['subject']}/{e['measure']}/{metric}", f"{e['subject']}/{e['measure']}")


def _bare(said: str) -> str:
    return said.replace(" ", "").casefold()


def told(here: Here, e: Record) -> Explanation:
    """Everything that is known of one piece of evidence."""
    estimate, interval = e["estimate"], figures.interval(e["estimate"])
    number = figures.number(estimate) + (f" ({interval})" if interval else "")
    reads = tuple(_reads(here, e))
    return Explanation(
        "evidence",
        address(e),
        f"{e['subject']}: {figures.metric_words(e['metric'])} {number}, grade {e['grade']}",
        e["sentence"],
        facts(
            address=address(e),
            evidence_id=e["id"],
            measure=f"{e['measure']}, version {e['asked'].get('measure_version', '1')}",
            method=f"{estimate['method']}; n {estimate['n']:,}",
            observed=figures.span(e["observed"]),
            stands_until=_until(here, e),
            grade=f"{e['grade']}: {'; '.join(e['grade_reasons'])}" if e["grade_reasons"] else e["grade"],
            to_raise_it="; ".join(better(e)),
            parameters=_plain({k: v for k, v in e["asked"].items() if k != "measure_version"}),
            estimator=_plain({k: v for k, v in estimate["detail"].items() if k not in _ELSEWHERE}),
        ),
        (*_sources(here, e), *_queries(reads), *listed("It is read by", list(_judged(here, e)))),
        (f"measure {e['measure']}", f"grade {e['grade']}", f"initiative {e['subject']}"),
        e,
    )


def _until(here: Here, e: Record) -> str:
    until, now = e["valid_until"], here.record["as_of"]
    if until is None:
        return "nothing dates its data, so that it is never fresh"
    said = f"{figures.day(until)}, by its grade"
    if until < now:
        said += "; that is over: it counts only where the gate lets it stand longer"
    return said + ("; its pilot has ended" if e["closed"] else "")


def better(e: Record) -> Iterator[str]:
    """What would raise the grade."""
    if e["grade"] == "A":
        yield "there is none"
    elif e["measure"] in _COUNTED:
        yield "none: a count is graded C, and that is all that is asked of one"
    elif e["measure"] == "returns":
        reasons = [lift for reason in e["grade_reasons"] if (lift := _lift(reason))]
        yield from ["it is as good as the weakest of effect, path and cost", *reasons]
    else:
        lifts = [lift for reason in e["grade_reasons"] if (lift := _lift(reason))]
        yield from lifts or ["a design in which chance decides who is treated, registered before it starts"]


def _lift(reason: str) -> str:
    return next((lift for sign, lift in _LIFTS if sign in reason), "")


def _plain(values: Mapping[str, Any]) -> str:
    """Parameters in one line; what is not set is left out."""
    return ", ".join(f"{k} {_value(v)}" for k, v in values.items() if v not in (None, "", [], {}))


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{k} {_value(v)}" for k, v in value.items()) + ")"
    if isinstance(value, list) and len(value) > _LONGEST:
        return f"{len(value)} of them, which `--format json` shows"
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _sources(here: Here, e: Record) -> Iterator[Part]:
    for p in e["provenance"]:
        yield (
            source_part(here, p)
            if p["source"] in here.portfolio.sources
            else _own_file(here, e["subject"], p)
        )


def _own_file(here: Here, name: str, p: Record) -> Part:
    """Figures of a published study, which stand in the initiative's own file."""
    lines = [f"declared: {here.said('initiative', name, 'pilot')}", f"digest: {p['digest']}"]
    return Part(
        "Source: the initiative's own file", (*lines, *([f"citation: {c}"] if (c := p["citation"]) else []))
    )


def source_part(here: Here, p: Record) -> Part:
    """A source that evidence rests on: its place, rows, newest row and digests."""
    name = p["source"]
    declared = here.portfolio.sources[name]
    bound = next((a.bound[name] for a in here.review.collected.asks.values() if name in a.bound), None)
    rows = p["rows"] if p["rows"] is not None else bound and bound.counted
    told = {
        "declared": here.said("source", name),
        "reads": declared.path or declared.table or "",
        "fact": p["fact"],
        "rows": f"{rows:,}" if rows is not None else "",
        "newest row": figures.day(bound.newest.isoformat()) if bound and bound.newest else "",
        "digest": p["digest"],
        "request": p["request"],
        "citation": p["citation"],
        "licence": p["licence"],
    }
    return Part(f"Source {name}", tuple(f"{label}: {said}" for label, said in told.items() if said))


def _reads(here: Here, e: Record) -> Iterator[Read]:
    """The queries that evidence came by; those of the effect, where a return rests on it."""
    sources = {p["source"] for p in e["provenance"]}
    # What was made of sources is read under a name of its own.
    one = here.portfolio.initiatives[e["subject"]]
    sources |= {derived_name(e["subject"]), baseline_name(one.outcome)}
    for measure in dict.fromkeys((e["measure"], "effect")):
        serves = f"{measure} of {e['subject']}"
        found = [r for r in here.review.collected.reads if r.source in sources and serves in r.serves]
        if found:
            yield from found
            return


def _queries(reads: tuple[Read, ...]) -> Iterator[Part]:
    for read in reads:
        yield query(read)


def query(read: Read) -> Part:
    """A query as it was sent, and how often the source was read for it."""
    how = (
        "its answer is remembered"
        if read.remembered
        else f"{read.scans} scan" + ("s" if read.scans != 1 else "")
    )
    return Part(f"Query over {read.source} ({how})", tuple(read.sql.splitlines()), verbatim=True)


def _judged(here: Here, e: Record) -> Iterator[str]:
    for one in here.record["initiatives"]:
        for row in one["requirements"]:
            if e["id"] in row["evidence_ids"]:
                yield f"{mark(row['state'])} {row['id']}: needs {row['need']}"
