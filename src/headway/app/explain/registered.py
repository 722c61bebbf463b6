"""What entry points register, kinds of document, and facts."""

from __future__ import annotations

from collections.abc import Iterator

from headway.app.explain.explanation import Explanation, Part, facts, listed, sentence, words
from headway.facts import FACTS
from headway.facts.base import Column
from headway.kernel.registry import GROUPS, names

# What one of a port is called, as it is written in front of a name that several of them bear.
ONE = {
    "engines": "engine",
    "derived": "derived table",
    "sources": "source kind",
    "measures": "measure",
    "designs": "design",
    "rules": "rule",
    "renderers": "renderer",
}
_PORTS = {
    "derived": "How the table of a pilot is made that no source holds.",
    "engines": "Where tables live and are summed; the address under `engine` of a source begins with one.",
    "sources": "Ways in which the rows of a fact come; `kind` of a source names one.",
    "measures": "What turns sums into evidence; `measure` of a requirement names one.",
    "designs": "How the arms of a pilot came about; `pilot.design` names one.",
    "rules": "Predicates of a requirement; a row of an operating model names one as its key.",
    "renderers": "Forms of the review; `headway review --format` names one.",
}


def kinds() -> Iterator[Explanation]:
    """Every registered kind and every fact."""
    for group in GROUPS:
        port = group.partition(".")[2]
        for name in names(group):
            yield _kind(port, name)
    for name in FACTS:
        yield _fact(name)


def bears(one: Explanation, what: str) -> bool:
    """Whether a kind is meant by a word: its name, alone or after the word for its port."""
    word = what.casefold()
    return word in (one.name, one.name.rpartition(" ")[2], one.name.replace("source kind", "source"))


def port(what: str) -> Explanation | None:
    """All kinds of one port, such as `sources` or `designs`."""
    word = what.casefold()
    if word == "facts":
        lines = [f"{n}: {f.meaning}" for n, f in FACTS.items()]
        text = "Tables with a contract: sources fill them, measures read them; `fact` of a source names one."
        related = tuple(f"fact {n}" for n in FACTS)
        return Explanation("port", word, "Facts", text, parts=listed("There are", lines), related=related)
    if word not in _PORTS:
        return None
    told = [_kind(word, name) for name in names(f"headway.{word}")]
    lines = [f"{one.name.rpartition(' ')[2]}: {one.text}" for one in told]
    return Explanation(
        "port",
        word,
        word.capitalize(),
        _PORTS[word],
        parts=listed("There are", lines),
        related=tuple(one.name for one in told),
    )


def _kind(port: str, name: str) -> Explanation:
    # A package of somebody else's may register a kind that the shipped words do not know.
    said = words("kinds")[port].get(name, {"text": f"registered by another package under headway.{port}"})
    one = ONE[port]
    page = str(said.get("page", "")).replace("../", "docs/")
    if page and not page.startswith("docs/"):
        page = f"docs/reference/{page}"
    return Explanation(
        one, f"{one} {name}", f"{name}: a {one}" if one[0] != "e" else f"{name}: an {one}",
        sentence(str(said["text"])), facts(more=page), related=_related(port, name),
    )  # fmt: skip


def _related(port: str, name: str) -> tuple[str, ...]:
    where = {"sources": "source.kind", "designs": "initiative.pilot.design", "engines": "source.engine"}
    if port == "measures":
        from headway.app.explain.rows import reading_measure

        return reading_measure(name)
    return (where[port],) if port in where else ()


def _fact(name: str) -> Explanation:
    fact = FACTS[name]
    told = {
        "a row is named by": ", ".join(fact.key),
        "dated by": fact.time or "",
        "further columns": "yes, under names of their own" if fact.open else "no",
    }
    return Explanation(
        "fact",
        f"fact {name}",
        f"{name}: a fact",
        sentence(fact.meaning),
        tuple((k, v) for k, v in told.items() if v),
        (
            Part("Columns (* must be there)", tuple(map(_column, fact.columns))),
            *listed("Already summed, with `summed: yes`", [_column(c) for c in fact.summed]),
        ),
        ("source.fact", "source.columns"),
    )


def _column(column: Column) -> str:
    star = " *" if column.required else ""
    unit = f" ({column.unit})" if column.unit else ""
    return f"{column.name}{star}, {column.type}: {column.meaning}{unit}"
