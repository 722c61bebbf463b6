"""What a pipeline is told to do is done here, in a fresh clone, by the steps of the files themselves."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import check_jsonschema
import jsonschema
import pytest
import uv
from docs.console import ROOT

from headway.portfolio.nodes import to_plain
from headway.portfolio.yaml import read

CI = ROOT / "examples" / "ci"
GITHUB, GITLAB = CI / "github-actions.yml", CI / "gitlab-ci.yml"
VENDORED = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
INSTALL = "python -m pip install headway"
# Plays `gh` and `curl`: notes what it was called with, and fails where the report it should send is absent.
STAND_IN = """#!/bin/bash
printf '%s ' "$(basename "$0")" "$@" >> "$CALLS"; echo >> "$CALLS"
for word in "$@"; do case "$word" in *reports/*) test -s "${word#*@}" || exit 9;; esac; done
"""
# What the expressions of the GitHub file stand for on a pull request.
EXPRESSIONS = {
    "secrets.WAREHOUSE_URL": "",
    "github.token": "made-up",
    "github.event.pull_request.number": "7",
}
GITLAB_VARIABLES = {
    "CI_MERGE_REQUEST_IID": "7",
    "CI_PROJECT_ID": "42",
    "CI_API_V4_URL": "https://gitlab.example/api/v4",
    "HEADWAY_TOKEN": "made-up",
}


@dataclass(frozen=True)
class Ran:
    """What came of a job: its status, the folder it ran in, and whom it called."""

    status: int
    folder: Path
    calls: str

    def report(self, name: str) -> str:
        """A report that it left behind."""
        return (self.folder / "reports" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel of this checkout was built and installed."""
    folder = tmp_path_factory.mktemp("wheel") / "site"
    words = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([uv.find_uv_bin(), *words, "--target", str(folder), str(ROOT)], check=True)
    return folder


@pytest.fixture
def clone(harbour: Path, tmp_path: Path) -> Path:
    """A fresh clone of the tutorial's portfolio, to be changed and committed to by a test."""
    shutil.rmtree(harbour / ".headway")
    git = ["git", "-c", "user.name=Ana", "-c", "user.email=ana@harbour.example", "-C", str(harbour)]
    for words in (["init", "--quiet"], ["add", "-A"], ["commit", "--quiet", "-m", "portfolio"]):
        subprocess.run([*git, *words], check=True)
    subprocess.run(["git", "clone", "--quiet", str(harbour), str(tmp_path / "clone")], check=True)
    return tmp_path / "clone"


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    """The installed headway and the stand-ins on the path, and the checkout out of sight."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("gh", "curl"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    path = [programs, installed / "bin", Path(sys.executable).parent]
    return {
        **os.environ,
        "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
        "PYTHONPATH": str(installed),
        "CALLS": str(tmp_path / "calls"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def document(file: Path) -> dict[str, Any]:
    """A file as nested dicts and lists, every scalar a text."""
    (node,), faults = read(file.read_bytes(), file.name)
    assert faults == []
    found: Any = to_plain(node)
    return dict(found)


def shell(script: str, folder: Path, environment: Mapping[str, str]) -> int:
    """Run a script as a runner does; instead of the install step, say whether the wheel is there."""
    script = script.replace(INSTALL, 'test -x "$(command -v headway)"')
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder, env=environment, check=False
    ).returncode


def holds(condition: str, folder: Path, *, failed: bool) -> bool:
    """The conditions that our steps use, on a pull request."""
    parts = [part.strip() for part in condition.split("&&") if part.strip()]
    told = {"always()": True, "github.event_name == 'pull_request'": True}
    for part in parts:
        if found := re.fullmatch(r"hashFiles\('([^']+)'\) != ''", part):
            told[part] = (folder / found[1]).is_file()
    return all(told[part] for part in parts) and (not failed or "always()" in parts)


def github(folder: Path, environment: dict[str, str]) -> Ran:
    """The run steps of the GitHub job, in their order, under their conditions."""
    job = document(GITHUB)["jobs"]["headway"]
    status = 0
    for step in job["steps"]:
        if not holds(step.get("if", ""), folder, failed=status != 0) or "run" not in step:
            continue
        said = {**job.get("env", {}), **step.get("env", {})}
        filled = {
            key: EXPRESSIONS[value.removeprefix("${{ ").removesuffix(" }}")] for key, value in said.items()
        }
        assert "${{" not in step["run"]
        ended = shell(step["run"], folder, {**environment, **filled})
        status = status or ended
    return ran(status, folder, environment)


def gitlab(folder: Path, environment: dict[str, str]) -> Ran:
    """The script of the GitLab job in one shell, then what comes after it in another."""
    job = document(GITLAB)["headway"]
    status = shell("\n".join(job["script"]), folder, environment)
    after = shell("\n".join(job["after_script"]), folder, {**environment, **GITLAB_VARIABLES})
    assert after == 0
    return ran(status, folder, environment)


def ran(status: int, folder: Path, environment: Mapping[str, str]) -> Ran:
    """What a job left behind."""
    calls = Path(environment["CALLS"])
    return Ran(status, folder, calls.read_text() if calls.is_file() else "")


RUNNERS = {"github": github, "gitlab": gitlab}
CALLED = {"github": "gh pr comment 7 ", "gitlab": "merge_requests/7/notes"}
everywhere = pytest.mark.parametrize("where", RUNNERS)


@everywhere
def test_a_sound_portfolio_passes_and_leaves_its_reports(
    where: str, clone: Path, environment: dict[str, str]
) -> None:
    """Status 0, a comment, and every report in its own format."""
    found = RUNNERS[where](clone, environment)
    assert found.status == 0
    assert CALLED[where] in found.calls
    assert "Drafted replies for claims agents" in found.report("review.md")
    assert found.report("review.html").rstrip().endswith("</html>")
    assert outcomes_of(found.report("gates.xml")) == (True, False)
    if where == "github":
        assert sarif(found.report("check.sarif")) == 0
        assert Path(environment["GITHUB_STEP_SUMMARY"]).read_text() == found.report("review.md")


@everywhere
def test_missing_evidence_holds_the_job_and_is_reported(
    where: str, clone: Path, environment: dict[str, str]
) -> None:
    """Status 4, and the comment that says what is missing is written all the same."""
    (clone / "data" / "pilot.csv").unlink()
    found = RUNNERS[where](clone, environment)
    assert found.status == 4
    assert CALLED[where] in found.calls
    assert "pilot.csv" in found.report("review.md")
    assert outcomes_of(found.report("gates.xml")) == (True, True)


@everywhere
def test_a_wrong_file_stops_the_job(where: str, clone: Path, environment: dict[str, str]) -> None:
    """Status 1 before anything is read, no comment, and the fault with its line where the host shows it."""
    file = clone / "initiatives" / "reply-assistant.yaml"
    file.write_text(file.read_text().replace("accountable:", "acountable:"))
    found = RUNNERS[where](clone, environment)
    assert found.status == 1
    assert found.calls == ""
    assert not (clone / "reports" / "review.md").exists()
    if where == "github":
        assert sarif(found.report("check.sarif")) == 2


def sarif(text: str) -> int:
    """How many results a SARIF log holds."""
    made = json.loads(text)
    assert made["version"] == "2.1.0"
    return sum(len(run["results"]) for run in made["runs"])


def outcomes_of(text: str) -> tuple[bool, bool]:
    """Whether a JUnit report holds a test, and whether it holds one that did not pass."""
    root = ET.fromstring(text)  # noqa: S314  our own report
    unpassed = [*root.iter("failure"), *root.iter("error"), *root.iter("skipped")]
    return bool(list(root.iter("testcase"))), bool(unpassed)


@pytest.mark.parametrize(("file", "schema"), [(GITHUB, "github-workflows"), (GITLAB, "gitlab-ci")])
def test_a_pipeline_file_is_what_its_host_reads(file: Path, schema: str) -> None:
    """By the published schemas of both hosts, vendored, without a network."""
    known = json.loads((VENDORED / f"{schema}.json").read_text(encoding="utf-8"))
    check = jsonschema.validators.validator_for(known)(known)
    assert list(check.iter_errors(typed(document(file)))) == []
    damaged = json.loads(
        json.dumps(typed(document(file))).replace('"script"', '"skript"').replace('"run"', '"rum"')
    )
    assert not check.is_valid(damaged)


def typed(value: Any) -> Any:
    """Numbers and empty values as YAML's own schema reads them; our reader keeps every scalar a text."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    # An empty value, such as that of `pull_request:`, is null there.
    return value if not isinstance(value, str) else int(value) if value.isdigit() else value or None


def test_no_pipeline_file_names_a_host() -> None:
    """Whoever runs it brings their own registry."""
    for file in (GITHUB, GITLAB):
        assert "://" not in file.read_text(encoding="utf-8")
        assert INSTALL in file.read_text(encoding="utf-8")
