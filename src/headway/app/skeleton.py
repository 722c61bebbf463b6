"""A commented skeleton of a document: what the models say of each key, so that it cannot fall behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from headway.exchange.text import comment, entry
from headway.portfolio.schema import Help, explain

Path = tuple[str, ...]
_INDENT = "  "

# The keys worth a line in a new file, in the order in which one thinks of them.
KEYS: Mapping[str, tuple[str, ...]] = {
    "initiative": (
        "title", "problem", "customer", "outcome", "accountable", "sponsor", "finance_partner",
        "risk_manager", "stage", "risk.eu_ai_act", "risk.reason", "uses", "forecast.line",
        "forecast.per_year", "cost_of_delay", "pilot.design", "pilot.source", "pilot.arms", "pilot.unit",
        "pilot.metric", "pilot.objective.change",
        "pilot.objective.scale", "pilot.dates.starts", "pilot.dates.ends", "pilot.budget", "pilot.stop",
    ),
    "outcome": (
        "title", "statement", "customer", "metric.name", "metric.unit", "metric.better", "baseline.value",
        "baseline.low", "baseline.high", "baseline.window", "target.value", "target.by", "owner", "drives",
        "line", "cashable",
    ),
    "component": ("title", "owner", "type", "lifecycle", "depends_on", "usage"),
    "source": (
        "title", "kind", "path", "fact", "columns", "nullstr", "version", "cost_basis", "sql", "engine",
        "table", "watermark",
    ),
}  # fmt: skip
# What a file would say in a place where the model has no short example.
_EXAMPLES = {
    "title": "one line for people",
    "uses": "[llm-gateway]",
    "depends_on": "[gpu-pool]",
    "drives": "[{to: cost, kind: causal, slope: '[31, 38, 45] EUR', per: 1 reopened, volume: "
    "240000 per year, owner: head-of-claims}]",
    "columns": "{unit_id: agent, variant: arm, closed_at: ended}",
    "nullstr": "['', NA]",
    "version": '"1.2"',
    "sql": "select ... from file",
    "watermark": "updated_at",
    "risk.eu_ai_act": "limited",
    "risk.reason": "a person reads and sends every answer",
    "pilot.dates": "{starts: 2026-01-12, ends: 2026-04-12}",
}


def skeleton(kind: str, name: str, said: Mapping[Path, str]) -> list[str]:
    """The lines of a new document: keys that are said, and the others as comments with their meaning.

    Args:
        kind: of document.
        name: its name.
        said: path to its text; a text in braces or brackets is taken as it is.
    """
    lines = [f"{kind}: {name}"]
    wanted = [tuple(key.split(".")) for key in KEYS[kind]]
    keys = list(dict.fromkeys([*wanted, *said]))
    done = set[str]()
    for path in keys:
        if path[0] not in done:
            done.add(path[0])
            lines += _block(kind, (path[0],), [p for p in keys if p[0] == path[0]], said)
    return lines


def _block(kind: str, at: Path, paths: Sequence[Path], said: Mapping[Path, str]) -> Iterator[str]:
    """One key, with the keys below it; a comment unless something in it is said.

    In a comment the mark stands at the margin and the indent behind it: to take `# ` away is to say it.
    """
    about, depth = explain(kind, list(at)) or Help(), len(at) - 1
    indent = _INDENT * depth
    if at in said:
        text = said[at]
        yield f"{indent}{at[-1]}: {text}" if text.startswith(("{", "[")) else entry(at[-1], text, len(indent))
        return
    active = any(p[: len(at)] == at for p in said)
    inner = list(dict.fromkeys(p[: len(at) + 1] for p in paths if len(p) > len(at)))
    if not depth and not active and about.description:
        yield from comment(about.description)
    if not inner:
        meaning = f"  # {about.description}" if depth and about.description else ""
        yield f"# {indent}{at[-1]}: {_example('.'.join(at), about)}{meaning}"
        return
    yield f"{'' if active else '# '}{indent}{at[-1]}:"
    for step in inner:
        yield from _block(kind, step, [p for p in paths if p[: len(step)] == step], said)


def _example(path: str, about: Help) -> str:
    if path in _EXAMPLES:
        return _EXAMPLES[path]
    return about.examples[0] if about.examples else (about.choices[0] if about.choices else "...")
