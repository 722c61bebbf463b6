"""New files into a folder: all of them or none, and nothing that was there before is touched."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from headway.kernel.diagnostic import Diagnostic, Place
from headway.portfolio.kinds import SETTINGS_FILE

# A folder may have these already: ours are left away, or added to.
_MAY_BE_THERE = frozenset({"README.md", ".gitignore"})


def in_the_way(folder: Path, files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What stands where new files would go; a portfolio anywhere in the way is told alone."""
    if (folder / SETTINGS_FILE).exists():
        what = "the folder holds a portfolio already"
        mend = "name another folder; `headway new` adds to a portfolio"
        return (Diagnostic("HW120", what, Place(SETTINGS_FILE), mend),)
    if folder.exists() and not folder.is_dir():
        return (
            Diagnostic("HW120", "a file of that name is there", Place(folder.name), "name another folder"),
        )
    tops = sorted({Path(f).parts[0] for f in files} - _MAY_BE_THERE)
    return tuple(
        Diagnostic("HW120", f"'{top}' is there already", Place(top), "name an empty folder, or move it away")
        for top in tops
        if (folder / top).exists()
    )


def lay(folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write new files beside their place and move them in; a fault on the way leaves the folder as it was.

    Args:
        folder: where; made if it is not there.
        files: path to text; a `.gitignore` that is there gets the lines it lacks, a README stays as it is.

    Returns:
        The paths written.

    Raises:
        OSError: the folder cannot be written.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".headway-{secrets.token_hex(4)}.part"
    moved: list[Path] = []
    wanted = {path: text for path, text in files.items() if not (folder / path).exists()}
    try:
        for name, text in wanted.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_text(text, encoding="utf-8", newline="\n")
        # The settings last: until they are there, nobody takes the folder for a portfolio.
        for top in sorted(part.iterdir(), key=lambda p: p.name == SETTINGS_FILE):
            top.rename(folder / top.name)
            moved.append(folder / top.name)
        _ignore(folder, files)
    except BaseException:
        for path in moved:
            _gone(path)
        if made:
            _gone(part)
            with suppress(OSError):
                folder.rmdir()
        raise
    finally:
        _gone(part)
    return tuple(wanted)


def _ignore(folder: Path, files: Mapping[str, str]) -> None:
    file = folder / ".gitignore"
    lacking = [
        line
        for line in files.get(".gitignore", "").splitlines()
        if line not in file.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    if lacking:
        with file.open("a", encoding="utf-8") as stream:
            stream.write("\n" + "\n".join(lacking) + "\n")


def _gone(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
