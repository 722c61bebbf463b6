"""People become entries with ids that the next import gives again."""

import pytest

from headway.exchange.persons import Directory, Known, Named, persons


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("Ana Brandt", (Named("Ana Brandt"),)),
        ("Brandt, Ana", (Named("Ana Brandt"),)),
        ("Dr. Ana von Brandt", (Named("Dr. Ana von Brandt"),)),
        ("Ana Brandt <Ana@x.example>", (Named("Ana Brandt", "ana@x.example"),)),
        ("Ana Brandt (ana@x.example)", (Named("Ana Brandt", "ana@x.example"),)),
        ("ana.brandt@x.example", (Named("Ana Brandt", "ana.brandt@x.example"),)),
        ("abr@x.example", (Named("", "abr@x.example"),)),
        ("Ana Brandt; Ben Okoro", (Named("Ana Brandt"), Named("Ben Okoro"))),
        ("Ana Brandt und Ben Okoro", (Named("Ana Brandt"), Named("Ben Okoro"))),
        ("Claims Department", None),
        ("IT", None),
        ("Head of Claims", None),
        ("Anna", None),
        ("the whole team", None),
        ("Harbour Insurance GmbH", None),
        ("Building 7 West", None),
        ("a@x.example b@x.example", None),
        ("", None),
        ("Yes, In Progress, Later", None),
        ("Ana Brandt " * 40, None),
        ("Ana Brandt; Claims Department", None),
    ],
)
def test_a_cell_names_people_or_it_does_not(cell: str, found: tuple[Named, ...] | None) -> None:
    """Units, duties and single words are not made into humans."""
    assert persons(cell) == found


def test_one_human_is_one_entry() -> None:
    """By address, by name, and by a name written the other way round."""
    people = Directory()
    ids = [
        people.id_of(p)
        for cell in ("Ana Brandt", "Brandt, Ana", "ana.brandt@x.example", "Ana Brandt <ana.brandt@x.example>")
        for p in persons(cell) or ()
    ]
    assert set(ids) == {"ana-brandt"}
    assert people.people == [Known("ana-brandt", "Ana Brandt", ["ana.brandt@x.example"])]


def test_one_name_with_two_addresses_is_two_humans() -> None:
    """Nobody is given another's account."""
    people = Directory()
    assert people.id_of(Named("Ana Brandt", "a@x.example")) == "ana-brandt"
    assert people.id_of(Named("Ana Brandt", "a@y.example")) == "ana-brandt-2"


def test_an_id_is_made_of_what_there_is() -> None:
    """The name, else the address, else a word."""
    people = Directory()
    assert people.id_of(Named("", "abr@x.example")) == "abr"
    assert people.id_of(Named("Żółć Müller-Lüdenscheidt")) == "zolc-mueller-luedenscheidt"
    assert people.id_of(Named("山田 太郎")) == "person"
    assert people.id_of(Named("鈴木 一郎")) == "person-2"
    assert people.id_of(Named("山田  太郎")) == "person"


def test_a_unit_holds_as_long_as_rows_agree() -> None:
    """Two units for one human are no unit."""
    people = Directory()
    people.id_of(Named("Ana Brandt"), "Claims")
    people.id_of(Named("Ana Brandt"), "Claims")
    assert people.people[0].units == ["Claims"]
