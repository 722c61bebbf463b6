"""A name leads to one human."""

from datetime import date

import pytest
from tests.unit.portfolio.conftest import Declare

from headway.portfolio.people import People


@pytest.fixture
def people(declare: Declare) -> People:
    """The people of the small portfolio."""
    portfolio = declare().portfolio
    assert portfolio
    return portfolio.people


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("ann", "ann"),
        ("head-of-claims", "ann"),
        ("head-of-platform", "cem"),
        ("head-of-people", None),
        ("finance", "ben"),
        ("legal", "ann"),
        ("hr", None),
        ("nobody", None),
    ],
)
def test_a_name_leads_to_its_person(people: People, name: str, person: str | None) -> None:
    """A person is itself, a seat its holder or, while vacant, its deputy, a function its lead."""
    assert people.holder(name) == person


def test_a_function_led_by_a_stranger_leads_to_nobody() -> None:
    """A lead that is neither a person nor a seat is not taken for one."""
    people = People.model_validate({"people": "harbour", "functions": {"it": {"lead": "stranger"}}})
    assert people.holder("it") is None


def test_an_account_leads_to_its_person(people: People) -> None:
    """Capitals do not matter in a mail address; an unknown one leads to nobody."""
    found = people.person_of_account("ann@harbour.EXAMPLE")
    assert found
    assert found.id == "ann"
    assert people.person_of_account("x@harbour.example") is None


def test_the_last_day_is_still_in_office(people: People) -> None:
    """One has left on the day after `active_until`, and never without it."""
    ann, ben = people.person("ann"), people.person("ben")
    assert ann
    assert ben
    assert [ann.left(date(2026, 6, 30)), ann.left(date(2026, 7, 1)), ben.left(date(2999, 1, 1))] == [
        False,
        True,
        False,
    ]
