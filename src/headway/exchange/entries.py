"""From rows to initiatives: what a row says, what it does not say, and what it says that has no place yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headway.exchange import values
from headway.exchange.columns import LEFT_AWAY, Guess
from headway.exchange.fields import BY_NAME
from headway.exchange.header import LeftOut, Row, Table
from headway.exchange.names import slug, unique
from headway.exchange.persons import Directory, persons
from headway.exchange.text import tidy

# Stages that the loader takes without a pilot, an outcome and somebody accountable.
_WITHOUT_PARTS = frozenset({"proposed", "framed", "retired"})
_LATEST_WITHOUT = "framed"
_ROLES = ("accountable", "sponsor", "finance_partner", "risk_manager")
# What the first gate asks for; whoever reads the files should see at once that it is not there.
ASKED_FIRST = ("title", "problem", "outcome", "accountable", "sponsor", "stage", "risk")
_NO_NAME = "no name, and next to nothing else"
_FEWEST_CELLS = 3


@dataclass(slots=True)
class Taken:
    """One initiative.

    Attributes:
        name: its id.
        row: the row it comes from.
        keys: keys of its file to their text.
        beside: a comment beside a key, such as the list's own word for the stage.
        gaps: what is not known, and why where the row says something that does not answer it.
        kept: what else the row says, by column.
    """

    name: str
    row: int
    keys: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    gaps: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """How the words of a column were read: each word, how often it stands there, and as what it was taken."""

    field: str
    header: str
    read: tuple[tuple[str, int, str | None], ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Rows that bear one and the same name, and the ids they got."""

    title: str
    rows: tuple[int, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything a list gave."""

    entries: tuple[Taken, ...]
    words: tuple[Words, ...]
    duplicates: tuple[Duplicate, ...]
    left_out: tuple[LeftOut, ...]
    unread: Mapping[str, int]


def make_entries(
    table: Table, guesses: Sequence[Guess], directory: Directory, taken: frozenset[str]
) -> Entries:
    """Turn every row with a name into an initiative.

    Args:
        table: the list.
        guesses: what each column holds.
        directory: the people known so far; those of the list are entered.
        taken: names that are used already.
    """
    at = {g.field: i for i, g in enumerate(guesses) if g.field and g.field != LEFT_AWAY}
    named, nameless = [], []
    for row in table.rows:
        if values.blank(row.cells[at["title"]]) and not _says_something(row, at):
            text = " ".join(next(c for c in row.cells if c).split())
            nameless.append(LeftOut(row.number, text[:60], _NO_NAME))
        else:
            named.append(row)
    ids = _ids(named, at, taken)
    reader = _Reader(guesses, at, directory)
    entries = tuple(reader.entry(row, ids[row.number]) for row in named)
    return Entries(
        entries,
        reader.words(named),
        _duplicates(named, at["title"], ids),
        (*table.left_out, *nameless),
        dict(reader.unread),
    )


def _says_something(row: Row, at: Mapping[str, int]) -> bool:
    """Whether a row without a name is an initiative all the same, and no heading between two of them."""
    own = "id" in at and not values.blank(row.cells[at["id"]])
    return own or sum(not values.blank(c) for c in row.cells) >= _FEWEST_CELLS


def _ids(rows: Sequence[Row], at: Mapping[str, int], taken: frozenset[str]) -> dict[int, str]:
    """An id per row, from its name; where names are shared, with the list's own number or the unit behind it.

    So an id does not depend on the order of the rows, as long as something in the row tells the two apart.
    """
    by_slug: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_slug[slug(_title(row, at)) or _fallback(row, at)].append(row)
    used, ids = set(taken), dict[int, str]()
    for base, several in sorted(by_slug.items(), key=lambda s: len(s[1])):
        tails = _telling_tails(several, at) if len(several) > 1 else None
        for row in several:
            wanted = f"{base}-{tails[row.number]}" if tails else base
            ids[row.number] = unique(wanted, used)
            used.add(ids[row.number])
    return ids


def _title(row: Row, at: Mapping[str, int]) -> str:
    cell = row.cells[at["title"]]
    return "" if values.blank(cell) else " ".join(cell.split())


def _fallback(row: Row, at: Mapping[str, int]) -> str:
    own = slug(row.cells[at["id"]]) if "id" in at else ""
    return own or f"row-{row.number}"


def _telling_tails(rows: Sequence[Row], at: Mapping[str, int]) -> dict[int, str] | None:
    for column in ("id", "unit"):
        if column in at:
            tails = {r.number: slug(r.cells[at[column]], 30) for r in rows}
            if all(tails.values()) and len(set(tails.values())) == len(rows):
                return tails
    return None


def _duplicates(rows: Sequence[Row], title: int, ids: Mapping[int, str]) -> tuple[Duplicate, ...]:
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not values.blank(row.cells[title]):
            by_name[" ".join(row.cells[title].split()).casefold()].append(row)
    return tuple(
        Duplicate(
            " ".join(several[0].cells[title].split()),
            tuple(r.number for r in several),
            tuple(ids[r.number] for r in several),
        )
        for several in by_name.values()
        if len(several) > 1
    )


class _Reader:
    """Reads rows by what the columns were taken for."""

    def __init__(self, guesses: Sequence[Guess], at: Mapping[str, int], directory: Directory) -> None:
        self.guesses = guesses
        self.at = at
        self.directory = directory
        self.unread: Counter[str] = Counter()

    def entry(self, row: Row, name: str) -> Taken:
        made = Taken(name, row.number)
        for guess, cell in zip(self.guesses, row.cells, strict=True):
            if guess.field is None and not values.blank(cell):
                made.kept[guess.header] = tidy(cell)
        for one in ("title", "problem", "customer", "class", "notes"):
            if text := self._cell(row, one):
                made.keys[one] = tidy(text).replace("\n", " ") if one in ("title", "class") else tidy(text)
        self._stage(row, made)
        self._people(row, made)
        self._looked_up(row, made)
        for one in ("id", "unit", "benefit"):
            if text := self._cell(row, one):
                made.kept[self.guesses[self.at[one]].header] = tidy(text)
        for gap in ASKED_FIRST:
            # What has ended is asked nothing more.
            if gap not in made.keys and (gap == "title" or made.keys.get("stage") != "retired"):
                made.gaps.setdefault(gap, "")
        return made

    def words(self, rows: Sequence[Row]) -> tuple[Words, ...]:
        """How stages, statuses and tiers were read, the most frequent word first."""
        found = []
        for name, read in (("stage", _stage_or_status), ("status", values.status), ("risk", values.tier)):
            if name in self.at:
                said = Counter(" ".join(r.cells[self.at[name]].split()) for r in rows)
                blanks = sum(n for word, n in said.items() if values.blank(word))
                read_as = [(word, n, read(word)) for word, n in said.most_common() if not values.blank(word)]
                if blanks:
                    read_as.append(("", blanks, None))
                found.append(Words(name, self.guesses[self.at[name]].header, tuple(read_as)))
        return tuple(found)

    def _cell(self, row: Row, name: str) -> str:
        cell = row.cells[self.at[name]] if name in self.at else ""
        return "" if values.blank(cell) else cell

    def _keep(self, row: Row, made: Taken, name: str, why: str) -> None:
        """What could not be read stays as it is, is counted, and the key stays away."""
        made.kept[self.guesses[self.at[name]].header] = tidy(self._cell(row, name))
        made.gaps[name] = why
        self.unread[name] += 1

    def _stage(self, row: Row, made: Taken) -> None:
        said = self._cell(row, "stage")
        found = values.stage(said) if said else None
        status = values.status(self._cell(row, "status") or (said if found is None else ""))
        if status:
            made.keys["status"] = status
        elif self._cell(row, "status"):
            self._keep(row, made, "status", "no status that is known here")
        if found is None:
            if said and values.status(said) is None:
                self._keep(row, made, "stage", f"'{tidy(said)}' is no stage that is known here")
            return
        made.keys["stage"] = found if found in _WITHOUT_PARTS else _LATEST_WITHOUT
        word = f"the list says: {' '.join(said.split())}"
        if made.keys["stage"] != found:
            made.keys["stage_claimed"] = found
            made.beside["stage_claimed"] = word
            made.beside["stage"] = "until pilot, outcome and accountable are declared"
        else:
            made.beside["stage"] = word

    def _people(self, row: Row, made: Taken) -> None:
        unit = " ".join(self._cell(row, "unit").split())
        for role in _ROLES:
            said = self._cell(row, role)
            if not said:
                continue
            people = persons(said)
            if people is None:
                self._keep(row, made, role, f"'{' '.join(said.split())}' names no person")
            elif len(people) > 1:
                self._keep(row, made, role, "the list names several; one answers")
            else:
                found = self.directory.id_of(people[0], unit if role == "accountable" else "")
                if role == "sponsor" and found == made.keys.get("accountable"):
                    self._keep(row, made, role, "the list names the accountable person again")
                else:
                    made.keys[role] = found

    def _looked_up(self, row: Row, made: Taken) -> None:
        if said := self._cell(row, "risk"):
            if found := values.tier(said):
                made.keys["risk"] = found
                made.beside["risk"] = f"the list says: {' '.join(said.split())}"
            else:
                self._keep(row, made, "risk", f"'{tidy(said)}' is no tier of the EU AI Act")
        if said := self._cell(row, "links"):
            made.keys["links"] = " ".join(said.split())
        for name, read in (("budget", values.money), ("cost_of_delay", values.rate)):
            if said := self._cell(row, name):
                header = self.guesses[self.at[name]].header
                found = read(said, header)
                if found is None:
                    self._keep(row, made, name, f"'{tidy(said)}' could be read in more than one way")
                elif BY_NAME[name].key:
                    made.keys[name] = found
                else:
                    made.kept[header] = f"{tidy(said)}  (as pilot: {{budget: {found}}})"


def _stage_or_status(word: str) -> str | None:
    return values.stage(word) or (f"status {s}" if (s := values.status(word)) else None)
