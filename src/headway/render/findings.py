"""What `headway check` found, as a comment on a pull request."""

from __future__ import annotations

from headway.render.base import Record
from headway.render.markdown import code, escaped, fitted, marker
from headway.render.terminal import cleaned

_SHOWN = 50


def markdown(record: Record) -> str:
    """The verdict in the first line, then every finding with its place and mend; notes are folded."""
    clean = cleaned(record)
    found = [d for d in clean["diagnostics"] if d["severity"] != "note"]
    notes = [d for d in clean["diagnostics"] if d["severity"] == "note"]
    errors, warnings = clean["errors"], clean["warnings"]
    sign = "✗" if errors else "✓"
    said = (
        f"**{sign} {_counted(errors, 'error')}, {_counted(warnings, 'warning')}** in {clean['files']} files"
    )
    parts = [marker("check"), said, *([_rows(found)] if found else [])]
    if notes:
        parts.append(
            f"<details><summary>{_counted(len(notes), 'note')}</summary>\n\n{_rows(notes)}\n\n</details>"
        )
    return fitted("\n\n".join(parts))


def _rows(found: list[Record]) -> str:
    rows = []
    for one in found[:_SHOWN]:
        place = one["place"]
        where = code(f"{place['file']}:{place['line']}:{place['column']}")
        rows.append(
            f"- {where} {one['severity']} {one['code']}: {escaped(one['what'])}. _{escaped(one['mend'])}_"
        )
    if len(found) > _SHOWN:
        rows.append(f"- and {len(found) - _SHOWN} more; `headway check` lists them")
    return "\n".join(rows)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
