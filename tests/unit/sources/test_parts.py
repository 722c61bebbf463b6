"""Files that are remembered apart are read as they are read together."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.aggregates.ask import Answers, ask
from headway.aggregates.memory import Memory
from headway.aggregates.request import Request, count, least
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

AS_OF = "2026-12-31T00:00:00.000000Z"
HEADER = "unit_id,variant,day\n"


def asked(folder: Path, ending: str, *, blind: bool = False) -> Answers:
    """Rows and first day by variant, as one command would ask for them."""
    memory = Memory(folder / "kept" / "sums.db", blind=blind)
    context = Context(folder, AS_OF, {}, folder / ".headway", memory)
    try:
        bound = bind(Source(source="days", path=f"*.{ending}", fact="unit"), context)
        request = Request("days", ("variant",), (count(), least("day")))
        return ask([request], {"days": bound}, memory=memory)
    finally:
        context.close()


def found(answers: Answers) -> dict[object, tuple[object, object]]:
    """What the answer says of each variant."""
    assert not answers.faults
    (sums,) = answers.sums.values()
    return {g[0]: (int(sums[count()][i]), sums[least("day")][i]) for i, g in enumerate(sums.groups)}


JSON = '{"unit_id": 1, "variant": %s, "day": "2026-04-03"}\n'
CASES = {
    "the day first until another file begins with the month": (
        {"b.csv": HEADER + "1,ai,03/04/2026\n", "c.csv": HEADER + "2,ai,05/04/2026\n"},
        {"a.csv": HEADER + "3,none,04/25/2026\n"},
    ),
    "a whole number until another file holds a fraction": (
        {"a.json": JSON % 1, "b.json": JSON % 2},
        {"c.json": JSON % 1.5},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_another_file_says_changes_how_a_file_is_read(tmp_path: Path, case: str) -> None:
    """Text has no types of its own: a file that came later may change what the earlier ones say."""
    before, after = CASES[case]
    ending = next(iter(before)).rpartition(".")[2]
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    first = found(asked(tmp_path, ending))
    assert asked(tmp_path, ending).reads[0].remembered
    for name, text in after.items():
        (tmp_path / name).write_text(text)
    now = found(asked(tmp_path, ending))
    assert now == found(asked(tmp_path, ending, blind=True))
    assert not first.items() <= now.items()
