"""What is not documented does not merge: each registered kind, command, code, field and row has its place."""

import re
import tomllib

import click
import pytest
from docs.console import DOCS, ROOT
from docs.generate import anchors, commands, words
from docs.schemas import schemas

from headway.cli.completion import VARIABLE
from headway.cli.main import cli
from headway.facts import FACTS
from headway.gates.model import SHIPPED, shipped
from headway.kernel.codes import CODES
from headway.kernel.registry import GROUPS, names
from headway.portfolio.schema import schema
from headway.sources.secrets import FOLDERS

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


def section(page: str, heading: str) -> str:
    """What a page says under a heading of the second level."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", [name for name, _ in commands(cli, "headway")])
def test_every_option_of_a_command_is_told_in_its_section(name: str) -> None:
    """Each option with all its spellings and choices, and each argument."""
    command = dict(commands(cli, "headway"))[name]
    told = section("reference/commands.md", name)
    for parameter in command.params:
        names = parameter.opts if isinstance(parameter, click.Option) else [(parameter.name or "").upper()]
        choices = parameter.type.choices if isinstance(parameter.type, click.Choice) else ()
        assert [word for word in (*names, *choices) if word not in told] == []


def test_every_group_of_entry_points_is_a_port_with_its_section() -> None:
    """What pyproject.toml opens to plug-ins is what the registry reads and the page of kinds tells."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["entry-points"]) == set(GROUPS)
    assert {group.partition(".")[2] for group in GROUPS} <= anchors_of("reference/kinds.md")


def test_every_record_that_is_printed_has_its_schema() -> None:
    """A `headway.NAME/1` that some code writes is published, and told on the page of schemas."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    printed = set(re.findall(r'"headway\.(\w+)/1"', source))
    assert printed <= set(schemas())
    assert {f"headway{name}1" for name in schemas()} <= anchors_of("reference/schemas.md")


def test_every_environment_variable_is_told() -> None:
    """Each variable that the code reads by name, and no other."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r'environ(?:\.get\(|\[)\s*"(\w+)"', source))
    read |= set(re.findall(r'"([A-Z_]+)" (?:not )?in os\.environ', source))
    # Read by the standard library, by click, and by its name in a constant.
    read |= {"COLUMNS", VARIABLE, FOLDERS}
    assert set(words("reference")["environment"]) == read


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
