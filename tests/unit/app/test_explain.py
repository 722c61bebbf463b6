"""Words that a user meets can be asked about."""

from __future__ import annotations

import pytest

from headway.app.explain import UnknownWordError, explain, names


@pytest.mark.parametrize("name", names())
def test_everything_named_is_explained(name: str) -> None:
    """Each code, kind, field, requirement and word says something of its own, under the name it bears."""
    made = explain(name)
    assert made.title
    assert made.text or made.parts


def test_a_code_says_when_and_how_to_mend() -> None:
    """A code comes with its meaning and one action."""
    made = explain("hw429")
    assert made.title.startswith("HW429: ")
    assert made.text
    assert dict(made.facts)["mend"]


def test_an_unknown_word_names_the_nearest() -> None:
    """A slip of the finger is answered with what was meant."""
    with pytest.raises(UnknownWordError) as caught:
        explain("initiativ")
    assert "initiative" in caught.value.mend
