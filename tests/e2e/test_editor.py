"""An editor with a YAML language server completes, explains and checks by the published schema."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.console import ROOT, run
from tests.conftest import absent
from tests.e2e.language_server import LanguageServer

PINNED = Path(__file__).parent / "editor"
MODELINE = "# yaml-language-server: $schema=.headway.schema.json\n"
OUTCOME = f"{MODELINE}outcome: claims-answered-sooner\ntitle: Claims are answered sooner\n---\n"
INITIATIVE = """\
initiative: reply-assistant
title: Drafted replies
problem: Customers wait for answers.
outcome: claims-answered-sooner
accountable: head-of-claims
stage: piloting
pilot:
  design: randomised
  source: reply-pilot
  arms: {control: 50 %, assisted: 50 %}
  metric: hours
  objective: {change: -10 %, scale: relative}
"""


@pytest.fixture(scope="module")
def program() -> Path:
    """The pinned language server, installed once into build/."""
    if not shutil.which("node") or not shutil.which("npm"):
        absent("no Node: install Debian's packages `nodejs` and `npm`")
    folder = ROOT / "build" / "editor"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        # Another worker may be at it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = folder / "installed.json", (PINNED / "package-lock.json").read_text()
        if not stamp.is_file() or stamp.read_text() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(PINNED / name, folder / name)
            npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(npm, cwd=folder, check=True)
            stamp.write_text(wanted)
    return folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


@pytest.fixture(scope="module")
def editor(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """An editor in a folder that holds the exported schema."""
    folder = tmp_path_factory.mktemp("portfolio")
    assert run("headway export schema -o .headway.schema.json", folder)[0] == 0
    with LanguageServer(["node", str(program), "--stdio"], folder) as server:
        yield server


def line_of(text: str, words: str) -> int:
    """The line, from 0, that begins with some words."""
    return next(n for n, line in enumerate(text.splitlines()) if line.startswith(words))


@pytest.mark.parametrize("before", ["", OUTCOME], ids=["alone", "second in its file"])
def test_keys_inside_a_pilot_are_completed(editor: LanguageServer, before: str) -> None:
    """Each with its meaning, and not those that are there already."""
    text = before + MODELINE + INITIATIVE + "  "
    uri = editor.open(text, f"keys-{len(before)}.yaml")
    offered = editor.completions(uri, len(text.splitlines()) - 1, 2)
    assert {"guardrails", "looks", "registered", "covariates"} <= set(offered)
    assert {"metric", "problem", "outcome"} & set(offered) == set()
    assert offered["guardrails"] == "metrics that must not become worse"


def test_values_are_completed(editor: LanguageServer) -> None:
    """Where only some words are allowed, these are offered."""
    text = MODELINE + INITIATIVE.replace("design: randomised", "design: ")
    uri = editor.open(text, "values.yaml")
    offered = editor.completions(uri, line_of(text, "  design:"), 10)
    assert {"randomised", "clusters", "before_after", "published"} <= set(offered)


def test_a_document_begins_with_its_kind(editor: LanguageServer) -> None:
    """In an empty file every kind is offered."""
    uri = editor.open(MODELINE, "empty.yaml")
    assert {"initiative", "outcome", "source", "people", "component"} <= set(editor.completions(uri, 1, 0))


def test_a_key_is_explained_under_the_pointer(editor: LanguageServer) -> None:
    """By the words of the reference."""
    text = MODELINE + INITIATIVE
    uri = editor.open(text, "hover.yaml")
    assert "the primary metric, exactly one" in editor.hover(uri, line_of(text, "  metric:"), 4)


def test_a_sound_file_is_not_underlined(editor: LanguageServer) -> None:
    """Nor are several documents of different kinds in one file."""
    assert editor.complaints(editor.open(OUTCOME + MODELINE + INITIATIVE, "sound.yaml")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  metric: hours", "  metric: hours\n  zebra: 1", "Property zebra is not allowed."),
        ("  design: randomised", "  design: random", "Value is not accepted. Valid values:"),
        ("accountable: head-of-claims\n", "", 'Missing property "accountable".'),
    ],
    ids=["unknown key", "wrong word", "absent key"],
)
def test_a_fault_is_underlined(editor: LanguageServer, old: str, new: str, said: str) -> None:
    """One complaint for one fault, in the document it is in."""
    text = OUTCOME + MODELINE + INITIATIVE.replace(old, new)
    ((line, message),) = editor.complaints(editor.open(text, f"fault-{len(text)}.yaml"))
    assert message.startswith(said)
    assert line >= line_of(text, "initiative:")


def test_files_may_be_named_in_the_settings_instead(program: Path, tmp_path: Path) -> None:
    """Then no document needs a line of its own, and every document of a file is checked."""
    run("headway export schema -o .headway.schema.json", tmp_path)
    schemas = {(tmp_path / ".headway.schema.json").as_uri(): ["portfolio.yaml", "initiatives/*.yaml"]}
    with LanguageServer(["node", str(program), "--stdio"], tmp_path, {"schemas": schemas}) as editor:
        text = OUTCOME.replace(MODELINE, "") + INITIATIVE + "  zebra: 1\n"
        found = editor.complaints(editor.open(text, "initiatives/a.yaml"))
        assert found == [(len(text.splitlines()) - 1, "Property zebra is not allowed.")]
        assert editor.complaints(editor.open(text, "elsewhere.yaml")) == []


def test_the_pinned_server_names_no_registry() -> None:
    """Whoever installs it brings their own host."""
    lock = (PINNED / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 10
