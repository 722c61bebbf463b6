"""Codes, exit statuses and words of the house."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headway.app.explain.explanation import Explanation, Part, facts, sentence, words
from headway.kernel.codes import CODES
from headway.render.glossary import GRADES, MARKS, MODES, STATES

_EXIT = re.compile(r"^(?:exit|status|exit[ -](?:status|code))[ =:]*(\d+)$", re.IGNORECASE)
_CODE = re.compile(r"\bHW\d{3}\b")
_MANY = 4


def code(what: str) -> Explanation | None:
    """A code: when it comes, what mends it, and codes that are near it."""
    name = what.upper()
    if name not in CODES:
        return None
    known, said = CODES[name], words("codes")[name]
    moves = {"error": "error: ends the command that meets it with status 1"}
    weight = moves.get(known.severity, f"{known.severity}: never moves an exit status")
    return Explanation(
        "code",
        name,
        f"{name}: {known.title}",
        sentence(str(said["when"])),
        facts(weight=weight, mend=str(said["mend"])),
        _shown(name),
        _near(name, f"{said['when']} {said['mend']}"),
    )


def _shown(name: str) -> tuple[Part, ...]:
    """What headway prints for the example of a code."""
    said = str(words("examples").get(name, ""))
    return (Part("It is shown so", tuple(said.splitlines()), verbatim=True),) if said else ()


def _near(name: str, text: str) -> tuple[str, ...]:
    """Codes that its words name, then its neighbours in the table, which are about the same thing."""
    named = [c for c in _CODE.findall(text) if c in CODES and c != name]
    group = [c for c in CODES if c[:3] == name[:3] and c != name]
    group.sort(key=lambda c: abs(int(c[2:]) - int(name[2:])))
    return tuple(dict.fromkeys((*named, *group)))[:_MANY]


def status(what: str) -> Explanation | None:
    """An exit status: what it means and what to do."""
    found = _EXIT.match(what)
    said = words("statuses").get(found[1]) if found else None
    if found is None or said is None:
        return None
    return Explanation(
        "status",
        f"exit {found[1]}",
        f"Exit status {found[1]}",
        sentence(str(said["means"])),
        facts(next=str(said["do"])),
        related=tuple(f"exit {s}" for s in words("statuses") if s != found[1]),
    )


def statuses() -> tuple[str, ...]:
    """Every exit status."""
    return tuple(words("statuses"))


def fixed(what: str) -> Explanation | None:
    """A state, a grade, a mode or a law: these words mean nothing else."""
    asked = what.casefold().removeprefix("law ")
    return next((t for t in _fixed() if asked == t.name.casefold()), None)


def term(what: str) -> Explanation | None:
    """A word of the glossary; of two, such as `stage and status`, each finds it."""
    asked = what.casefold().removeprefix("word ")
    for name, text in words("glossary").items():
        if asked in (name.casefold(), *name.casefold().split(" and ")):
            return _word(name, str(text))
    return None


def terms() -> Iterator[Explanation]:
    """Every word of the house."""
    yield from _fixed()
    yield from (_word(name, str(text)) for name, text in words("glossary").items())


def plain(name: str) -> str:
    """What the glossary says of a word; nothing where it is not in it."""
    return str(words("glossary").get(name.capitalize(), "")).replace("**", "").replace("`", "")


def _word(name: str, text: str) -> Explanation:
    return Explanation("term", f"word {name.lower()}", name, text.replace("**", "").replace("`", ""))


def _fixed() -> Iterator[Explanation]:
    for state, said in STATES.items():
        title = f"{MARKS[state]} {state}: a state of a requirement"
        yield Explanation("term", state, title, said, related=_others(state, STATES))
    for grade, said in GRADES.items():
        others = tuple(f"grade {g}" for g in GRADES if g != grade)
        yield Explanation("term", f"grade {grade}", f"Grade {grade} of evidence", said, related=others)
    for mode, said in MODES.items():
        title = f"{mode}: a mode of a gate or a requirement"
        yield Explanation("term", mode, title, sentence(said), related=_others(mode, MODES))
    for name, said_ in words("laws").items():
        yield Explanation("term", name, f"Law {name}: {said_['title']}", str(said_["text"]))


def law(name: str) -> str:
    """The title of a law with its number, such as ``L2, no number alone``."""
    said = words("laws").get(name)
    return f"{name}, {str(said['title'])[0].lower()}{str(said['title'])[1:]}" if said else name


def _others(one: str, every: dict[str, str]) -> tuple[str, ...]:
    return tuple(other for other in every if other != one)
