"""What the evidence says to do with each initiative: stop, go on, prove, wait, or find out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from headway.render import economics
from headway.render.base import Record, best_standing, named, open_rows, outcome_effects, standing
from headway.render.figures import change, interval, metric_words, money, number, share

# In the order of a board: what can be decided today first, what nobody knows last.
CALLS = {
    "stop": "Stop or change: measured, and the objective was missed",
    "go": "May go on: everything its gate asks is met",
    "prove": "Worth proving: it reaches its objective, and its gate asks for more",
    "open": "Not decided: the interval still holds both answers",
    "unknown": "Unknown: its outcome was not measured",
    "hold": "On hold",
    "ended": "Ended",
}
# More initiatives than this, and a group names only those with most at stake.
LINES = 12
NAMED = 3
_PAID = {"metered": "billed", "declared": "a year", "budget": "of budget"}


@dataclass(frozen=True, slots=True)
class Group:
    """Initiatives of which the evidence says the same, the most at stake first; the rest is counted."""

    call: str
    title: str
    shown: tuple[Record, ...]
    more: int

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.shown) + self.more


def call_of(initiative: Record) -> str:
    """What the evidence says about one initiative."""
    if initiative["verdict"] is None:
        return "ended"
    if initiative["status"] != "active":
        return "hold"
    if initiative["verdict"] == "met":
        return "go"
    best = best_standing(initiative)
    missed = any(
        r["state"] == "missed" and r["evidence_ids"] and r["id"].endswith((".effect", ".return"))
        for r in initiative["requirements"]
    )
    if missed or best in ("short", "wrong"):
        return "stop"
    return {"reached": "prove", "undecided": "open"}.get(best, "unknown")


def groups(initiatives: Sequence[Record], *, full: bool = False) -> list[Group]:
    """Every initiative under what the evidence says about it.

    Args:
        initiatives: of the record.
        full: name all of them, however many.
    """
    found: dict[str, list[Record]] = {}
    for one in initiatives:
        found.setdefault(call_of(one), []).append(one)
    made = []
    for call, title in CALLS.items():
        if call in found:
            ordered = sorted(found[call], key=lambda one: -_stake(one))
            few = ordered if full or len(initiatives) <= LINES else ordered[:NAMED]
            made.append(Group(call, title, tuple(few), len(ordered) - len(few)))
    return made


def found(initiative: Record) -> str:
    """The effect that says most, against what was promised; else why there is none."""
    effects = outcome_effects(initiative)
    if not effects:
        whys = (str(m["why"]) for m in initiative["missing"] if m["measure"] == "effect")
        return next(whys, "nothing is measured yet")
    objective = initiative["objective"]
    order = ("reached", "undecided", "short", "wrong")
    row = min(effects, key=lambda e: order.index(standing(e, objective)))
    ends = interval(row["estimate"])
    words = f"{metric_words(row['metric'])} {number(row['estimate'])}" + (f" ({ends})" if ends else "")
    asked = change(objective["change"], row["estimate"]["unit"]) if objective and objective["change"] else ""
    return f"{words}, grade {row['grade']}" + (f"; asked {asked}" if asked else "")


def lacks(initiative: Record) -> str:
    """Why its gate does not open, in few words."""
    rows = open_rows(initiative)
    if not rows or call_of(initiative) not in ("prove", "open", "unknown"):
        return ""
    effects = [r for r in rows if r["id"].endswith(".effect") and r["reason"] == "grade"]
    reasons = [x for e in outcome_effects(initiative) for x in e["grade_reasons"]]
    if effects and reasons:
        return str(reasons[0])
    return f"{len(rows)} open at gate {initiative['gate']}"


def returns(initiative: Record) -> str:
    """How probably it pays, at best over its arms."""
    chances = [e for e in initiative["evidence"] if e["metric"].partition(" [")[0] == "return_probability"]
    if not chances:
        return ""
    best = max(chances, key=lambda e: e["estimate"]["value"])
    return f"pays off with a probability of {share(best['estimate']['value'])}, grade {best['grade']}"


def use(initiative: Record) -> str:
    """How much of what was granted is used, and how much of the time nothing is."""
    found: dict[str, list[str]] = {}
    for name, words in (("used_share", "used"), ("idle_share", "of the time idle")):
        for row in named(initiative, name):
            resource = row["metric"].partition(" [")[2].rstrip("]")
            found.setdefault(resource, []).append(f"{share(row['estimate']['value'])} {words}")
    return "; ".join(f"{resource} {', '.join(parts)}".strip() for resource, parts in found.items())


def facts(initiative: Record) -> list[str]:
    """What else a board wants to know about one initiative, in few words each."""
    costs, draws = economics.unit_words(initiative), economics.drawn_words(initiative)
    said = (costs, lacks(initiative), returns(initiative), use(initiative), draws, decided(initiative))
    return [words for words in said if words]


def spent(record: Record, initiative: Record) -> str:
    """What it costs, as far as that is known: billed, paid in a year, or set aside for its pilot."""
    return ", ".join(
        f"{money(base['initiatives'][initiative['name']], base['currency'])} {_PAID[base['basis']]}"
        for base in record["coverage"]["bases"]
        if initiative["name"] in base["initiatives"]
    )


def decided(initiative: Record) -> str:
    """The last decision about it."""
    last = initiative["decision"]
    return f"{last['actor']} decided {last['kind'].replace('_', ' ')} on {last['at'][:10]}" if last else ""


def _stake(initiative: Record) -> float:
    forecast = initiative["forecast"]
    return float(Decimal(forecast["per_year"][1])) if forecast else 0.0
