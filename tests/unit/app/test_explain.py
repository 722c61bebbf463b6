"""Words that a user meets can be asked about."""

from __future__ import annotations

import pytest

from headway.app.explain import UnknownWordError, explain, names


@pytest.mark.parametrize("name", names())
def test_everything_named_is_explained(name: str) -> None:
    """Each code, kind and word says something of its own."""
    assert explain(name)["title"]


def test_a_code_says_when_and_how_to_mend() -> None:
    """A code comes with its meaning and one action."""
    record = explain("hw429")
    assert record["title"].startswith("HW429 (")
    assert record["when"]
    assert record["mend"]


def test_a_field_is_found_by_its_path() -> None:
    """A dotted path leads to one key of a document."""
    assert explain("initiative.pilot.metric")["when"] == "the primary metric, exactly one"


def test_an_unknown_word_names_the_nearest() -> None:
    """A slip of the finger is answered with what was meant."""
    with pytest.raises(UnknownWordError) as caught:
        explain("initiativ")
    assert "initiative" in caught.value.mend
