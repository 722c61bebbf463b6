"""Every code has an example that shows it, and the example prints what it promises, word for word.

A folder examples/broken/HWnnn is a portfolio. Beside it stand `expected.txt`, the exact text, and where
`headway check` does not show the code, `case.yaml`:

    command: review | gate | decide | doctor ...  what shows it; default: check
    args: [...]                                   further words of that command; {folder} is the copy
    before: [[decide, ...], ...]                  commands to run first
    env: {NAME: value}                            variables of the last command
    without: [package]                            packages that are not installed
    damage.py                                     a script that damages the copy before the last command
"""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from headway.app.capacity import Wanted, capacity
from headway.app.check import check
from headway.app.doctor import doctor
from headway.app.review import review
from headway.cli.main import cli
from headway.kernel.codes import CODES
from headway.portfolio.yaml import read, to_plain

BROKEN = Path(__file__).parents[2] / "examples" / "broken"
FOLDERS = sorted(p.name for p in BROKEN.iterdir() if p.is_dir())


def test_every_code_has_an_example_and_every_example_a_code() -> None:
    """Nobody can add a code without showing it."""
    assert set(FOLDERS) == set(CODES)


@pytest.mark.parametrize("code", FOLDERS)
def test_a_broken_example_prints_what_it_promises(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder shows its code in the house form, with no traceback and nothing half done."""
    here = tmp_path / code
    shutil.copytree(BROKEN / code, here)
    case = _case(here)
    for words in case.get("before", []):
        done = _run([*words, *_where(words[0], here)])
        assert done.exit_code == 0, done.output
    if (here / "damage.py").exists():
        monkeypatch.chdir(here)
        runpy.run_path(str(here / "damage.py"))
    for name, value in case.get("env", {}).items():
        monkeypatch.setenv(name, value)
    for package in case.get("without", []):
        monkeypatch.setitem(sys.modules, package, None)
    text = _shown(case, here)
    assert f"[{code}]" in text
    assert "Traceback" not in text
    assert text == (BROKEN / code / "expected.txt").read_text(encoding="utf-8").rstrip("\n")


def _case(folder: Path) -> dict[str, Any]:
    file = folder / "case.yaml"
    if not file.exists():
        return {"command": "check"}
    nodes, found = read(file.read_bytes(), "case.yaml")
    file.unlink()
    assert not found, found
    made = to_plain(nodes[0])
    assert isinstance(made, dict)
    return made


def _where(command: str, folder: Path) -> list[str]:
    named = command in ("gate", "decide", "new", "design", "rollout", "applied")
    return ["-p", str(folder)] if named else [str(folder)]


def _run(words: list[str]) -> Result:
    return CliRunner().invoke(cli, words, env={"COLUMNS": None})


def _shown(case: dict[str, Any], folder: Path) -> str:
    command = case["command"]
    if command == "review" and "args" not in case:
        made = review(check(folder))
        text = "\n".join(map(str, made.diagnostics))
    elif command == "capacity" and "args" not in case:
        text = "\n".join(map(str, capacity(check(folder), Wanted()).diagnostics))
    elif command == "doctor":
        # The rest of what it says is about the machine.
        text = "\n".join(str(f) for f in doctor(folder).every() if f.code)
    else:
        words = [word.replace("{folder}", str(folder)) for word in case.get("args", [])]
        done = _run([command, *words, *_where(command, folder)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code in (0, 1, 2, 3, 4), done.output
        text = done.output.rstrip("\n")
    # Digests and times differ from run to run; what is said about them does not.
    text = re.sub(r"\b[0-9a-f]{12,64}\b", "<digest>", text)
    return text.replace(str(folder.parent), "<folder>")
