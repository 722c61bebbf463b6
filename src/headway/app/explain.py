"""Use case ``explain``: what a word, a code, a field or a requirement means, and where a number came from.

What is asked is known by its form. What needs no portfolio is answered without one; a review is made only
where a number, a verdict or a name of the portfolio is asked for.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headway.app import explain_words
from headway.app.explanation import Answer, Candidate, Explanation
from headway.kernel.codes import CODES

if TYPE_CHECKING:
    from headway.aggregates.ask import Progress
    from headway.app.check import Checked
    from headway.app.review import Review

_CODE = re.compile(r"^hw\d{3}$", re.IGNORECASE)
_EXIT = re.compile(r"^(?:exit|exit status|status)\s+(\d+)$", re.IGNORECASE)
_ROW = re.compile(r"^(framed|pilot|scale|operate|keep)\.[a-z]+\.[a-z0-9_-]+$")
_ID = re.compile(r"^[0-9a-f]{6,64}$")
_NUMBER = re.compile(r"\d")
_NEAR = 3


class Needs(ValueError):
    """A portfolio is needed for what is asked, and there is none that can be used."""


@dataclass
class Asking:
    """Whom to ask: the folder of a portfolio, looked into when something needs it.

    Attributes:
        folder: where portfolio.yaml may lie.
        as_of: the moment to judge at, as text.
        progress: told of each source as it is read.
    """

    folder: Path
    as_of: str | None = None
    progress: Progress | None = None
    _checked: Checked | None = None
    _made: Review | None = None

    def checked(self) -> Checked | None:
        """The portfolio as loaded; None outside one.

        Raises:
            ValueError: the moment is none.
        """
        from headway.app.check import check

        if self._checked is None and (self.folder / "portfolio.yaml").is_file():
            self._checked = check(self.folder, self.as_of)
        return self._checked if self._checked and self._checked.portfolio else None

    def review(self) -> Review | None:
        """The review of the portfolio; None outside one."""
        from headway.app.review import review

        found = self.checked()
        if self._made is None and found is not None:
            self._made = review(found, progress=self.progress)
        return self._made


def explain(what: str, asking: Asking) -> Answer:
    """Explain what a person typed.

    Args:
        what: a code, an exit status, a field, a kind, a requirement, an evidence id, a number or its address,
            a measure, a design, a name of the portfolio, or a term; a kind before a name says which is meant.
        asking: the portfolio to look into.

    Raises:
        ValueError: the moment to judge at is none.
        HeadwayError: the store of the portfolio is not to be had.
    """
    what = " ".join(what.split())
    for form in (_fixed, _addressed, _named, _printed):
        answer = form(what, asking)
        if answer is not None:
            return answer
    return Answer(what, near=tuple(_nearest(what, asking)), hint=_hint(asking))


def _hint(asking: Asking) -> str:
    if asking.checked() is not None:
        return ""
    return "numbers and names are known inside a portfolio: say which with -p FOLDER"


def _one(what: str, found: Explanation | None) -> Answer | None:
    return Answer(what, (found,)) if found else None


def _fixed(what: str, asking: Asking) -> Answer | None:
    """Codes, exit statuses and requirements: their form leaves no doubt."""
    if _CODE.match(what):
        known = explain_words.code(what.upper())
        return _one(what, known) or Answer(what, near=tuple(_near(what.upper(), CODES)))
    status = _EXIT.match(what)
    if status:
        return _one(what, explain_words.exit_status(status[1]))
    if _ROW.match(what):
        from headway.app.explain_row import requirement

        return _one(what, requirement(what, asking.review()))
    return None


def _addressed(what: str, asking: Asking) -> Answer | None:
    """An evidence id or its beginning, and the address of a number."""
    from headway.app import explain_evidence

    if not (_ID.match(what) or "/" in what):
        return None
    made = asking.review()
    if made is None:
        return None
    if "/" in what:
        found, several = explain_evidence.by_address(made, what)
        return Answer(what, tuple(found), tuple(several)) if found or several else None
    ids = explain_evidence.by_prefix(made, what)
    if len(ids) == 1:
        return Answer(what, (explain_evidence.of_evidence(made, ids[0]),))
    several = [Candidate(e.id[:16], explain_evidence.address_of(e)) for e in ids]
    return Answer(what, candidates=tuple(several)) if several else None


def _printed(what: str, asking: Asking) -> Answer | None:
    """A number as it is printed."""
    made = asking.review() if _NUMBER.search(what) else None
    if made is None:
        return None
    from headway.app.explain_evidence import by_text

    found = by_text(made, what)
    return Answer(what, tuple(found)) if found else None


@dataclass(frozen=True)
class _Meaning:
    ask: str
    title: str
    explain: Callable[[], Explanation | None]


def _named(what: str, asking: Asking) -> Answer | None:
    """Words: whatever bears the name; fields only where nothing else does, and beside it."""
    head, _, rest = what.partition(" ")
    meant = [m for m in _meanings(rest, asking) if rest and m.ask.startswith(f"{head.lower()} ")]
    if meant:
        return _one(what, meant[0].explain())
    found, fields = list(_meanings(what, asking)), list(_fields(what))
    others = [m for m in found if not m.ask.startswith("term ")]
    if len(others) > 1:
        return Answer(what, candidates=_candidates((*found, *fields)))
    if found:
        # A term says what the word means, the other what bears it: both together leave no doubt.
        made = tuple(e for m in found if (e := m.explain()))
        return Answer(what, made, _candidates(fields))
    # A whole path may end a longer one, and still means itself.
    exact = [m for m in fields if m.ask == what] or fields
    if len(exact) == 1:
        return _one(what, exact[0].explain())
    return Answer(what, candidates=_candidates(fields)) if fields else None


def _candidates(meant: Iterable[_Meaning]) -> tuple[Candidate, ...]:
    return tuple(Candidate(m.ask, m.title) for m in meant)


def _meanings(name: str, asking: Asking) -> Iterator[_Meaning]:
    """Everything but fields that a name may be."""
    from headway.kernel.registry import names as registered

    if explain_words.term(name):
        yield _Meaning(f"term {name}", f"term: {name}", lambda: explain_words.term(name))
    for port in explain_words.PORTS:
        if name in registered(f"headway.{port}"):
            one = port.removesuffix("s")
            yield _Meaning(f"{one} {name}", f"the {one} {name}", _kind_of(port, name))
    yield from _kinds(name)
    checked = asking.checked()
    if checked and checked.portfolio:
        from headway.app.explain_name import candidates

        for found in candidates(checked.portfolio, name):
            yield _Meaning(found.ask, found.title, _of_portfolio(found.ask, asking))


def _kind_of(port: str, name: str) -> Callable[[], Explanation | None]:
    return lambda: explain_words.kind(port, name)


def _kinds(name: str) -> Iterator[_Meaning]:
    from headway.portfolio.kinds import MODELS, kind_of

    kinds = {kind_of(key) for key in MODELS}
    single = name if name in kinds else name.removesuffix("s")
    if single in kinds:
        from headway.app.explain_field import kind

        yield _Meaning(f"kind {single}", f"kind of document: {single}", lambda: kind(single))


def _fields(name: str) -> Iterator[_Meaning]:
    if not re.fullmatch(r"[A-Za-z_][\w.]*", name):
        return
    from headway.app.explain_field import field, matching

    for found in matching(name):
        yield _Meaning(found.ask, found.title, lambda path=found.ask: field(path))  # type: ignore[misc]


def _of_portfolio(ask: str, asking: Asking) -> Callable[[], Explanation | None]:
    kind, _, name = ask.partition(" ")

    def explained() -> Explanation | None:
        from headway.app import explain_name

        checked = asking.checked()
        if kind in ("initiative", "outcome"):
            made = asking.review()
            of = explain_name.initiative if kind == "initiative" else explain_name.outcome
            return of(made, name) if made else None
        portfolio = checked.portfolio if checked else None
        return explain_name.other(portfolio, kind, name) if portfolio else None

    return explained


def _nearest(what: str, asking: Asking) -> list[str]:
    """The nearest names of everything that can be asked for."""
    return _near(what, known_names(asking))


def _near(what: str, known: Iterable[str]) -> list[str]:
    lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(what.lower(), list(lower), n=_NEAR, cutoff=0.6)
    return [lower[n] for n in near]


def known_names(asking: Asking) -> Iterator[str]:
    """Every name that can be asked for, without reading a source."""
    from headway.app.explain_field import fields
    from headway.app.explain_row import all_rows

    yield from (name for name, _, _ in explain_words.all_words())
    yield from fields()
    yield from (path.rpartition(".")[2] for path in fields())
    yield from all_rows()
    checked = asking.checked()
    if checked and checked.portfolio and checked.model:
        from headway.app.explain_name import names

        yield from (name for _, name, _ in names(checked.portfolio))
        yield from (row.id for row in checked.model.rows)
