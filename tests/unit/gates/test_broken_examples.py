"""Every code about gates has an example that shows it, and the example prints what it promises."""

from pathlib import Path

import pytest

from headway.app.check import check

BROKEN = Path(__file__).parents[3] / "examples" / "broken"


@pytest.mark.parametrize("code", [f"HW{n}" for n in range(501, 509)])
def test_a_broken_example_prints_what_it_promises(code: str) -> None:
    """The folder shows its own code and no other, word for word."""
    found = check(BROKEN / code)
    assert {finding.code for finding in found.diagnostics} == {code}
    assert found.text() + "\n" == (BROKEN / code / "expected.txt").read_text(encoding="utf-8")
