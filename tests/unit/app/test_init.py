"""A portfolio begins whole, checks clean, and shows a real interval at once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from docs.schemas import schemas
from jsonschema import Draft202012Validator
from tests.unit.small import estimates, reviewed

from headway.app import answers as questions_module
from headway.app.answers import Answers, answers, currency, lines, local_zone, me, questions, zone
from headway.app.check import check
from headway.app.init import Asked, Begun, begin
from headway.app.laying import lay
from headway.kernel.diagnostic import Diagnostic

DAY = date(2026, 3, 31)
GIVEN = {
    "firm": "Harbour Insurance",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "me": "Ana Brandt <ana@harbour.example>",
    "line": "Claims handling cost, premiums=revenue",
}
LIST = "Use case,Owner,Stage\nTriage,Ben Okoro,Deployed\nReplies,,\n"


def begun(folder: Path, listed: str | None = None, **given: str) -> Begun:
    """A portfolio from the usual answers, and from a list where there is one."""
    if listed is not None:
        (folder.parent / "list.csv").write_text(listed, encoding="utf-8")
    asked = None if listed is None else Asked(folder.parent / "list.csv")
    made = begin(folder, answers({**GIVEN, **given}), asked, DAY)
    assert isinstance(made, Begun), made
    return made


def codes(made: Begun | tuple[Diagnostic, ...]) -> list[str]:
    """Codes of a refusal."""
    assert isinstance(made, tuple)
    return [d.code for d in made]


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_new_portfolio_shows_a_real_interval_at_once(tmp_path: Path) -> None:
    """The sample is a registered randomised pilot: grade A, beyond its objective, the interval real."""
    begun(tmp_path / "new")
    assert (found := check(tmp_path / "new", "2026-03-31")).diagnostics == (), found.text()
    effect = estimates(reviewed(tmp_path / "new", "2026-03-31"), "effect", "sample-drafted-replies")[
        "minutes"
    ]
    assert effect["grade"] == "A"
    assert (round(effect["value"], 4), round(effect["low"], 4), round(effect["high"], 4)) == (
        -0.1579,
        -0.1956,
        -0.1203,
    )
    # The rows were drawn with seven minutes less of forty-two.
    assert effect["low"] < -7 / 42 < effect["high"]
    assert effect["high"] < -0.05


def test_the_sample_is_the_same_everywhere(tmp_path: Path) -> None:
    """Day for day the same bytes; on another day the same numbers, with other dates."""
    one, two = begun(tmp_path / "one"), begun(tmp_path / "two")
    assert one.plan.files == two.plan.files
    later = begin(tmp_path / "three", answers(GIVEN), None, date(2027, 1, 1))
    assert isinstance(later, Begun)
    numbers = [
        [line.rpartition(",")[0] for line in made.plan.files["sample/pilot.csv"].splitlines()]
        for made in (one, later)
    ]
    assert numbers[0] == numbers[1]


def test_without_the_sample_nothing_is_left_of_it(tmp_path: Path) -> None:
    """Its folder can be deleted on any day."""
    folder = tmp_path / "new"
    begun(folder, LIST)
    for file in (folder / "sample").iterdir():
        file.unlink()
    (folder / "sample").rmdir()
    assert check(folder).diagnostics == ()
    assert "sample" not in "".join(p.read_text("utf-8") for p in folder.rglob("*.yaml"))


def test_the_files_say_what_was_answered(tmp_path: Path) -> None:
    """Firm, currency, time zone, person and lines; observe mode; an editor finds the schema."""
    begun(tmp_path / "new")
    found = check(tmp_path / "new").portfolio
    assert found is not None
    settings = found.settings
    assert (settings.portfolio, settings.title, settings.currency, settings.time_zone) == (
        "harbour-insurance",
        "AI portfolio of Harbour Insurance",
        "EUR",
        "Europe/Berlin",
    )
    assert (settings.operating_model.extends, settings.operating_model.mode) == ("starter@1", "observe")
    assert [(p.id, p.name, p.accounts) for p in found.people.persons] == [
        ("ana-brandt", "Ana Brandt", ("ana@harbour.example",))
    ]
    assert {n: o.line for n, o in found.outcomes.items() if o.line} == {
        "claims-handling-cost": "cost",
        "premiums": "revenue",
    }
    for file in (tmp_path / "new").rglob("*.yaml"):
        head, _, path = file.read_text("utf-8").partition("\n")[0].partition("$schema=")
        assert head == "# yaml-language-server: "
        Draft202012Validator.check_schema(json.loads((file.parent / path).read_text("utf-8")))


def test_a_list_becomes_initiatives_with_gaps(tmp_path: Path) -> None:
    """What it says is there, what it does not say answers `missing` at the gate, with whose move it is."""
    made = begun(tmp_path / "new", LIST)
    assert made.plan.people == ("ana-brandt", "ben-okoro")
    review = reviewed(tmp_path / "new")
    assert review.portfolio.initiatives["triage"].stage_claimed == "operating"
    verdict = next(i.verdict for i in review.initiatives if i.initiative.initiative == "replies")
    assert verdict is not None
    rows = {r.id: r for r in verdict.requirements}
    for row, saw in {
        "framed.value.problem": "not declared: problem",
        "framed.value.outcome": "not declared: outcome, outcome.metric, outcome.baseline, outcome.target",
        "framed.people.owner": "nobody is named accountable",
        "framed.risk.tier": "not declared: risk.eu_ai_act",
    }.items():
        assert (rows[row].state.value, rows[row].saw) == ("missing", saw)
    assert rows["framed.people.owner"].move == "sponsor"


@pytest.mark.parametrize("listed", [None, LIST])
def test_what_is_printed_holds_to_its_schema(tmp_path: Path, listed: str | None) -> None:
    """`headway.init/1`, with a list and without."""
    record = json.loads(json.dumps(begun(tmp_path / "new", listed).as_json()))
    Draft202012Validator(schemas()["init"]).validate(record)
    assert set(record["written"]) == set(everything(tmp_path / "new"))


def test_a_portfolio_is_never_written_over(tmp_path: Path) -> None:
    """A second `init` changes nothing, nor does one into a folder with files of ours, or onto a file."""
    begun(tmp_path / "new")
    before = everything(tmp_path / "new")
    assert codes(begin(tmp_path / "new", answers(GIVEN), None, DAY)) == ["HW120"]
    assert everything(tmp_path / "new") == before
    (tmp_path / "other" / "outcomes").mkdir(parents=True)
    (tmp_path / "other" / "people.yaml").write_text("x")
    assert codes(begin(tmp_path / "other", answers(GIVEN), None, DAY)) == ["HW120", "HW120"]
    assert everything(tmp_path / "other") == {"people.yaml": b"x"}
    (tmp_path / "file").write_text("x")
    assert codes(begin(tmp_path / "file", answers(GIVEN), None, DAY)) == ["HW120"]


def test_a_list_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    """Not even the folder."""
    (tmp_path / "list.csv").write_text("")
    assert codes(begin(tmp_path / "new", answers(GIVEN), Asked(tmp_path / "list.csv"), DAY)) == ["HW123"]
    assert not (tmp_path / "new").exists()


def test_a_repository_keeps_its_readme_and_what_it_ignores(tmp_path: Path) -> None:
    """A line is added to .gitignore, once; the README stays."""
    (tmp_path / "README.md").write_text("ours")
    (tmp_path / ".gitignore").write_text("*.log")
    made = begun(tmp_path)
    assert (tmp_path / "README.md").read_text() == "ours"
    assert (tmp_path / ".gitignore").read_text() == "*.log\n.headway/\n"
    assert "README.md" not in made.written


@pytest.mark.parametrize("there", [True, False])
def test_a_fault_on_the_way_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """A disc that is full at any step leaves what was there, and nothing else."""
    folder = tmp_path / "new"
    if there:
        folder.mkdir()
        (folder / "list.csv").write_text("x")
    files = {"a.yaml": "a", "b/c.yaml": "c", ".gitignore": "x\n", "portfolio.yaml": "p"}
    rename, left = Path.rename, [0]

    def full(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    for steps in range(4):
        left[0] = steps
        with pytest.raises(OSError, match="No space"):
            lay(folder, files)
        assert folder.exists() == there
        assert not there or [p.name for p in folder.iterdir()] == ["list.csv"]


def test_answers_are_read_strictly() -> None:
    """Three letters, a zone that exists, a line that says its kind."""
    assert currency(" eur ") == "EUR"
    assert zone("UTC") == "UTC"
    for read, wrong in (
        (currency, "euro"),
        (currency, "€€€"),
        (zone, "Mars/Base"),
        (zone, "../etc"),
        (lines, "Provisionen"),
        (lines, ""),
        (lines, "cost, Cost"),
        (lines, "=cost"),
        (lines, "a=b"),
    ):
        with pytest.raises(ValueError, match=r"."):
            read(wrong)


def test_defaults_are_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every default is an answer, also where there is no Git and no zone."""
    for one in questions(tmp_path / "harbour-insurance"):
        assert one.read(one.default)
    assert questions(tmp_path / "harbour-insurance")[0].default == "Harbour Insurance"
    with pytest.raises(ValueError, match="write a name"):
        questions(tmp_path)[0].read(" - ")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("USER", "ana")
    assert me(tmp_path) == "ana"
    monkeypatch.setenv("TZ", "Europe/Berlin")
    assert local_zone() == "Europe/Berlin"
    monkeypatch.setenv("TZ", ":mine")
    monkeypatch.setattr(questions_module, "_LOCALTIME", tmp_path / "none")
    assert local_zone() == "UTC"


@pytest.mark.parametrize(
    ("said", "name", "mail"),
    [
        ("Ana Brandt <a@x.example>", "Ana Brandt", "a@x.example"),
        ("Ana Brandt", "Ana Brandt", ""),
        ("a@x.example", "", "a@x.example"),
        ("<a@x.example>", "", "a@x.example"),
    ],
)
def test_one_may_say_who_one_is_in_any_form(said: str, name: str, mail: str, tmp_path: Path) -> None:
    """Name and address, or one of them."""
    made = answers({**GIVEN, "me": said})
    assert isinstance(made, Answers)
    assert (made.name, made.mail) == (name, mail)
    begun(tmp_path / "new", me=said)
    assert check(tmp_path / "new").diagnostics == ()
