"""A design enters the ledger once, and verifying holds it to the document it pins."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.attacks.killing import ROOT
from tests.attacks.ledgers import HOUSE, NOW, House

from headway import __version__
from headway.decisions.approvals import Refused
from headway.decisions.entry import Entry
from headway.decisions.ledger import Act
from headway.decisions.registration import Registering, Standing, register
from headway.kernel.identity import canonical
from headway.portfolio.pilot import Pilot
from headway.portfolio.registration import ACT, digest_of, frozen

PILOT = Pilot.model_validate(
    {
        "design": "randomised",
        "source": "units",
        "arms": ["control", "treated"],
        "metric": "y",
        "objective": {"change": "-1"},
    }
)
OTHER = PILOT.model_copy(update={"metric": "z"})


def registering(pilot: Pilot = PILOT, actor: str = "ann", name: str = "replies") -> Registering:
    """Ann's registration of the replies' pilot."""
    return Registering(actor, name, NOW, pilot)


def registered(here: House, pilot: Pilot = PILOT, name: str = "replies") -> Standing:
    """A registration that nothing stands against."""
    made = register(here.ledger, registering(pilot, name=name), HOUSE)
    assert isinstance(made, Standing), made
    return made


def test_the_design_is_pinned_under_the_digest_that_is_named(here: House) -> None:
    """The entry names the digest; the document under it is what was frozen."""
    made = registered(here)
    entry = made.recorded.entry
    assert (entry.actor, entry.act, entry.subject, entry.at) == ("ann", ACT, "replies", NOW)
    assert entry.body == {"digest": digest_of(PILOT), "headway": __version__}
    assert entry.pins == {"design": (digest_of(PILOT),)}
    assert here.store.pinned(digest_of(PILOT)) == canonical(frozen(PILOT))
    assert (made.new, made.replaces) == (True, None)
    assert here.verify().diagnostics == ()


def test_the_same_design_is_registered_once(here: House) -> None:
    """A second time nothing is written, and the entry is the first one."""
    first, again = registered(here), registered(here)
    assert again == replace(first, new=False, recorded=replace(first.recorded, behind=None))
    assert len(here.rows()) == 1


def test_a_changed_design_is_a_new_registration(here: House) -> None:
    """It names the entry it replaces; going back to the first design is a third one."""
    first, second, third = registered(here), registered(here, OTHER), registered(here)
    assert second.replaces == first.recorded.entry
    assert (third.new, third.replaces) == (True, second.recorded.entry)
    assert here.verify().entries == 3


def test_each_initiative_has_registrations_of_its_own(here: House) -> None:
    """An equal design of another initiative is another registration."""
    registered(here)
    other = registered(here, name="letters")
    assert (other.new, other.replaces, other.recorded.entry.seq) == (True, None, 2)


@pytest.mark.parametrize(("actor", "why"), [("eve", "is not in people.yaml"), ("bob", "has left")])
def test_only_people_in_office_register(here: House, actor: str, why: str) -> None:
    """Anybody else is refused with HW528, and nothing is written."""
    late = replace(registering(actor=actor), at=NOW + timedelta(days=1))
    refused = register(here.ledger, late, HOUSE)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.what) == ("HW528", f"'{actor}' {why}")
    assert here.rows() == []


def test_two_who_register_at_once_make_one_entry(here: House) -> None:
    """Four processes freeze the same design in a ledger yet to be made: one writes, all name its entry."""
    program = (
        "import sys; from pathlib import Path; from tests.attacks.ledgers import house, HOUSE\n"
        "from tests.unit.decisions.test_registration import registering\n"
        "from headway.decisions.registration import register\n"
        "with house(Path(sys.argv[1])) as here:\n"
        "    made = register(here.ledger, registering(), HOUSE)\n"
        "    print(made.recorded.entry.seq, made.new)\n"
    )
    words = [sys.executable, "-c", program, str(here.folder)]
    paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    writers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=paths) for _ in range(4)]
    said = sorted(writer.communicate()[0].strip() for writer in writers)
    assert said == ["1 False", "1 False", "1 False", "1 True"]
    report = here.verify()
    assert (report.entries, report.diagnostics) == (1, ())


@pytest.mark.parametrize(
    ("body", "pins"),
    [
        ({"digest": "0" * 64}, {"design": (frozen(PILOT),)}),
        ({}, {"design": (frozen(PILOT),)}),
        ({"digest": digest_of(PILOT)}, {}),
        ({"digest": digest_of(PILOT)}, {"design": (frozen(PILOT), frozen(OTHER))}),
    ],
)
def test_a_registration_that_pins_another_design_is_found(
    here: House, body: dict[str, str], pins: dict[str, tuple[object, ...]]
) -> None:
    """What it names must be what it pins: HW608 at its entry."""
    act = Act(at=NOW, actor="ann", act=ACT, subject="replies", body=body, pins=pins)  # type: ignore[arg-type]
    here.ledger.append(act)
    (found,) = here.verify().diagnostics
    assert str(found).splitlines()[0] == (
        "ledger.db:1:1: error[HW608] entry 1: the design it registers is not the one that it pins"
    )


def test_an_altered_design_is_found(here: House) -> None:
    """Other bytes under the digest are HW608, and so is a design that is gone."""
    registered(here)
    with here.by_hand() as connection:
        connection.execute("update pinned set body = ?", (canonical(frozen(OTHER)),))
    assert here.codes() == [("HW608", 1)]
    with here.by_hand() as connection:
        connection.execute("delete from pinned")
    assert here.codes() == [("HW608", 1)]


def test_a_forged_digest_is_found(here: House) -> None:
    """An entry that was rewritten to name another digest contradicts head and pins."""
    entry = registered(here).recorded.entry
    forged: Entry = replace(entry, body={**entry.body, "digest": digest_of(OTHER)})
    here.overwrite({1: forged.to_bytes()})
    assert here.codes() == [("HW608", 1), ("HW605", 1)]
