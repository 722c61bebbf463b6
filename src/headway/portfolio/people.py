"""people.yaml: persons, the seats they hold and the functions that advise and sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from headway.portfolio.values import Day, Declared, Fault, Name, Text


class Person(Declared):
    """One human, however many accounts."""

    id: Name = Field(description="the person's id; the ledger names people by it")
    name: Text = Field("", description="the name as in the directory")
    accounts: tuple[Text, ...] = Field((), description="mail addresses, OIDC subjects or key fingerprints")
    unit: Text = Field("", description="where the person works")
    active_until: Day | None = Field(None, description="the last day in office")

    def left(self, day: date) -> bool:
        """Whether the person has left before a day."""
        return self.active_until is not None and self.active_until < day


class Seat(Declared):
    """A duty that outlives its holder."""

    id: Name = Field(description="the name of the seat")
    holder: Text | None = Field(None, description="the person who holds it; absent while it is vacant")
    deputy: Text | None = Field(None, description="the person who stands in")


class Function(Declared):
    """A part of the house that is asked for its word: finance, legal, it, hr ..."""

    lead: Text = Field(description="the seat or person that answers for it")
    members: tuple[Text, ...] = Field((), description="seats or persons who may speak for it")


class People(Declared):
    """Everybody a portfolio may name."""

    people: Name = Field(description="the name of this list")
    persons: tuple[Person, ...] = Field((), description="the humans")
    seats: tuple[Seat, ...] = Field((), description="the duties they hold")
    functions: dict[str, Function] = Field({}, description="name of a function to who leads it")

    def person(self, id: str) -> Person | None:  # noqa: A002 - the key is called `id` in the file
        """The person with an id."""
        return next((p for p in self.persons if p.id == id), None)

    def seat(self, id: str) -> Seat | None:  # noqa: A002 - as above
        """The seat with an id."""
        return next((s for s in self.seats if s.id == id), None)

    def knows(self, name: str) -> bool:
        """Whether a person, a seat or a function bears the name."""
        return name in self.names()

    def names(self) -> frozenset[str]:
        """All ids of persons and seats and names of functions."""
        return frozenset((*(p.id for p in self.persons), *(s.id for s in self.seats), *self.functions))

    def holder(self, name: str) -> str | None:
        """The id of the person behind a name: a person, a seat's holder (its deputy while vacant), a lead."""
        if self.person(name):
            return name
        seat = self.seat(name)
        if seat is None and name in self.functions:
            lead = self.functions[name].lead
            seat = self.seat(lead)
            if seat is None:
                return lead if self.person(lead) else None
        return (seat.holder or seat.deputy) if seat else None

    def person_of_account(self, account: str) -> Person | None:
        """The person one of whose accounts this is; letters may be small or capital."""
        sought = account.strip().casefold()
        return next((p for p in self.persons if any(sought == a.casefold() for a in p.accounts)), None)

    def faults(self) -> Iterator[Fault]:
        """Names that would leave it open who is meant."""
        seen: set[str] = set()
        named = [(("persons", i, "id"), person.id) for i, person in enumerate(self.persons)]
        named += [(("seats", i, "id"), seat.id) for i, seat in enumerate(self.seats)]
        for path, name in named:
            if name in seen:
                what = f"'{name}' already names a person or a seat"
                yield Fault("HW107", path, what, "give one of the two another id")
            seen.add(name)
