"""Tab in a real shell on a real terminal completes what headway offers."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import absent

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(headway completion bash)"'),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -U compinit; compinit -u -D; eval "$(headway completion zsh)"',
    ),
    "fish": (["fish", "--no-config", "-i"], "headway completion fish | source"),
}
# Asked for words it is headway; run, it notes what it was called with.
STAND_IN = """#!/bin/bash
if [ -n "$_HEADWAY_COMPLETE" ] || [ "$1" = completion ]; then exec "{headway}" "$@"; fi
printf '%s\\n' "$*" > "{ran}"
"""
PATIENCE = 60


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, handle: int) -> None:
        """Take over the terminal's own end."""
        self.handle, self.said = handle, ""

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.handle, text.encode())

    def read(self) -> None:
        """Take what the shell says within a moment, as a terminal does."""
        if select.select([self.handle], [], [], 0.1)[0]:
            self.said += os.read(self.handle, 65536).decode(errors="replace")

    def until_said(self, text: str) -> None:
        """Wait until the shell says something."""
        end = time.monotonic() + PATIENCE
        while text not in self.said:
            assert time.monotonic() < end, self.said
            self.read()

    def until_written(self, file: Path) -> str:
        """Wait until a file is there, and return its line."""
        end = time.monotonic() + PATIENCE
        while not (file.is_file() and file.read_text().endswith("\n")):
            assert time.monotonic() < end, self.said
            self.read()
        return file.read_text().strip()


@contextmanager
def opened(command: list[str], folder: Path, path: str) -> Iterator[Terminal]:
    """A shell in a folder, closed at the end."""
    ours, theirs = pty.openpty()
    environment = {"PATH": path, "TERM": "dumb", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    shell = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        yield Terminal(ours)
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("typed", "called"),
    [
        ("headway gate rep\t\n", "gate reply-assistant"),
        ("headway gate reply-assistant --form\tmarkd\t\n", "gate reply-assistant --format markdown"),
    ],
)
def test_tab_completes(shell: str, typed: str, called: str, tmp_path: Path) -> None:
    """An initiative of the portfolio, an option, and one of its values."""
    command, load = SHELLS[shell]
    if not shutil.which(command[0]) or not shutil.which("setsid"):
        absent(f"no {shell}: install Debian's package `{shell}`")
    (tmp_path / "a.yaml").write_text("initiative: reply-assistant\ntitle: Drafted replies\n")
    stand_in, ran = tmp_path / "bin" / "headway", tmp_path / "ran"
    stand_in.parent.mkdir()
    stand_in.write_text(STAND_IN.format(headway=Path(sys.executable).parent / "headway", ran=ran))
    stand_in.chmod(0o755)
    with opened(command, tmp_path, f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}") as terminal:
        terminal.type(f"{load}; echo rea''dy\n")
        terminal.until_said("ready")
        terminal.type(typed)
        assert terminal.until_written(ran) == called
