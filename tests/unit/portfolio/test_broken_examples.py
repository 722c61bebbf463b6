"""Every code about files has an example that shows it, and the example prints what it promises."""

from pathlib import Path

import pytest

from headway.portfolio.check import check, report
from headway.portfolio.load import load

BROKEN = Path(__file__).parents[3] / "examples" / "broken"
CODES = [
    *(f"HW{n}" for n in range(101, 114)),
    *("HW150", "HW151", "HW153", "HW155", "HW156"),
    *("HW201", "HW202", "HW211", "HW213", "HW214"),
    *(f"HW{n}" for n in range(250, 255)),
]


@pytest.mark.parametrize("code", CODES)
def test_a_broken_example_prints_what_it_promises(code: str) -> None:
    """The folder shows its own code and no other, word for word."""
    loaded = load(BROKEN / code)
    found = check(loaded)
    assert {finding.code for finding in found} == {code}
    assert report(found, len(loaded.files)) + "\n" == (BROKEN / code / "expected.txt").read_text(
        encoding="utf-8"
    )
