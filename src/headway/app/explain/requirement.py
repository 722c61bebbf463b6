"""A requirement inside a portfolio: how strictly it holds, why, and how each initiative stands at it."""

from __future__ import annotations

from collections.abc import Iterator

from headway.app.adopt import ceiling_of
from headway.app.explain import rows
from headway.app.explain.explanation import Explanation, facts, listed, sentence
from headway.app.explain.place import Here
from headway.gates.requirement import MODES, Requirement
from headway.render.glossary import ROW_MODES, mark

_DAYS = {"observe": "observed", "warn": "warns", "block": "blocks"}


def find(here: Here, word: str) -> tuple[Explanation, ...]:
    """The requirement of that id: as it is in force, or as a shipped model has it; else those it ends."""
    held = {row.id: row for row in here.model.rows}
    known = (*held, *(n for n in rows.every() if n not in held))
    meant = [word] if word in known else [n for n in known if n.endswith(f".{word}") and n in held]
    return tuple(_told(here, name, held.get(name)) for name in meant)


def _told(here: Here, name: str, held: Requirement | None) -> Explanation:
    shipped = rows.every().get(name, {})
    row = held or next(iter(shipped.values()))
    return Explanation(
        "requirement",
        name,
        f"{name}: a requirement of gate {row.gate}",
        sentence(row.guidance),
        (*(_in_force(here, held) if held else _not_in_force(here, name)), *rows.told(row)),
        listed("How each initiative stands at it", list(_standing(here, name))) if held else (),
        rows.related(row),
    )


def _in_force(here: Here, row: Requirement) -> tuple[tuple[str, str], ...]:
    ceiling, place = ceiling_of(here.portfolio, here.model)
    mode = min(row.mode, ceiling, key=MODES.index)
    dated = here.model.dated.get(row.id)
    if row.mode == mode and mode != ceiling:
        why = f"it says so itself, below the ceiling {ceiling} ({place})"
    else:
        why = f"the ceiling of every gate is {ceiling} ({place})"
        why += f"; by itself it would be {row.mode}" if row.mode != mode else ""
    days = zip(MODES, dated.days, strict=True) if dated else ()
    plan = ", ".join(f"{_DAYS[m]} from {day}" for m, day in days if day)
    return facts(
        mode=f"{mode} ({ROW_MODES[mode]}): {why}",
        adopted=f"{plan} ({dated.place}, from {dated.model})" if dated else "",
        written=str(here.model.places[row.id]),
    )


def _not_in_force(here: Here, name: str) -> tuple[tuple[str, str], ...]:
    settings = here.portfolio.settings
    use, at = settings.operating_model, ("portfolio", settings.portfolio, "operating_model")
    models = rows.every()[name]
    lacking = [said for row in models.values() for said in rows.to_come(row)]
    for index, one in enumerate(use.adopt):
        if one.row == name:
            place = here.portfolio.place(*at, "adopt", index)
            return facts(in_force=f"not yet: adopted from {one.observe} on ({place})")
    if name in use.drop:
        place = here.portfolio.place(*at, "drop", use.drop.index(name))
        how = "take that line out, or adopt it with dates: "
        return facts(in_force=f"no: dropped ({place})", next=f"{how}{_adopt(name, models)}")
    if lacking:
        return facts(in_force=f"no, and it cannot be taken over yet: {lacking[0]}")
    shown = "without --write it only shows what would flip"
    return facts(in_force=f"no: {use.extends} does not have it", next=f"{_adopt(name, models)} ({shown})")


def _adopt(name: str, models: object) -> str:
    # A name without a model means the standard one.
    inside = models if isinstance(models, dict) else {}
    model = "" if "standard@1" in inside else f"{next(iter(inside), '')}:"
    return f"headway gate --adopt {model}{name} --write"


def _standing(here: Here, name: str) -> Iterator[str]:
    others = 0
    for reviewed in here.review.initiatives:
        asked = reviewed.verdict.requirements if reviewed.verdict else ()
        judged = next((r for r in asked if r.id == name), None)
        if judged is None:
            others += 1
            continue
        whose = "" if judged.state.value in ("met", "waived") else f"; {here.who(judged.who)}"
        yield f"{mark(judged.state.value)} {reviewed.initiative.initiative}: {judged.saw}{whose}"
    if others:
        yield f"{others} more {'is' if others == 1 else 'are'} not asked for it at the next gate"
