"""One initiative as the page shows it: effect, money and use as marks, evidence and sources as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from headway.render import economics
from headway.render.base import (
    Record,
    drawable,
    effects_of,
    judged_guardrails,
    named,
    open_rows,
    outcome_effects,
    role_of,
    settled_rows,
)
from headway.render.counterfactual import counterfactual, legend
from headway.render.course import Course, course
from headway.render.course import rows as course_rows
from headway.render.event_study import Study, event_study
from headway.render.event_study import rows as study_rows
from headway.render.figures import change, exact, figure, interval, metric_words, money, number
from headway.render.load_picture import LEGEND, LoadPicture, load_picture
from headway.render.pictures import Axis, Mark, bars, forest
from headway.render.summary import missing_groups


def anchor(name: str) -> str:
    """An id for a name: letters and digits stay, all else by its number, so no two names share one.

    >>> anchor("maths-tutor"), anchor("a b_c")
    ('maths-tutor', 'a_20_b_5f_c')
    """
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else f"_{ord(c):x}_" for c in name)


def split_metric(metric: str) -> tuple[str, str]:
    """A metric's words and the arm or resource it is of.

    >>> split_metric("exam_grade [base]")
    ('exam grade', 'base')
    """
    base, _, rest = metric.partition(" [")
    return metric_words(base), rest.removesuffix("]")


def view(initiative: Record, at: int, bars: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Everything the template needs of an initiative besides the record itself.

    Args:
        initiative: its record.
        at: its place on the page, from 1.
        bars: the e-value that promotion asks for, by metric.
    """
    ident, sources = f"i{at}", sources_of(initiative)
    return {
        "id": f"initiative-{anchor(initiative['name'])}",
        "pictures": effect_pictures(initiative, ident),
        "courses": course_pictures(initiative, ident, bars or {}),
        "counterfactuals": counterfactual_pictures(initiative, ident),
        "studies": study_pictures(initiative, ident),
        "unplaced": [e for e in effects_of(initiative) if not drawable(e["estimate"])],
        "sentences": [
            e["sentence"]
            for e in (*outcome_effects(initiative), *judged_guardrails(initiative))
            if e["sentence"]
        ],
        "money": money_view(initiative, ident),
        "economics": [{"label": economics.label(r), "row": r} for r in economics.rows_of(initiative)],
        "usage": usage_view(initiative, ident),
        "capacity": capacity_view(initiative, ident),
        "open": open_rows(initiative),
        "settled": settled_rows(initiative),
        "evidence": [
            _evidence(e, f"{ident}-e{n}", initiative["citation"])
            for n, e in enumerate(_in_order(initiative), 1)
        ],
        "sources": sources,
        "cited": any(s["citation"] == initiative["citation"] for s in sources),
        "missing": missing_groups([initiative]),
    }


def effect_pictures(initiative: Record, ident: str) -> list[dict[str, Any]]:
    """One picture per unit, so that everything in a picture shares its scale."""
    groups: dict[str, list[Record]] = {}
    for row in effects_of(initiative):
        if drawable(row["estimate"]):
            groups.setdefault(row["estimate"]["unit"], []).append(row)
    made = []
    for at, (unit, rows) in enumerate(groups.items(), 1):
        axis = _effect_axis(initiative, unit, rows)
        title = f"{initiative['title']}: effects with their intervals"
        svg = forest([_effect_mark(r) for r in rows], axis, f"{ident}-p{at}", title)
        made.append(
            {"svg": svg, "roles": sorted({role_of(r) for r in rows}), "objective": axis.objective_text}
        )
    return made


def course_pictures(initiative: Record, ident: str, bars: Mapping[str, float]) -> list[dict[str, Any]]:
    """One picture per effect that was looked at on several days, outcomes first."""
    made = []
    for at, row in enumerate(effects_of(initiative), 1):
        estimate = row["estimate"]
        looks = estimate["detail"].get("looks")
        if not looks or not drawable(estimate):
            continue
        label, arm = split_metric(row["metric"])
        name = f"{label} [{arm}]" if arm else label
        axis = _effect_axis(initiative, estimate["unit"], [row])
        of = Course(looks, axis, "HW409" in estimate["detail"].get("notes", []), bars.get(row["metric"]))
        svg = course(of, f"{ident}-c{at}", f"{initiative['title']}: {name} at every look")
        if svg:
            made.append({"svg": svg, "name": name, "role": role_of(row), "of": of, "rows": course_rows(of)})
    return made


def counterfactual_pictures(initiative: Record, ident: str) -> list[dict[str, Any]]:
    """One picture per effect of a single treated group: its course beside what it is compared with."""
    made = []
    for at, row in enumerate(effects_of(initiative), 1):
        of = row["estimate"]["detail"].get("counterfactual")
        if not of:
            continue
        title = f"{initiative['title']}: {split_metric(row['metric'])[0]} of {of['treated']} over time"
        svg = counterfactual(of, f"{ident}-w{at}", title)
        if svg:
            made.append({"svg": svg, "legend": legend(of)})
    return made


def study_pictures(initiative: Record, ident: str) -> list[dict[str, Any]]:
    """One picture per effect of a rollout: by time since each unit's start."""
    made = []
    for at, row in enumerate(effects_of(initiative), 1):
        estimate = row["estimate"]
        steps = estimate["detail"].get("event_study")
        if not steps:
            continue
        axis = _effect_axis(initiative, estimate["unit"], [row])
        of = Study(steps, replace(axis, words="change against units not treated yet"))
        name = split_metric(row["metric"])[0]
        svg = event_study(of, f"{ident}-s{at}", f"{initiative['title']}: {name} since each unit's start")
        if svg:
            made.append({"svg": svg, "name": name, "rows": study_rows(of)})
    return made


def _effect_axis(initiative: Record, unit: str, rows: list[Record]) -> Axis:
    objective = initiative["objective"]
    relative = unit == "relative change"
    words = "change against control" if relative else f"difference in {unit}"
    if objective is None:
        return Axis(unit, words)
    if not any(role_of(r) == "outcome" for r in rows):
        return Axis(unit, words, good=objective["good"])
    asked = objective["change"]
    text = f"objective {change(asked, unit)}" if asked else "objective: any gain"
    return Axis(unit, words, asked, text, objective["good"])


def _effect_mark(row: Record) -> Mark:
    estimate = row["estimate"]
    label, arm = split_metric(row["metric"])
    role = role_of(row) or "effect"
    ends = interval(estimate).rpartition(", ")[0] or "no interval"
    return Mark(
        label=label,
        note=f"{role}, {arm}" if arm else role,
        low=estimate["low"],
        value=estimate["value"],
        high=estimate["high"],
        number=number(estimate),
        ends=ends,
        grade=f"grade {row['grade']}",
        kind=role if role in ("outcome", "proxy", "guardrail") else "plain",
    )


def money_view(initiative: Record, ident: str) -> dict[str, Any]:
    """Cost, return, its probability and composition, and the forecast it will be scored against."""
    returns, chances = named(initiative, "return"), named(initiative, "return_probability")
    by_arm = {c["estimate"]["detail"].get("arm"): c for c in chances}
    rows = []
    for row in returns:
        detail = row["estimate"]["detail"]
        currency = row["estimate"]["unit"].partition(" ")[0]
        rows.append(
            {
                "row": row,
                "arm": split_metric(row["metric"])[1],
                "chance": by_arm.pop(detail.get("arm"), None),
                "worth": [
                    (g, figure(v, row["estimate"]["unit"]))
                    for g, v in sorted(detail.get("worth_by_grade", {}).items())
                ],
                "cost": _amount(detail.get("cost_per_year"), currency),
                "parts": [(k, _amount(v, currency)) for k, v in sorted(detail.get("cost_parts", {}).items())],
            }
        )
    forecast = initiative["forecast"]
    return {
        "cost": named(initiative, "cost"),
        "unallocated": named(initiative, "unallocated_share"),
        "returns": rows,
        "chances": list(by_arm.values()),
        "forecast": [money(a, forecast["currency"]) for a in forecast["per_year"]] if forecast else [],
        "svg": _return_picture(initiative, returns, ident),
    }


def _amount(amount: str | None, currency: str) -> str:
    return f"{exact(amount, 2)} {currency}" if amount is not None else ""


def _return_picture(initiative: Record, returns: list[Record], ident: str) -> str:
    drawn = [r for r in returns if drawable(r["estimate"])]
    marks = [
        Mark(
            label="return",
            note=split_metric(r["metric"])[1],
            low=r["estimate"]["low"],
            value=r["estimate"]["value"],
            high=r["estimate"]["high"],
            number=figure(r["estimate"]["value"], r["estimate"]["unit"].partition(" ")[0]),
            ends=interval(r["estimate"]).partition(f" {r['estimate']['unit'].partition(' ')[2]}")[0],
            grade=f"grade {r['grade']}",
        )
        for r in drawn
    ]
    unit = drawn[0]["estimate"]["unit"] if drawn else ""
    axis = Axis(unit, f"{unit}, cost deducted", good=1, zero_text="pays for itself")
    return forest(marks, axis, f"{ident}-money", f"{initiative['title']}: return, cost deducted")


def usage_view(initiative: Record, ident: str) -> dict[str, Any]:
    """Used and idle shares, drawn as bars from nothing to all."""
    rows = [r for name in ("used_share", "idle_share") for r in named(initiative, name)]
    rows.sort(key=lambda r: split_metric(r["metric"])[1])
    marks = [
        Mark(
            label="used" if r["metric"].startswith("used") else "idle",
            note=split_metric(r["metric"])[1],
            low=r["estimate"]["low"],
            value=r["estimate"]["value"],
            high=r["estimate"]["high"],
            number=number(r["estimate"]),
            ends=interval(r["estimate"]),
            grade=f"grade {r['grade']}",
            kind="used" if r["metric"].startswith("used") else "idle",
        )
        for r in rows
        if drawable(r["estimate"])
    ]
    title = f"{initiative['title']}: use of what was granted"
    return {"rows": rows, "svg": bars(marks, f"{ident}-usage", title)}


def capacity_view(initiative: Record, ident: str) -> dict[str, Any]:
    """Grants over their need with the load drawn, and waste by its lines; or why neither is known."""
    rows = []
    for at, row in enumerate(named(initiative, "grant_over_need"), 1):
        resource, detail = split_metric(row["metric"])[1], row["estimate"]["detail"]
        of = LoadPicture(detail["course"], detail["unit"], tall=90.0, short=0.01)
        title = f"{initiative['title']}: {resource} used, granted and needed"
        beside = {
            name: next((r for r in named(initiative, name) if split_metric(r["metric"])[1] == resource), None)
            for name in ("violation", "asked_over_need", "waste_share", "waste")
        }
        svg = load_picture(of, f"{ident}-load{at}", title)
        rows.append({"row": row, "resource": resource, "svg": svg, **beside})
    missed = [m for m in initiative["missing"] if m["measure"] in ("capacity", "waste")]
    return {"rows": rows, "whys": list(dict.fromkeys(m["why"] for m in missed)), "legend": LEGEND}


def _in_order(initiative: Record) -> list[Record]:
    return [*effects_of(initiative), *(e for e in initiative["evidence"] if e["measure"] != "effect")]


def _evidence(row: Record, ident: str, citation: str) -> dict[str, Any]:
    label, arm = split_metric(row["metric"])
    # A published figure's method repeats its citation, which stands below once.
    method = (
        row["estimate"]["method"].removesuffix(f"; {citation}") if citation else row["estimate"]["method"]
    )
    return {"id": ident, "row": row, "label": label, "arm": arm, "role": role_of(row), "method": method}


def sources_of(initiative: Record) -> list[dict[str, Any]]:
    """Every source behind the evidence, once, with its licence and where it was published."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in initiative["evidence"]:
        for source in row["provenance"]:
            found.setdefault((source["source"], source["digest"]), {**source})
    return list(found.values())
