"""What `headway capacity` found as one self-contained page: loads drawn against grants, answers, waste."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template

from headway.render import capacity_words as words
from headway.render.base import Record
from headway.render.html import environment
from headway.render.load_picture import LEGEND, LoadPicture, load_picture
from headway.render.pictures import Mark, bars

# Rows of a table that stand open; the rest is folded.
OPEN = 12


def page(record: Record) -> str:
    """Draw the record as a page; equal records give equal bytes."""
    zone = record["portfolio"]["time_zone"]
    made: str = _template().render(
        record=record,
        headline=words.headline(record),
        parts=[
            _part(component, one, zone, f"c{at}-{n}")
            for at, component in enumerate(record["components"], 1)
            for n, one in enumerate(component["resources"], 1)
        ],
        words=words,
        legend=LEGEND,
        currency=record["portfolio"]["currency"],
    )
    return made.strip()


def _part(component: Record, one: Record, zone: str, ident: str) -> dict[str, Any]:
    whole = LoadPicture(one["course"], one["unit"], zone, short=component["short"])
    return {
        "component": component,
        "one": one,
        "id": ident,
        "title": words.title(component, one),
        "svg": load_picture(whole, ident, f"{one['resource']} of {component['title']}: load and grant"),
        "answers": answer_bars(one["answers"], f"{ident}-answers", component["title"]),
        "drawn": [
            (
                row,
                load_picture(
                    LoadPicture(row["course"], row["unit"], zone, 90.0), f"{ident}-w{n}", row["workload"]
                ),
            )
            for n, row in enumerate(one["rows"], 1)
            if row["course"]
        ],
        "open": one["rows"][:OPEN],
        "folded": one["rows"][OPEN:],
    }


def answer_bars(answers: list[Record], ident: str, title: str) -> str:
    """Shares of what is granted that could go, by each of the four answers."""
    marks = [
        Mark(
            label=a["name"],
            note="no saving" if a["name"] == "idle" else "",
            low=a["share"] if a["low"] is None else a["low"],
            value=max(a["share"], 0.0),
            high=a["share"] if a["high"] is None else a["high"],
            number=words.answer(a).partition(" (")[0],
            ends=words.answer(a).partition(" (")[2].removesuffix(")"),
            kind="idle" if a["name"] == "idle" else "used",
        )
        for a in answers
        if a["share"] is not None
    ]
    return bars(marks, ident, f"{title}: how much could go, by four answers")


@cache
def _template() -> Template:
    return environment().get_template("capacity.html.j2")
