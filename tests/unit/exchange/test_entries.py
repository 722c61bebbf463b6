"""Rows become initiatives; what a row does not say stays open, and says so."""

import pytest
from tests.unit.exchange.sheet import entries

from headway.exchange.documents import initiative_file
from headway.exchange.persons import Directory


def test_a_cell_that_says_nothing_is_a_named_gap() -> None:
    """The key is absent, and the gap stands in the file in words."""
    (one,) = entries("Use case | Problem | Owner | Stage\nTriage | n/a | - | tbd").entries
    assert one.keys == {"title": "Triage"}
    assert set(one.gaps) == {"problem", "outcome", "accountable", "sponsor", "stage", "risk"}
    text = initiative_file(one, "a.csv", "../s.json")
    assert "\n#   accountable: the one person or seat that answers for it\n" in text
    assert "\naccountable" not in text


@pytest.mark.parametrize(
    ("word", "stage", "claimed"),
    [
        ("Idea", "proposed", None),
        ("Pre-deployment", "framed", None),
        ("Pilot", "framed", "piloting"),
        ("Rollout", "framed", "scaling"),
        ("Deployed", "framed", "operating"),
        ("Retired", "retired", None),
    ],
)
def test_a_claimed_stage_is_kept_and_not_believed(word: str, stage: str, claimed: str | None) -> None:
    """Without pilot, outcome and somebody accountable nothing is piloting; the claim stands beside."""
    (one,) = entries(f"Use case | Stage\nTriage | {word}").entries
    assert (one.keys["stage"], one.keys.get("stage_claimed")) == (stage, claimed)
    assert f"the list says: {word}" in one.beside["stage_claimed" if claimed else "stage"]


def test_a_blank_stage_counts_as_nothing() -> None:
    """Least of all as deployed, which is how a published total once counted 338 of them."""
    found = entries("Use case | Stage\na | Deployed\nb |\nc | in limbo\nd | Pilot\ne | Live")
    assert ["stage" in e.keys for e in found.entries] == [True, False, False, True, True]
    assert found.words[0].read == (
        ("Deployed", 1, "operating"),
        ("in limbo", 1, None),
        ("Pilot", 1, "piloting"),
        ("Live", 1, "operating"),
        ("", 1, None),
    )
    assert found.entries[2].gaps["stage"] == "'in limbo' is no stage that is known here"
    assert found.entries[2].kept["Stage"] == "in limbo"


def test_a_status_among_stages_is_a_status() -> None:
    """`On hold` says nothing of how far it came."""
    found = entries("Use case | Stage\na | Pilot\nb | Live\nc | On hold")
    assert found.entries[2].keys == {"title": "c", "status": "on-hold"}
    assert ("On hold", 1, "status on-hold") in found.words[0].read


def test_a_status_that_is_not_known_is_asked() -> None:
    """It stands in the file, beside the gap."""
    found = entries(
        "Use case | Stage | Status\n"
        "a | Pilot | active\nb | Live | on hold\nc | Live | active\nd | Live | purple"
    )
    assert found.entries[3].gaps["status"] == "no status that is known here"
    assert found.unread == {"status": 1}


def test_one_person_answers_and_another_pays() -> None:
    """Several names, no name, and one name in both roles are gaps with their reason."""
    people = Directory()
    found = entries(
        "Use case | Owner | Sponsor | Department\n"
        "a | Ana Brandt | Ben Okoro | Claims\nb | Ana Brandt; Cem Vidal | Ben Okoro |\n"
        "c | Ana Brandt | Brandt, Ana | Claims\nd | Claims Department | Ben Okoro |\ne | Ana Brandt | |",
        people,
    )
    a, b, c, d, e = found.entries
    assert (a.keys["accountable"], a.keys["sponsor"]) == ("ana-brandt", "ben-okoro")
    assert b.gaps["accountable"] == "the list names several; one answers"
    assert c.gaps["sponsor"] == "the list names the accountable person again"
    assert d.gaps["accountable"] == "'Claims Department' names no person"
    assert (e.keys["accountable"], e.gaps["sponsor"]) == ("ana-brandt", "")
    assert [(p.id, p.units) for p in people.people] == [("ana-brandt", ["Claims"]), ("ben-okoro", [])]


def test_ids_do_not_depend_on_the_order_of_rows() -> None:
    """Shared names are told apart by the list's own number, else by the unit; each is reported."""
    lines = ["ChatGPT | DOE-7 | Energy", "ChatGPT | DOI-2 | Interior", "Triage | | Energy"]
    head = "Use case | ID | Agency\n"
    ids = {e.kept.get("ID", ""): e.name for e in entries(head + "\n".join(lines)).entries}
    assert ids == {"DOE-7": "chatgpt-doe-7", "DOI-2": "chatgpt-doi-2", "": "triage"}
    assert ids == {e.kept.get("ID", ""): e.name for e in entries(head + "\n".join(lines[::-1])).entries}
    without = entries(f"{head}{lines[0].replace('DOE-7', '')}\n{lines[1]}")
    assert [e.name for e in without.entries] == ["chatgpt-energy", "chatgpt-interior"]
    (twice,) = without.duplicates
    assert (twice.title, twice.rows, twice.ids) == ("ChatGPT", (2, 3), ("chatgpt-energy", "chatgpt-interior"))
    assert [e.name for e in entries("Use case\nA b\na B\n手", taken=frozenset({"a-b"})).entries] == [
        "a-b-2",
        "a-b-3",
        "row-4",
    ]


def test_a_row_without_a_name_is_kept_when_it_says_something() -> None:
    """A heading between rows is left out and told; an initiative that lost its name is not."""
    found = entries(
        "Use case | ID | Owner | Stage\nTriage | 1 | Ana Brandt | Pilot\n"
        " | 2 | | Live\n | | Ben Okoro | \nReplies | 3 | | Idea"
    )
    assert [(e.name, e.gaps.get("title")) for e in found.entries] == [
        ("triage", None),
        ("2", ""),
        ("replies", None),
    ]
    assert [(o.number, o.text, o.why) for o in found.left_out] == [
        (4, "Ben Okoro", "no name, and next to nothing else")
    ]


def test_what_ended_is_asked_nothing_more() -> None:
    """A retired initiative has no gaps."""
    (one,) = entries("Use case | Stage\nTriage | Retired").entries
    assert one.gaps == {}


def test_risk_money_and_links() -> None:
    """Read where it can be read; kept with the reason where it cannot."""
    found = entries(
        "Use case | Risk class | Budget (EUR) | Cost of delay | Link\n"
        "a | High risk | 80000 | 4000 EUR per week | https://x.example/a\nb | red | 1200.500 | 5 | https://x.example/b"
    )
    a, b = found.entries
    assert (a.keys["risk"], a.keys["cost_of_delay"], a.keys["links"]) == (
        "high",
        "4000 EUR per week",
        "https://x.example/a",
    )
    assert a.kept["Budget (EUR)"] == "80000  (as pilot: {budget: 80000 EUR})"
    assert set(b.gaps) >= {"risk", "budget", "cost_of_delay"}
    assert b.gaps["budget"] == "'1200.500' could be read in more than one way"
    text = initiative_file(a, "a.csv", "../s.json")
    assert 'risk: {eu_ai_act: high, reason: "the list says: High risk"}' in text
    assert 'links:\n  - "https://x.example/a"' in text
