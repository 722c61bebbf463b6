"""An advice that was applied enters the ledger once, with the advice as it was given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.attacks.ledgers import HOUSE, NOW, House

from headway import __version__
from headway.decisions.applied import Application, Applying, applications, apply
from headway.decisions.approvals import Refused
from headway.decisions.ledger import Act
from headway.facts.act import Act as Row
from headway.kernel.identity import Json, canonical, digest
from headway.measures.spend.advice import Interval
from headway.measures.spend.realised import ACT, Applied, applied_to

ADVICE: Json = {"workload": "draft-a", "proposed": 0.4}
APPLIED = Applied(
    "drafting", "draft-a", "gpu", "devices", 1.0, 0.4, Interval(0.6, 0.4, 0.7), 24, "headway", False, NOW
)


def applied(here: House, one: Applied = APPLIED, actor: str = "ann") -> Application | Refused:
    """Ann says that an advice was applied."""
    return apply(here.ledger, Applying(actor, one, ADVICE), HOUSE)


def test_the_advice_is_pinned_under_the_digest_that_is_named(here: House) -> None:
    """The entry tells what was granted before and after, and what was promised; it reads back as it was."""
    made = applied(here)
    assert isinstance(made, Application)
    entry = made.recorded.entry
    assert (entry.actor, entry.act, entry.subject, made.new) == ("ann", ACT, "drafting", True)
    assert entry.body == {**APPLIED.as_body(), "digest": digest(ADVICE), "headway": __version__}
    assert here.store.pinned(digest(ADVICE)) == canonical(ADVICE)
    row = Row(entry.seq, entry.at, entry.actor, entry.act, entry.subject, entry.body)
    assert applied_to([row], {"drafting"}, NOW) == (replace(APPLIED, seq=1),)
    assert here.verify().diagnostics == ()


def test_the_same_is_recorded_once(here: House) -> None:
    """Running it again after a crash adds nothing; another grant, recommender or lot does."""
    first = applied(here)
    again = applied(here, replace(APPLIED, at=NOW + timedelta(minutes=5)))
    assert isinstance(first, Application)
    assert isinstance(again, Application)
    assert (again.new, again.recorded.entry) == (False, first.recorded.entry)
    for other in (
        replace(APPLIED, proposed=0.5),
        replace(APPLIED, recommender="krr"),
        replace(APPLIED, randomised=True),
        replace(APPLIED, resource="gpu.memory"),
        replace(APPLIED, component="search"),
    ):
        made = applied(here, other)
        assert isinstance(made, Application)
        assert made.new
    assert len(here.rows()) == 6
    assert len(applications(here.ledger.entries(), APPLIED)) == 4


@pytest.mark.parametrize(("actor", "why"), [("eve", "is not in people.yaml"), ("bob", "has left")])
def test_only_people_in_office_say_so(here: House, actor: str, why: str) -> None:
    """Anybody else is refused with HW528, and nothing is written."""
    refused = applied(here, replace(APPLIED, at=NOW + timedelta(days=1)), actor)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.what) == ("HW528", f"'{actor}' {why}")
    assert here.rows() == []


@pytest.mark.parametrize(
    ("body", "pins"), [({}, {"advice": (ADVICE,)}), ({"digest": digest(ADVICE)}, {}), ({"digest": 1}, {})]
)
def test_an_entry_that_pins_another_advice_is_found(
    here: House, body: dict[str, Json], pins: dict[str, tuple[Json, ...]]
) -> None:
    """What it names must be what it pins: HW608 at its entry."""
    here.ledger.append(Act(at=NOW, actor="ann", act=ACT, subject="drafting", body=body, pins=pins))
    assert here.codes() == [("HW608", 1)]
