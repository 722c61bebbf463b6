"""Use case ``migrate``: rewrite files of an older format, or with old names, and nothing else in them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headway.kernel.diagnostic import Diagnostic
from headway.kernel.identity import Json
from headway.portfolio import yaml
from headway.portfolio.files import yaml_files
from headway.portfolio.format import RENAMED, Edit, Renamed, edits
from headway.portfolio.nodes import Mapping
from headway.portfolio.settings import FORMAT

SCHEMA = "headway.migrate/1"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One file before and after, with the reason of every change."""

    file: str
    before: str
    after: str
    edits: tuple[Edit, ...]

    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), self.file, self.file
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Migration:
    """What is to be rewritten, what cannot be, and how many files were looked at."""

    files: int
    rewritten: tuple[Rewritten, ...]
    faults: tuple[Diagnostic, ...]

    def said(self, *, done: bool) -> str:
        """The last line for people."""
        looked = f"{self.files} file{'' if self.files == 1 else 's'}"
        changes = sum(len(r.edits) for r in self.rewritten)
        if self.faults:
            return f"nothing was written: {looked} looked at, and what is told above comes first"
        if not changes:
            return f"nothing to migrate: {looked} of format {FORMAT}"
        counted = f"{changes} change{'' if changes == 1 else 's'} in {len(self.rewritten)} of {looked}"
        return f"{counted}, written" if done else f"{counted}; `headway migrate --write` makes them"

    def as_json(self, *, written: bool) -> dict[str, Json]:
        """The schema ``headway.migrate/1``."""
        return {
            "schema": SCHEMA,
            "files": self.files,
            "written": written,
            "changes": [
                {
                    "place": {"file": e.place.file, "line": e.place.line, "column": e.place.column},
                    "old": e.old,
                    "new": e.new,
                    "why": e.why,
                }
                for r in self.rewritten
                for e in r.edits
            ],
            "faults": [str(d) for d in self.faults],
        }


def migration(root: Path, table: Sequence[Renamed] = RENAMED) -> Migration:
    """Find what the newest format asks to be changed in a folder; nothing is written.

    A file that cannot be read as YAML is a fault and stays as it is.
    """
    faults: list[Diagnostic] = []
    files = yaml_files(root, faults)
    rewritten: list[Rewritten] = []
    for file in files:
        content = (root / file).read_bytes()
        wanted: list[Edit] = []
        for parsed in yaml.parse_with_places(content, file):
            faults += parsed.diagnostics
            if isinstance(parsed.node, Mapping) and parsed.node.entries and parsed.whole:
                wanted += edits(next(iter(parsed.node.entries)), parsed.node, table)
        if wanted:
            before = content.decode("utf-8-sig")
            rewritten.append(Rewritten(file, before, _edited(before, wanted), tuple(wanted)))
    return Migration(len(files), tuple(rewritten), tuple(faults))


def write(root: Path, found: Migration) -> None:
    """Write every file beside its place, then move all of them: a fault on the way leaves all as they were.

    Raises:
        OSError: a file cannot be written.
    """
    parts = [
        (root / r.file, (root / r.file).with_name(f".{Path(r.file).name}.part"), r) for r in found.rewritten
    ]
    try:
        for path, part, one in parts:
            part.write_bytes(_as_before(path, one.after))
            part.chmod(path.stat().st_mode)
        for path, part, _ in parts:
            part.replace(path)
    finally:
        for _, part, _ in parts:
            part.unlink(missing_ok=True)


def _as_before(path: Path, text: str) -> bytes:
    mark = b"\xef\xbb\xbf" if path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    return mark + text.encode()


def _edited(text: str, wanted: Iterable[Edit]) -> str:
    """The text with every edit made, the last first, so that earlier places stay true."""
    lines = text.splitlines(keepends=True)
    for edit in sorted(wanted, key=lambda e: e.place, reverse=True):
        line, at = lines[edit.place.line - 1], edit.place.column - 1
        lines[edit.place.line - 1] = line[:at] + edit.new + _after(line[at:], edit)
    return "".join(lines)


def _after(rest: str, edit: Edit) -> str:
    """What stays behind the edited word; a quoted word loses its quotes with it."""
    quote = rest[:1] if rest[:1] in {"'", '"'} and edit.old else ""
    return rest[len(quote + edit.old + quote) :]
