"""The pictures of the statistics are what the statistics say."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from docs.console import DOCS
from docs.pictures import DAYS, LOOKS_SEED, PICTURES, SHOWN_FROM, path, pictures

PAGE = DOCS / "why" / "statistics.md"
SVG = "{http://www.w3.org/2000/svg}"
MADE = pictures()


@pytest.mark.parametrize("name", [picture.name for picture in MADE])
def test_a_committed_picture_is_what_would_be_drawn(name: str) -> None:
    """Mend with `python -m docs.pictures`, look at it, and read the words beside it."""
    assert (PICTURES / name).read_text(encoding="utf-8") == MADE[PICTURES / name]


@pytest.mark.parametrize("picture", MADE.values(), ids=[picture.name for picture in MADE])
def test_a_picture_can_be_read_without_seeing_it(picture: str) -> None:
    """It says what it is and what it shows, loads nothing, and has colours for a dark page."""
    root = ET.fromstring(picture)  # noqa: S314  our own picture
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert len(desc.text or "") > 60
    assert "prefers-color-scheme: dark" in picture
    assert picture.count("http") == 1  # the name of the format


def test_every_picture_is_shown_with_words_instead_of_it() -> None:
    """The page uses each picture once, and none is left over."""
    shown = PAGE.read_text(encoding="utf-8")
    assert [name.name for name in MADE if shown.count(f"](pictures/{name.name})") != 1] == []
    assert {Path(p) for p in PICTURES.iterdir()} == set(MADE)


def test_the_running_interval_is_right_where_the_other_one_misleads() -> None:
    """The drawn path is no lucky one.

    Of 60 such paths without an effect many mislead one who looks daily at the interval for one look, and at
    most three mislead one who looks at the interval for all looks.
    """
    once = always = 0
    for seed in range(60):
        late = path(seed)[SHOWN_FROM - 1 :]
        once += any(abs(theta) > half for theta, half, _ in late)
        always += any(abs(theta) > half for theta, _, half in late)
    assert always <= 3
    assert once >= 12
    drawn = path(LOOKS_SEED)
    assert len(drawn) == DAYS
    assert not any(abs(theta) > half for theta, _, half in drawn)
