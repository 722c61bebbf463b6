"""People a list names: one entry per human, under an id that the next import gives again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from headway.exchange.names import plain, slug, unique

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SEVERAL = re.compile(r"[;/|\n]| & | and | und ")
_MOST_WORDS = 5
_LONGEST = 200
# Words that a unit, a firm or a duty has in its name and a person has not.
_NO_PERSON = frozenset(
    plain(
        "department division unit team office bureau agency service services group committee board center "
        "centre directorate administration institute ministry bank gmbh ag inc ltd llc corp corporation "
        "company vendor abteilung bereich fachbereich referat dezernat einheit amt stelle leitung stab "
        "gruppe vorstand head chief director manager officer lead leiter leiterin cio cfo ceo coo cto cdo it "
        "hr finance finanzen legal claims sales marketing operations vertrieb einkauf personal recht technik "
        "controlling all alle tbd various diverse"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a cell names one."""

    name: str
    mail: str = ""


@dataclass(slots=True)
class Known:
    """A person under an id; the unit holds as long as every row says the same."""

    id: str
    name: str
    mails: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)


def persons(cell: str) -> tuple[Named, ...] | None:
    """The people a cell names, or None when it does not name people.

    >>> persons("Brandt, Ana"), persons("ana.brandt@x.example"), persons("Claims Department")
    ((Named(name='Ana Brandt', mail=''),), (Named(name='Ana Brandt', mail='ana.brandt@x.example'),), None)
    """
    if len(cell) > _LONGEST:
        return None
    parts = [p.strip() for p in _SEVERAL.split(cell) if p.strip()]
    found = [_person(part) for part in parts]
    return tuple(f for f in found if f) if found and all(found) else None


def _person(text: str) -> Named | None:
    mails = _MAIL.findall(text)
    if len(mails) > 1:
        return None
    mail = mails[0].lower() if mails else ""
    bare = " ".join(re.sub(r"[<>()\[\]\"]", " ", text.replace(mails[0], " ") if mails else text).split())
    bare = bare.strip(" ,;:-")
    if not bare and mail:
        return Named(_from_mail(mail), mail)
    last, comma, first = bare.partition(",")
    name = f"{first.strip()} {last.strip()}" if comma else bare
    words = name.split()
    if not words or len(words) > _MOST_WORDS or "," in name or any(c.isdigit() for c in name):
        return None
    if not mail and (len(words) == 1 or not all(w[0].isupper() or _particle(w) for w in words)):
        return None
    return None if set(plain(name).split()) & _NO_PERSON else Named(name, mail)


def _particle(word: str) -> bool:
    return word in {
        "von",
        "van",
        "de",
        "der",
        "den",
        "del",
        "di",
        "da",
        "la",
        "le",
        "zu",
        "zur",
        "bin",
        "al",
        "ten",
    }


def _from_mail(mail: str) -> str:
    words = [w for w in re.split(r"[._-]", mail.partition("@")[0]) if w.isalpha()]
    return " ".join(w.capitalize() for w in words) if len(words) > 1 else ""


def _spelled(name: str) -> str:
    """A name as two spellings of it share it, in whatever script."""
    return plain(name) or " ".join(name.casefold().split())


class Directory:
    """The people of a portfolio, each once, whether a row names them by name or by mail address."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self.people: list[Known] = list(known)

    def id_of(self, named: Named, unit: str = "") -> str:
        """The id of a person; a new one is entered."""
        person = self._find(named)
        if person is None:
            wanted = slug(named.name) or slug(named.mail.partition("@")[0]) or "person"
            person = Known(unique(wanted, {p.id for p in self.people}), named.name)
            self.people.append(person)
        if named.mail and named.mail not in person.mails:
            person.mails.append(named.mail)
        if unit and unit not in person.units:
            person.units.append(unit)
        return person.id

    def _find(self, named: Named) -> Known | None:
        for person in self.people:
            if named.mail and named.mail in person.mails:
                return person
            # One name with two addresses may be two humans.
            same = bool(named.name) and _spelled(person.name) == _spelled(named.name)
            if same and not (named.mail and person.mails):
                return person
        return None
