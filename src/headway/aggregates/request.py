"""What a measure asks of a source: keys to group by, and sums that merge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from headway.kernel.identity import Json, digest

Missing = Literal["drop", "zero", "flag"]
TermKind = Literal["count", "sum", "total", "min", "max"]


@dataclass(frozen=True, slots=True, order=True)
class Factor:
    """A column inside a product of shifted values.

    Attributes:
        column: the column's name in the fact.
        missing: ``drop`` makes the product empty where the column is empty; ``zero`` counts the shifted
            value as 0 there (mean imputation); ``flag`` is the indicator of emptiness itself.
    """

    column: str
    missing: Missing = "drop"


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """One mergeable sum over the rows of a group.

    ``count`` counts rows, ``sum`` adds products of shifted columns as floating point, ``total`` adds a
    column as it is and as decimals (exactly, where the engine holds decimals), ``min`` and ``max`` keep an
    end of a column. Only rows in which every column of `complete` is present take part.
    """

    kind: TermKind
    factors: tuple[Factor, ...] = ()
    complete: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Every column the term reads."""
        return frozenset(f.column for f in self.factors) | frozenset(self.complete)


def count(*complete: str) -> Term:
    """Rows in which all these columns are present."""
    return Term("count", (), tuple(sorted(complete)))


def sum_of(*factors: str | Factor, complete: tuple[str, ...] = ()) -> Term:
    """Sum of the product of one or two shifted columns over complete rows."""
    made = tuple(sorted(f if isinstance(f, Factor) else Factor(f) for f in factors))
    return Term("sum", made, tuple(sorted(complete)))


def total(column: str, complete: tuple[str, ...] = ()) -> Term:
    """Sum of a column as it stands: of money, or of sums that arrived already summed."""
    return Term("total", (Factor(column),), tuple(sorted(complete)))


def least(column: str) -> Term:
    """Smallest value of a column."""
    return Term("min", (Factor(column),))


def greatest(column: str) -> Term:
    """Largest value of a column."""
    return Term("max", (Factor(column),))


@dataclass(frozen=True, slots=True, order=True)
class Bucket:
    """A key: the log-histogram bucket of a column, or of the ratio of two columns.

    The buckets are those of `statistics.log_histogram`: floor(ln x / ln 1.02).
    """

    column: str
    per: str = ""
    underflow_below: float = 0.0


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A key: the value under a name in a column of JSON objects."""

    column: str
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A key: whole slots of so many seconds since 1970 in UTC.

    Attributes:
        column: the moment.
        seconds: how long a slot is; the days of every time zone are made of whole quarter hours.
    """

    column: str
    seconds: int = 900


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A key: the day of a moment as a time zone cuts it, counted since 1970-01-01.

    Attributes:
        column: the moment.
        zone: the time zone, by its IANA name.
        every: days that one group holds; above 1 where a group per day would be too many.
    """

    column: str
    zone: str = "UTC"
    every: int = 1


@dataclass(frozen=True, slots=True)
class Picked:
    """A key: a value where it is one of a few that somebody asks about, and empty elsewhere.

    A bill has millions of resources; a group for each named one and one for all the rest is enough.

    Attributes:
        of: columns or tags; the first that is not empty is the value.
        among: the values that are told apart, by their text; none: all of them.
        where: a column and the values it must have in a row; where it has another, or none, the key is empty.
    """

    of: tuple[str | Tag, ...]
    among: tuple[str, ...] = ()
    where: tuple[str, tuple[str, ...]] | None = None


Key = str | Bucket | Tag | Slot | Day | Picked


def columns_of(key: Key) -> tuple[str, ...]:
    """The columns that a key reads.

    >>> columns_of(Picked(("ResourceId", Tag("Tags", "app")), where=("ChargeCategory", ("Tax",))))
    ('ResourceId', 'Tags', 'ChargeCategory')
    """
    if isinstance(key, str):
        return (key,)
    if isinstance(key, Bucket):
        return (key.column, key.per) if key.per else (key.column,)
    if isinstance(key, Picked):
        return (*(c for one in key.of for c in columns_of(one)), *(key.where[:1] if key.where else ()))
    return (key.column,)


# Buckets outside the log scale, as integers so that every engine can group by them.
ZERO_BUCKET = -(2**31)
UNDERFLOW_BUCKET = ZERO_BUCKET + 1


@dataclass(frozen=True, slots=True)
class Request:
    """Sums of one source by some keys.

    Attributes:
        source: the declared source.
        keys: what to group by; the order is that of the answer's group tuples.
        terms: the sums wanted.
        where: rows taken: pairs of a column and the text it must equal, or texts of which it must equal one.
        until: the last moment taken, as a column and UTC text; rows after it are not known yet. Not part
            of what is asked: the observed window of the answer says what was seen.
        since: the first moment taken, likewise; rows before it belong to something else. Part of what is
            asked, because it is declared and not the day of a review.
        serves: the measure and initiative that ask; not part of what is asked.
        each: a column of which each value is taken once: its rows are made one before anything is summed,
            with the columns `CROSSED` and `REPEATED` of the fact ``unit``. Parts are looked at one by one: a
            value in two files is not seen.
    """

    source: str
    keys: tuple[Key, ...]
    terms: tuple[Term, ...]
    where: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    until: tuple[str, str] | None = None
    serves: str = field(default="", compare=False)
    since: tuple[str, str] | None = None
    each: str = ""

    @property
    def digest(self) -> str:
        """Names what is asked, not who asks: equal questions have equal digests."""
        asked: dict[str, Json] = {
            "source": self.source,
            "keys": [repr(k) for k in self.keys],
            "terms": sorted(repr(t) for t in self.terms),
            "where": [list(w) for w in self.where],
        }
        if self.since:
            asked["since"] = list(self.since)
        if self.each:
            asked["each"] = self.each
        return digest(asked)
