"""What is not documented does not merge: each registered kind, command, code, field and row has its place."""

import pytest
from docs.console import DOCS
from docs.generate import anchors, commands, words

from headway.cli.main import cli
from headway.facts import FACTS
from headway.gates.model import SHIPPED, shipped
from headway.kernel.codes import CODES
from headway.kernel.registry import GROUPS, names
from headway.portfolio.schema import schema

KINDS = [(group.partition(".")[2], name) for group in GROUPS for name in names(group)]


def anchors_of(page: str) -> set[str]:
    """The anchors of a page."""
    return anchors((DOCS / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("port", "name"), KINDS)
def test_every_registered_kind_has_its_section(port: str, name: str) -> None:
    """Whatever an entry point registers is told on the page of kinds."""
    assert f"{port[:-1]}-{name}" in anchors_of("reference/kinds.md")


@pytest.mark.parametrize("name", names("headway.measures"))
def test_every_measure_has_its_guide(name: str) -> None:
    """One page for each measure."""
    assert (DOCS / "how-to" / f"measure-{name}.md").is_file()


@pytest.mark.parametrize("name", names("headway.sources"))
def test_every_source_has_its_guide(name: str) -> None:
    """One page for each kind of source."""
    assert (DOCS / "how-to" / f"source-{name}.md").is_file()


@pytest.mark.parametrize("name", [*names("headway.designs"), "published"])
def test_every_design_has_its_formulas(name: str) -> None:
    """Each design says its estimator, what it assumes and its grade."""
    assert name in anchors_of("reference/designs.md")


def test_every_command_has_its_section() -> None:
    """Every word of the command line is told, the groups too."""
    told = anchors_of("reference/commands.md")
    assert {name.replace(" ", "-") for name, _ in commands(cli, "headway")} <= told


def test_every_code_has_its_section_and_its_words() -> None:
    """Each code says when it comes and what mends it, and no words are left of a code that is gone."""
    assert {code.lower() for code in CODES} <= anchors_of("reference/codes.md")
    said = words("codes")
    assert set(said) == set(CODES)
    assert all(set(entry) == {"when", "mend"} for entry in said.values())


def test_no_words_are_left_of_a_kind_that_is_gone() -> None:
    """What stands in docs/words is registered."""
    said = words("kinds")
    assert {(port, name) for port, kinds in said.items() for name in kinds} == set(KINDS)


def test_every_fact_and_every_row_has_its_section() -> None:
    """Contracts and requirements are all told."""
    assert set(FACTS) <= anchors_of("reference/facts.md")
    told = anchors_of("reference/gates.md")
    for name in SHIPPED:
        short = name.partition("@")[0]
        assert {f"{row.id.replace('.', '')}-{short}" for row in shipped(name).rows} <= told


def test_every_field_of_every_file_has_a_description() -> None:
    """An editor that reads the schema can say what each key means."""
    mute = [
        f"{model}.{field}"
        for model, body in schema()["$defs"].items()
        for field, part in body.get("properties", {}).items()
        if not part.get("description")
    ]
    assert mute == []
