"""Words that mean the same everywhere: codes, exit statuses, glossary terms, and registered kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from headway.app.explanation import Explanation, facts
from headway.kernel.codes import CODES

# Ports whose names a person meets in files and reports.
PORTS = ("measures", "designs", "sources", "engines", "rules", "renderers")
# The lists that the package brings.
LISTS = ("codes", "kinds", "statuses", "glossary")
_WHERE = {
    "HW13": "by `headway review --since`",
    "HW1": "by `headway check`, in the files",
    "HW2": "by `headway check`, between the files",
    "HW3": "by `headway review` and `headway doctor`, of a source; it costs that source's evidence only",
    "HW4": "by `headway review`, of a measure; it costs that measure's evidence only",
    "HW5": "by `headway check`, `headway gate` or `headway decide`",
    "HW6": "by `headway verify`, of the ledger",
}
_WEIGHTS = {
    "error": "error: in a file it ends `headway check` with status 1",
    "warning": "warning: it moves no exit status",
    "note": "note: it moves no exit status",
}


@cache
def words(name: str) -> Mapping[str, Any]:
    """A list of words of the package: codes, kinds, statuses or glossary.

    Raises:
        ValueError: the list is faulty (ours to mend).
    """
    from headway.portfolio.yaml import read, to_plain

    content = files("headway.app").joinpath("words", f"{name}.yaml").read_bytes()
    nodes, found = read(content, f"{name}.yaml")
    if found or len(nodes) != 1:
        raise ValueError("\n".join(map(str, found)) or f"{name}.yaml holds no single document")
    plain: Any = to_plain(nodes[0])
    return dict(plain)


def code(name: str) -> Explanation | None:
    """A code: what it means, how much it weighs, when it comes and what mends it."""
    known = CODES.get(name)
    if known is None:
        return None
    said = words("codes")[name]
    where = next(text for start, text in _WHERE.items() if name.startswith(start))
    named = facts(
        [
            ("weight", _WEIGHTS[known.severity]),
            ("when", said["when"]),
            ("mend", said["mend"]),
            ("told", where),
        ]
    )
    return Explanation("code", name, known.title, facts=named)


def exit_status(number: str) -> Explanation | None:
    """An exit status of every command."""
    meaning = words("statuses").get(number)
    if meaning is None:
        return None
    rest = tuple(f"headway explain exit {n}" for n in words("statuses") if n != number)
    return Explanation("exit status", f"exit {number}", str(meaning), see=rest)


def term(name: str) -> Explanation | None:
    """A word of the glossary, a state, a grade or a mode, in any case."""
    known = _terms()
    found = known.get(_spoken(name))
    return Explanation("term", found[0].lower(), found[0], " ".join(found[1].split())) if found else None


def _spoken(name: str) -> str:
    return name.lower().replace("-", " ").replace("_", " ")


@cache
def _terms() -> Mapping[str, tuple[str, str]]:
    """Every term in lower case, to its title and text; states and grades are said as reports say them."""
    from headway.render.glossary import GRADES, MODES, STATES

    said = {_spoken(str(name)): (str(name), str(text)) for name, text in words("glossary").items()}
    said |= {state: (state, text) for state, text in STATES.items()}
    said |= {f"grade {g}".lower(): (f"grade {g}", text) for g, text in GRADES.items()}
    said |= {mode: (mode, f"A mode: {text}.") for mode, text in MODES.items()}
    return said


def kind(port: str, name: str) -> Explanation | None:
    """A registered kind: a measure, a design, a source, an engine, a rule or a form of output."""
    from headway.kernel.registry import GROUPS, names

    group = f"headway.{port}"
    if group not in GROUPS or name not in names(group):
        return None
    said = words("kinds").get(port, {}).get(name)
    text = str(said["text"]) if said else "A package installed here registers it; headway does not ship it."
    more = _of_measure(name) if port == "measures" else ()
    page = str(said["page"]).removeprefix("../") if said else ""
    named = facts([*more, ("page", f"docs/{page}" if page and page.startswith("how-to") else "")])
    return Explanation(port.removesuffix("s"), name, f"the {port.removesuffix('s')} {name}", text, named)


def _of_measure(name: str) -> list[tuple[str, str]]:
    """Which shipped rows read it: a measure without a row decides nothing."""
    from headway.app.explain_row import readers_of_measure

    return [("read by", ", ".join(readers_of_measure(name)) or "no shipped gate row")]


def all_words() -> Iterator[tuple[str, str, str]]:
    """Every code, exit status, term and kind: the words that ask for it, what it is, and its title."""
    from headway.kernel.registry import names

    yield from ((name, "code", known.title) for name, known in CODES.items())
    yield from ((f"exit {n}", "exit status", str(text)) for n, text in words("statuses").items())
    yield from ((name, "term", f"term: {title}") for name, (title, _) in _terms().items())
    for port in PORTS:
        one = port.removesuffix("s")
        yield from ((name, one, f"the {one} {name}") for name in names(f"headway.{port}"))
