"""Recognise a word by its form; what needs no portfolio is found without one, and without a source."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from headway.app.explain import fields, registered, rows, terms
from headway.app.explain.explanation import Explanation, Part, UnknownWordError
from headway.kernel.codes import CODES
from headway.portfolio.kinds import SETTINGS_FILE

# Candidates shown of a word that many fields end with.
_MOST = 12
_NEAREST = 3


def explain(what: str, portfolio: Path | None = None, as_of: str | None = None) -> Explanation:
    """The meaning of a word.

    Args:
        what: a code, a field, a requirement, a word of the house, a kind; in a portfolio also an evidence
            id, a number as printed or by its address, the name of an initiative, an outcome or a person.
        portfolio: its folder; without one only what holds everywhere is known.
        as_of: the moment to judge at, as text.

    Raises:
        UnknownWordError: nothing bears the name; the nearest that does is named.
        ValueError: `as_of` is no moment.
    """
    word = " ".join(what.split()).strip("`'\"")
    for look in (terms.code, terms.status, terms.fixed, fields.field):
        if (sure := look(word)) is not None:
            return sure
    inside = portfolio if portfolio and (portfolio / SETTINGS_FILE).is_file() else None
    both = (*_here(word, inside, as_of), *_everywhere(word, shipped=inside is None))
    # A requirement in force is told as it is there, not a second time as it is shipped.
    found = list({one.name: one for one in reversed(both)}.values())[::-1]
    if not found:
        raise _unknown(word, inside)
    return found[0] if len(found) == 1 else _several(word, found)


def names() -> tuple[str, ...]:
    """Every name that is explained without a portfolio, fields included."""
    told = [one.name for one in (*terms.terms(), *registered.kinds())]
    ports = [*registered.ONE, "facts"]
    exits = [f"exit {s}" for s in terms.statuses()]
    return (*CODES, *fields.KINDS, *told, *ports, *exits, *rows.every(), *fields.every())


def _here(word: str, inside: Path | None, as_of: str | None) -> tuple[Explanation, ...]:
    if inside is None:
        return ()
    # Imported on use: a review brings the engines with it.
    from headway.app.explain.place import within

    return within(word, inside, as_of)


def _everywhere(word: str, *, shipped: bool) -> Iterable[Explanation]:
    found = [one for one in (terms.term(word), registered.port(word)) if one]
    found += [one for one in registered.kinds() if registered.bears(one, word)]
    found += [one for path in fields.ending(word) if (one := fields.field(path))]
    known = rows.every()
    if word in known and shipped:
        found += [one for one in (rows.row(word),) if one]
    elif word not in known:
        found += [one for name in known if name.endswith(f".{word}") if (one := rows.row(name))]
    return found


def _several(word: str, found: list[Explanation]) -> Explanation:
    """What a word may mean, each under words that mean it alone."""
    lines = [f"{one.name}: {one.text or one.title}" for one in found[:_MOST]]
    more = len(found) - len(lines)
    lines += [f"and {more} more"] if more else []
    return Explanation(
        "several",
        word,
        f"{word} may mean {len(found)} things",
        parts=(Part("Ask for one of them", tuple(lines)),),
        related=tuple(one.name for one in found[:_MOST]),
    )


def _unknown(word: str, inside: Path | None) -> UnknownWordError:
    """What the word is nearest to, of what is known everywhere and in the portfolio."""
    mine: tuple[str, ...] | None = ()
    if inside is not None:
        from headway.app.explain.place import named

        mine = named(inside)
    known = {name.casefold(): name for name in (*names(), *(mine or ()))}
    short = {n.rpartition(" ")[2]: known[n] for n in known}
    near = [{**short, **known}[n] for n in get_close_matches(word.casefold(), {**short, **known}, n=_NEAREST)]
    near = list(dict.fromkeys([*fields.near(word), *near] if "." in word else [*near, *fields.near(word)]))
    said = ", ".join(near[:_NEAREST]) or "a code such as HW101, a field such as pilot.looks"
    mend = f"try {said}"
    if inside is None:
        mend += "; for an initiative, a number or an evidence id name the portfolio with -p FOLDER"
    elif mine is None:
        mend += "; the portfolio here cannot be read: `headway check` says why"
    return UnknownWordError("explain", word, "nothing bears that name", mend)
