"""What one outcome costs, what tokens cost and what energy is drawn, in few words each."""

from __future__ import annotations

from headway.render.base import Record, named
from headway.render.figures import figure, interval, metric_words

# Every metric of a component's bill and energy, in the order they are read.
_METRICS = (
    "unit_cost",
    "unit_cost_marginal",
    "unit_cost_at_volume",
    "unit_cost_to_target",
    "token_bill",
    "self_hosting_ratio",
    "energy",
    "carbon",
    "carbon_intensity",
)


def rows_of(initiative: Record) -> list[Record]:
    """The evidence of unit costs, token bills, energy and carbon."""
    return [row for metric in _METRICS for row in named(initiative, metric)]


def unit_words(initiative: Record) -> str:
    """What one outcome costs, with what one more does: it stands beside the effect."""
    average, more = named(initiative, "unit_cost"), named(initiative, "unit_cost_marginal")
    if not average:
        return ""
    estimate = average[0]["estimate"]
    words = f"costs {figure(estimate['value'], estimate['unit'])}"
    words += f" ({interval(estimate)})" if interval(estimate) else ""
    return words + (f", one more {_bare(more[0]['estimate'])}" if more else "")


def drawn_words(initiative: Record) -> str:
    """Energy and carbon of each component, and carbon per outcome where it is known."""
    said = []
    for metric in ("energy", "carbon_intensity"):
        said += [figure(r["estimate"]["value"], r["estimate"]["unit"]) for r in named(initiative, metric)]
    return f"draws {', '.join(said)}" if said else ""


def label(row: Record) -> str:
    """Its metric in words, the component in brackets; the first letter large, as a term of a list."""
    words = metric_words(row["metric"])
    return words[:1].upper() + words[1:]


def _bare(estimate: Record) -> str:
    """An amount without what it is per."""
    return figure(estimate["value"], estimate["unit"].partition(" ")[0])
