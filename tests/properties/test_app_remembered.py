"""What is remembered of a check is what a check would find, whatever happened to the files in between."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.app.check import check
from headway.app.remembered import findings
from headway.portfolio.files import VERY_FEW

SETTINGS = "headway: 1\nportfolio: p\ncurrency: EUR\ntime_zone: Europe/Berlin\n"
PEOPLE = "people: p\npersons:\n  - {id: anna, name: Anna, active_until: 2026-06-30}\n"
INITIATIVE = "initiative: i%d\nproblem: %s\noutcome: o\naccountable: anna\n"
OUTCOME = "outcome: o\nline: cost\nowner: anna\n"
BODIES = (
    INITIATIVE,
    INITIATIVE.replace("accountable", "acountable"),
    INITIATIVE.replace("initiative", "# a line more\ninitiative", 1),
    "initiative: [%d, %s\n",
)
FILES = [f"i{n}.yaml" for n in range(VERY_FEW + 2)]
EDITS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(FILES), st.sampled_from(BODIES)),
    st.tuples(st.just("rename"), st.sampled_from(FILES), st.just("")),
    st.tuples(st.just("zone"), st.sampled_from(["UTC", "Asia/Tokyo"]), st.just("")),
    st.tuples(st.just("damage"), st.integers(0, 400).map(str), st.just("")),
    st.tuples(st.just("nothing"), st.just(""), st.just("")),
)
DAYS = st.sampled_from(["2026-06-30", "2026-07-01", "2026-06-30T22:30:00Z", "2026-06-30T12:00:00Z"])


def edit(root: Path, cache: Path, kind: str, name: str, body: str) -> None:
    """One thing that may happen between two checks."""
    if kind == "write":
        (root / name).write_text(body % (FILES.index(name), "twenty claims a day are lost in the post room"))
    elif kind == "rename" and (root / name).exists():
        (root / name).rename(root / f"renamed-{name}")
    elif kind == "zone":
        (root / "portfolio.yaml").write_text(SETTINGS.replace("Europe/Berlin", name))
    elif kind == "damage":
        for kept in cache.glob("*.json"):
            kept.write_bytes(kept.read_bytes()[: int(name)])


@given(st.lists(st.tuples(EDITS, DAYS), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_remembered_answer_is_the_answer(steps: list[tuple[tuple[str, str, str], str]]) -> None:
    """After edits, renames, another time zone, another day and a damaged cache."""
    home = Path(tempfile.mkdtemp())
    root, cache = home / "p", home / "cache"
    root.mkdir()
    try:
        with pytest.MonkeyPatch.context() as patched:
            for name, text in (("portfolio", SETTINGS), ("people", PEOPLE), ("outcome", OUTCOME)):
                (root / f"{name}.yaml").write_text(text)
            for name in FILES:
                edit(root, cache, "write", name, INITIATIVE)
            for (kind, name, body), day in steps:
                edit(root, cache, kind, name, body)
                patched.setenv("HEADWAY_CACHE", "off")
                truth = check(root, day)
                patched.setenv("HEADWAY_CACHE", str(cache))
                for _ in range(2):
                    told = findings(root, day)
                    assert (told.text(), told.as_json()) == (truth.text(), truth.as_json())
    finally:
        shutil.rmtree(home)
