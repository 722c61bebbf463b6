"""Reference pages say what the code says."""

import pytest
from docs.console import DOCS
from docs.generate import REFERENCE, pages

PAGES = {path: path.relative_to(DOCS.parent) for path in pages()}


@pytest.mark.parametrize("name", [str(name) for name in PAGES.values()])
def test_a_committed_page_is_what_would_be_generated(name: str) -> None:
    """Mend with `python -m docs.generate`."""
    path = DOCS.parent / name
    assert path.read_text(encoding="utf-8") == pages()[path]


def test_no_page_is_left_of_what_is_gone() -> None:
    """Every reference page is generated, but for the formulas, which are written."""
    inside = {path for path in PAGES if path.is_relative_to(REFERENCE)}
    written = {REFERENCE / "designs.md"}
    assert {path for path in REFERENCE.rglob("*") if path.is_file()} == {*inside, *written}
