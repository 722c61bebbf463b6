"""Every column is shown with what it was taken for, why, and how sure that is."""

import csv
from pathlib import Path

import pytest
from tests.unit.exchange.sheet import columns, guesses

from headway.exchange.grid import NotATable
from headway.exchange.names import plain


def test_headers_in_english_and_german_are_recognised() -> None:
    """Beyond doubt, where the cells fit."""
    assert guesses(
        "Use Case Name | Problem Statement | Product Owner | Sponsor | Phase | EU AI Act | Comments\n"
        "Triage | Callers wait | Ana Brandt | Ben Okoro | Pilot | high risk | none yet"
    ) == {
        "Use Case Name": ("title", "sure"),
        "Problem Statement": ("problem", "sure"),
        "Product Owner": ("accountable", "sure"),
        "Sponsor": ("sponsor", "sure"),
        "Phase": ("stage", "sure"),
        "EU AI Act": ("risk", "sure"),
        "Comments": ("notes", "sure"),
    }
    assert guesses(
        "Anwendungsfall | Problemstellung | Verantwortlich | Auftraggeber | Reifegrad | "
        "Risikoklasse | Bemerkungen\n"
        "Belege | Kunden warten | Ana Brandt | Ben Okoro | Pilot | hoch | keine Eile"
    ) == {
        "Anwendungsfall": ("title", "sure"),
        "Problemstellung": ("problem", "sure"),
        "Verantwortlich": ("accountable", "sure"),
        "Auftraggeber": ("sponsor", "sure"),
        "Reifegrad": ("stage", "sure"),
        "Risikoklasse": ("risk", "sure"),
        "Bemerkungen": ("notes", "sure"),
    }


def test_the_cells_decide_what_a_status_is() -> None:
    """One word, two meanings: how far it is, or whether it goes on."""
    assert guesses("Name | Status\na | Pilot\nb | Live")["Status"] == ("stage", "sure")
    assert guesses("Name | Status\na | Pilot | \nb | Live")["Status"] == ("stage", "sure")
    both = guesses("Name | Stage | Status\na | Pilot | active\nb | Live | on hold")
    assert (both["Stage"], both["Status"]) == (("stage", "sure"), ("status", "sure"))


def test_a_header_whose_cells_do_not_fit_is_not_believed() -> None:
    """An owner is a human; a department is not, and neither is a colour a stage."""
    found = guesses("Name | Owner | Stage\na | Claims Department | red\nb | IT Department | green")
    assert (found["Owner"], found["Stage"]) == ((None, ""), (None, ""))


def test_a_guess_is_called_a_guess() -> None:
    """Cells alone, or a weak word in the header, are shown with their reason."""
    found = {
        g.header: g
        for g in columns(
            "Name | Was? | Kurzbeschreibung | Wer\n"
            "a | Pilot | lang | ana@x.example\nb | Live | lang | ben@x.example\n"
            "c | Idee | lang | cem@x.example"
        )
    }
    assert (found["Was?"].field, found["Was?"].confidence, found["Was?"].why) == (
        "stage",
        "guess",
        "the cells look like it",
    )
    assert (found["Kurzbeschreibung"].field, found["Kurzbeschreibung"].confidence) == ("problem", "guess")
    assert (found["Wer"].field, found["Wer"].confidence) == ("accountable", "guess")


def test_two_capitalised_words_are_no_human() -> None:
    """Without a header that says so, only an address makes a person of them."""
    text = "Name | Training\na | Training Established\nb | In Progress\nc | Not Begun\nd | In Progress"
    assert guesses(text)["Training"] == (None, "")


def test_a_field_is_filled_once() -> None:
    """The surer column wins; the other is kept as it is."""
    assert guesses("Project title | Name | Description | Problem\nA | a | x | y\nB | b | x | y") == {
        "Project title": (None, ""),
        "Name": ("title", "sure"),
        "Description": (None, ""),
        "Problem": ("problem", "sure"),
    }


def test_names_are_found_without_a_header_that_says_so() -> None:
    """Short texts that differ from row to row, where no header helps; numbers never."""
    assert guesses("Nummer | X | Y\n1 | Triage | a\n2 | Replies | a\n3 | Forecast | a")["X"] == (
        "title",
        "guess",
    )
    with pytest.raises(NotATable) as told:
        columns("Jahr | Wert\n1 | 5\n2 | 5\n3 | 5")
    assert told.value.code == "HW124"


def test_what_the_user_says_wins() -> None:
    """A column may be given a field, or be left away; the rest is guessed around it."""
    text = "Name | Kürzel | Text\nlong name | a1 | x\nother name | b2 | y"
    assert guesses(text, {"Kürzel": "title", "Name": "problem", "Text": "-"}) == {
        "Name": ("problem", "told"),
        "Kürzel": ("title", "told"),
        "Text": ("-", "told"),
    }
    grouped = "Use case | Org | \n | Unit | Owner\na | X | Ana Brandt"
    assert guesses(grouped, {"Owner": "sponsor"})["Org / Owner"] == ("sponsor", "told")


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"Nam": "title"}, "--map: the list has no column 'Nam'"),
        ({"Name": "titel"}, "--map: no field is called 'titel'"),
        ({"Name": "title", "Text": "title"}, "--map: 'title' is given to two columns"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_told(told: dict[str, str], what: str) -> None:
    """With the columns or fields there are."""
    with pytest.raises(NotATable) as refused:
        columns("Name | Text\na | b", told)
    assert (refused.value.code, refused.value.what) == ("HW125", what)


def test_the_words_of_two_federal_inventories_are_recognised(shared_data: Path) -> None:
    """Column names of 2025 as they are, and the short names of 2024 with their numbers before them."""
    with (shared_data / "federal-ai-inventory" / "inventory_2025.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.reader(file))[:60]
    text = "\n".join(" | ".join(" ".join(c.replace("|", "/").split()) for c in row) for row in rows)
    taken = {h: f for h, (f, _) in guesses(text).items() if f}
    assert taken == {
        "agency": "unit",
        "id": "id",
        "use_case_name": "title",
        "development_stage": "stage",
        "classification": "class",
        "problem_solved": "problem",
        "benefits": "benefit",
    }
    assert guesses(
        "2_use_case_name | 3_agency | 4_bureau | 8_topic_area | 11_purpose_benefits | "
        "16_dev_stage | 18_date_initiated\n"
        "Triage | Agriculture | ARS | Science | Callers wait | Operation and Maintenance | 2021-01-01"
    ) == {
        "2_use_case_name": ("title", "sure"),
        "3_agency": ("unit", "sure"),
        "4_bureau": (None, ""),
        "8_topic_area": ("class", "sure"),
        "11_purpose_benefits": ("problem", "sure"),
        "16_dev_stage": ("stage", "sure"),
        "18_date_initiated": (None, ""),
    }


def test_every_word_of_the_lexicon_is_in_the_form_it_is_looked_up_in() -> None:
    """A word that the lookup cannot produce would never be found."""
    from headway.exchange.fields import FIELDS, known_headers

    assert all(plain(word) == word and word for word in known_headers())
    assert all(plain(hint) == hint and hint for field in FIELDS for hint in field.hints)
