"""Lines that are put into portfolio.yaml: the file reads as before, but for them."""

from __future__ import annotations

import pytest

from headway.portfolio.insertion import adoption
from headway.portfolio.nodes import Mapping, to_plain
from headway.portfolio.yaml import read

HEAD = "headway: 1\nportfolio: small  # ours\ncurrency: EUR\ntime_zone: UTC"
ONE, TWO = (
    "{row: a.b.c, from: standard@1, observe: 2026-04-01}",
    "{row: d.e.f, from: own@1, observe: 2026-05-01}",
)
HELD = "{row: g.h.i, from: standard@1, observe: 2026-01-01}"
FORMS = {
    "nothing declared": f"{HEAD}\n",
    "no line end": HEAD,
    "another document before it": f"people: small\n---\n{HEAD}\n---\noutcome: x\n",
    "settings behind it": f"{HEAD}\nnorth_star: x\nlexicon:\n  tool_words: [a]\n",
    "a block": f"{HEAD}\noperating_model:  # gates\n  # why\n  extends: starter@1\n  mode: warn  # yet\n"
    "  # then\n  drop:\n    - a.b.c\n  title: |\n    x\n",
    "a block of four": f"{HEAD}\noperating_model:\n    drop: [a.b.c]\n",
    "a block whose mode is far": f"{HEAD}\noperating_model:\n  set: {{}}\n  mode:\n    warn\n",
    "braces": f"{HEAD}\noperating_model: {{extends: starter@1, mode: warn}}  # short\n",
    "braces over lines": f"{HEAD}\noperating_model: {{\n  extends: starter@1,  # base\n  mode: warn\n  }}\n",
    "empty braces": f"{HEAD}\noperating_model: {{}}\n",
    "braces below": f"{HEAD}\noperating_model:\n  {{extends: starter@1}}\n",
    "a list in a block": f"{HEAD}\noperating_model:\n  adopt:  # dated\n    # first\n    - {HELD}\n"
    "  mode: warn\n",
    "a list at the margin": f"{HEAD}\noperating_model:\n  adopt:\n  - {HELD}\n",
    "a list in brackets": f"{HEAD}\noperating_model:\n  adopt: [{HELD}]  # dated\n",
    "an empty list": f"{HEAD}\noperating_model: {{adopt: [], mode: warn}}\n",
    "a list over lines": f"{HEAD}\noperating_model: {{adopt: [\n    {HELD},\n    ]}}\n",
}  # fmt: skip


def settings(text: str) -> Mapping:
    """The portfolio's document of a file."""
    nodes, found = read(text.encode(), "portfolio.yaml")
    assert not found, found
    (node,) = [n for n in nodes if isinstance(n, Mapping) and "headway" in n.entries]
    return node


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("form", FORMS)
def test_the_entries_are_in_and_nothing_else_has_changed(form: str, end: str) -> None:
    """Whatever the form of the file: every line, comment and value stays, and two entries are new."""
    text = FORMS[form].replace("\n", end)
    put = adoption(text, settings(text), [ONE, TWO])
    assert put is not None
    after = put.into(text)
    plain = to_plain(settings(text))
    assert isinstance(plain, dict)
    model = plain.setdefault("operating_model", {})
    assert isinstance(model, dict)
    held = model.get("adopt", [])
    assert isinstance(held, list)
    model["adopt"] = [to_plain(read(e.encode(), "x")[0][0]) for e in (ONE, TWO)] + held
    assert to_plain(settings(after)) == plain
    # What was there is still there, letter by letter and in its order.
    rest = iter(after)
    assert all(letter in rest for letter in text)
    assert after.count("\n") == after.count(end)


def test_a_block_reads_as_a_person_would_write_it() -> None:
    """Behind the short settings, in the block's own indent."""
    text = FORMS["a block"]
    put = adoption(text, settings(text), [ONE])
    assert put is not None
    assert f"  mode: warn  # yet\n  adopt:\n    - {ONE}\n  # then\n" in put.into(text)


@pytest.mark.parametrize(
    "text",
    [
        "{headway: 1, portfolio: small, currency: EUR, time_zone: UTC}\n",
        f"{HEAD}\noperating_model:\n",
        f"{HEAD}\noperating_model:\n  adopt:\n",
    ],
)
def test_where_no_place_is_safe_none_is_given(text: str) -> None:
    """A document in braces, or a key with nothing behind it: a person puts the line in."""
    assert adoption(text, settings(text), [ONE]) is None
