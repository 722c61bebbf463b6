"""Write the reference pages from what they describe.

``python -m docs.generate`` writes docs/reference; a test fails while a committed page
differs from it. What no code can say stands in docs/words, and what `headway explain` says too in
src/headway/app/words.
"""

# ruff: noqa: INP001  (pages and their tools, found by path)

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from docs.schemas import schemas

from headway.portfolio.schema import TYPES

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
REFERENCE = DOCS / "reference"
SCHEMAS = REFERENCE / "schemas"
BROKEN = ROOT / "examples" / "broken"
_NOTE = "<!-- written by docs/generate.py: change what it describes, or docs/words, and run it again -->"
_AREAS = {
    "HW10": "Files",
    "HW11": "Files",
    "HW12": "New portfolios and lists",
    "HW15": "Problem first",
    "HW2": "Links and people",
    "HW3": "Sources and facts",
    "HW40": "Measures",
    "HW41": "Measures",
    "HW42": "Measures",
    "HW43": "Measures",
    "HW44": "Measures",
    "HW50": "Gates",
    "HW52": "Decisions",
    "HW6": "The ledger",
}


def pages() -> dict[Path, str]:
    """Every generated page with its content."""
    made = {
        "commands.md": commands_page(),
        "codes.md": codes_page(),
        "files.md": files_page(),
        "facts.md": facts_page(),
        "gates.md": gates_page(),
        "kinds.md": kinds_page(),
        "schemas.md": schemas_page(),
    }
    texts = {
        SCHEMAS / f"{name}.json": json.dumps(one, ensure_ascii=False, indent=2) + "\n"
        for name, one in schemas().items()
    }
    glossary = {DOCS / "glossary.md": glossary_page()}
    return {**{REFERENCE / name: text for name, text in made.items()}, **texts, **glossary}


def _file_of(name: str) -> Path:
    """What `headway explain` says too is shipped; the rest stands in docs/words."""
    from headway.app.explain.explanation import WORDS

    shipped = WORDS / f"{name}.yaml"
    return shipped if shipped.is_file() else DOCS / "words" / f"{name}.yaml"


def words(name: str) -> dict[str, Any]:
    """What a file of words says."""
    from headway.portfolio.nodes import to_plain
    from headway.portfolio.yaml import read

    nodes, faults = read(_file_of(name).read_bytes(), f"{name}.yaml")
    if faults or len(nodes) != 1:
        raise ValueError("\n".join(map(str, faults)) or f"{name}.yaml holds no single document")
    found: Any = to_plain(nodes[0])
    return dict(found)


def _page(title: str, *parts: str | Iterable[str]) -> str:
    blocks = [f"# {title}", _NOTE]
    for part in parts:
        blocks += [part] if isinstance(part, str) else part
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


# --- commands -----------------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command, its arguments and options, and its exit statuses."""
    from headway.cli.main import cli

    said = words("reference")

    return _page(
        "Commands",
        said["commands"],
        "## Exit statuses",
        _table(("status", "means"), [(s, told["means"]) for s, told in words("statuses").items()]),
        said["enforced"],
        "## Environment variables",
        said["environment_title"],
        _table(("variable", "means"), [(_code(name), text) for name, text in said["environment"].items()]),
        *(part for path, command in commands(cli, "headway") for part in _command(path, command)),
    )


def commands(group: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, with the words that call it, the group itself last."""
    if not isinstance(group, click.Group):
        yield name, group
        return
    context = click.Context(group, **group.context_settings)
    for word in group.list_commands(context):
        found = group.get_command(context, word)
        if found is not None:
            yield from commands(found, f"{name} {word}")
    yield name, group


def _command(path: str, command: click.Command) -> Iterator[str]:
    yield f"## {path}"
    text = inspect.cleandoc(command.help or "")
    yield "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
    with click.Context(command, info_name=path, **command.context_settings) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        yield f"```text\n{path} {usage}\n```"
        rows = [record for p in command.params if (record := _parameter(p, context))]
    if rows:
        yield _table(("option", "means"), [(f"`{flags}`", meaning) for flags, meaning in rows])


def _parameter(parameter: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    if isinstance(parameter, click.Option):
        return parameter.get_help_record(context)
    kind = parameter.type
    name = parameter.make_metavar(context).strip("[]")
    if isinstance(kind, click.Choice):
        return (parameter.name or name).upper(), "one of " + ", ".join(
            f"`{choice}`" for choice in kind.choices
        )
    return name, "argument" if parameter.required else "argument; default: this folder"


# --- glossary -----------------------------------------------------------------------------------------------


def glossary_page() -> str:
    """Every word of the house; `headway explain` says the same."""
    told = [part for word, text in words("glossary").items() for part in (f"## {word}", text)]
    return _page("Glossary", words("reference")["glossary"], told)


# --- codes --------------------------------------------------------------------------------------------------


def codes_page() -> str:
    """Every code with its meaning, its mend and what it prints."""
    from headway.kernel.codes import CODES

    said = words("codes")
    parts, area = list[str](), ""
    for code, known in CODES.items():
        here = next((name for start, name in _AREAS.items() if code.startswith(start)), "Other")
        if here != area:
            parts.append(f"## {here}")
            area = here
        entry = said[code]
        parts += [
            f"### {code}",
            f"**{known.title[0].upper()}{known.title[1:]}** ({known.severity}). {entry['when']}",
            f"Mend: {entry['mend']}",
        ]
        shown = BROKEN / code / "expected.txt"
        if shown.is_file():
            parts.append(f"```text\n{_abridged(shown.read_text(encoding='utf-8'))}\n```")
    return _page(
        "Codes",
        words("reference")["codes"],
        parts,
    )


def _abridged(text: str, most: int = 12) -> str:
    lines = text.strip("\n").splitlines()
    return "\n".join(lines if len(lines) <= most else [*lines[: most - 2], "[...]", lines[-1]])


# --- files --------------------------------------------------------------------------------------------------


def files_page() -> str:
    """Every field of every kind of document."""
    from headway.portfolio.kinds import ARTICLES, MODELS
    from headway.portfolio.schema import schema

    whole, said = schema(), words("reference")
    kinds, told = list(MODELS), set[str]()
    parts = []
    for key in kinds:
        model = MODELS[key].__name__
        title = f"{ARTICLES[key][0].upper()}{ARTICLES[key][1:]}" if key != "headway" else "`portfolio.yaml`"
        parts += [f"## {key}", f"{title}. {_text(whole['$defs'][model])}"]
        parts += _fields(whole, model, told, deep=3)
    return _page(
        "Files",
        said["files"],
        _table(("value", "is written"), said["values"].items()),
        said["files_schema"],
        parts,
    )


def _fields(whole: Mapping[str, Any], model: str, told: set[str], deep: int) -> Iterator[str]:
    """The table of a model, then those of the models inside it, each once."""
    body, inside = whole["$defs"][model], list[str]()
    rows = []
    for name, field in body.get("properties", {}).items():
        star = " *" if name in body.get("required", ()) else ""
        rows.append((f"`{name}`{star}", _kind(whole, field), _meaning(field)))
        inside += [m for m in _models(field) if m not in told and m not in inside]
    yield _table(("key", "is", "means"), rows)
    told |= {model, *inside}
    for name in inside:
        yield f"{'#' * deep} {name}"
        yield _text(whole["$defs"][name])
        yield from _fields(whole, name, told, min(deep + 1, 5))


def _models(field: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in field:
        yield str(field["$ref"]).rsplit("/", 1)[-1]
    for key in ("anyOf", "allOf"):
        for form in field.get(key, ()):
            yield from _models(form)
    for key in ("items", "additionalProperties"):
        if isinstance(field.get(key), Mapping):
            yield from _models(field[key])


def _kind(whole: Mapping[str, Any], field: Mapping[str, Any]) -> str:
    forms = [f for f in field.get("anyOf", ()) if f.get("type") != "null"]
    if forms:
        return " or ".join(dict.fromkeys(_kind(whole, form) for form in forms))
    if "$ref" in field:
        name = str(field["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in dict.fromkeys(map(str, field["enum"])))
    if field.get("type") == "array" and "items" in field:
        return f"list of {_kind(whole, field['items'])}"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"name to {_kind(whole, inner)}" if isinstance(inner, Mapping) and inner else "mapping"
    kind = field.get("type", "any")
    named = tuple(k for k in kind if k != "null") if isinstance(kind, list) else (str(kind),)
    return TYPES.get(named, " or ".join(named))


def _meaning(field: Mapping[str, Any]) -> str:
    text = _text(field)
    default = field.get("default")
    if default not in (None, "", [], {}) and not isinstance(default, Mapping):
        text += f"; default `{default if not isinstance(default, bool) else 'yes' if default else 'no'}`"
    examples = [e for e in field.get("examples", ()) if not isinstance(e, list | Mapping)]
    return text + (f"; e.g. `{examples[0]}`" if examples else "")


def _text(part: Mapping[str, Any]) -> str:
    return " ".join(str(part.get("description", "")).split())


# --- facts --------------------------------------------------------------------------------------------------


def facts_page() -> str:
    """Every fact with its two contracts."""
    from headway.facts import FACTS

    parts = []
    for name, fact in FACTS.items():
        traits = ["A source may carry further columns under names of their own."] if fact.open else []
        traits += [f"Dated by `{fact.time}`."] if fact.time else []
        traits += [f"A row is named by {', '.join(map(_code, fact.key))}."] if fact.key else []
        parts += [f"## {name}", f"{fact.meaning[0].upper()}{fact.meaning[1:]}. {' '.join(traits)}"]
        parts.append(_contract(fact.columns))
        if fact.summed:
            parts += [f"### {name}, already summed", "With `summed: yes`:", _contract(fact.summed)]
    return _page(
        "Facts",
        words("reference")["facts"],
        parts,
    )


def _contract(columns: Iterable[Any]) -> str:
    rows = [
        (f"`{c.name}`{' *' if c.required else ''}", c.type, c.meaning + (f" ({c.unit})" if c.unit else ""))
        for c in columns
    ]
    return _table(("column", "type", "means"), rows)


# --- gates --------------------------------------------------------------------------------------------------


def gates_page() -> str:
    """Every row of every shipped operating model."""
    from headway.gates.model import NEXT_GATE, SHIPPED, shipped

    said = words("reference")
    order = _table(("stage", "next gate"), [(f"`{s}`", f"`{g}`") for s, g in NEXT_GATE.items()])
    parts = []
    for name in SHIPPED:
        model = shipped(name)
        parts += [f"## {name}", f"Mode `{model.mode}`. {len(model.rows)} rows."]
        for row in model.rows:
            parts.append(f"### {row.id} ({name.partition('@')[0]})")
            parts.append(f"{row.guidance[0].upper()}{row.guidance[1:]}. For example: {row.good_example}.")
            parts.append(f"Asks {_predicate(row)}. {_traits(row)}")
    return _page(
        "Gates",
        said["gates"],
        order,
        said["gates_states"],
        "## Settings of a row",
        _table(("setting", "means"), [(f"`{k}`", v) for k, v in said["settings"].items()]),
        parts,
    )


def _predicate(row: Any) -> str:
    if row.members:
        return "; and ".join(_predicate(member) for member in row.members)
    if row.predicate == "measure":
        bound = row.body["bound"]
        metric = f" `{row.body['metric']}`" if "metric" in row.body else ""
        return (
            f"of the measure `{row.body['measure']}`{metric}: {bound['use']} {bound['op']} `{bound['value']}`"
        )
    if row.predicate == "owner":
        return "for one live accountable person, and a sponsor who is another human"
    if row.predicate == "promotion_budget":
        share = row.body["promotion_budget"]
        return f"that its frozen e-value is accepted where at most `{share}` of promotions may be false"
    if row.predicate == "guardrails":
        return "that every guardrail of the pilot lies inside its margin"
    if row.predicate == "to_come":
        said = row.body["to_come"]
        return f"for {said['need']}; what answers it, `{said['by']}`, is still to come, so that it is missing"
    asked = row.body["declared"]
    if not isinstance(asked, Mapping):
        return "that these are declared: " + ", ".join(f"`{p}`" for p in asked)
    told = ["that these are declared: " + ", ".join(f"`{p}`" for p in asked.get("paths", ()))]
    told += ["that the outcome leads to a P&L line"] if "reaches_line" in asked else []
    told += ["that the pilot's design is registered, as it stands now"] if "registered" in asked else []
    told += ["for none of " + ", ".join(f"[{c}](codes.md#{c.lower()})" for c in asked.get("without", ()))]
    refused = asked.get("refuse", {}).items()
    told += [f"that `{path}` is not " + ", ".join(f"`{v}`" for v in values) for path, values in refused]
    return "; ".join(part for part in told if not part.endswith("none of "))


def _traits(row: Any) -> str:
    from headway.kernel.quantity import show_duration

    said = [f"Mode {row.mode}", f"move: {row.move}"]
    said += [f"grade {row.grade} or better"] if row.grade else []
    said += [f"at most {show_duration(row.max_age)} old while the pilot runs"] if row.max_age else []
    said += ["standing"] if row.standing else []
    said += ["may not be dropped"] if not row.waivable else []
    return "; ".join(said) + "."


# --- kinds --------------------------------------------------------------------------------------------------


def kinds_page() -> str:
    """Everything that is registered under an entry point."""
    from headway.kernel.registry import GROUPS, names

    said = words("kinds")
    parts = []
    for group in GROUPS:
        port = group.partition(".")[2]
        parts.append(f"## {port}")
        for name in names(group):
            entry = said[port][name]
            parts += [f"### {port[:-1]}: {name}", f"{entry['text']} [More]({entry['page']})."]
    return _page(
        "Kinds",
        words("reference")["kinds"],
        parts,
    )


# --- schemas ------------------------------------------------------------------------------------------------


def schemas_page() -> str:
    """Every JSON Schema of an output, with its fields."""
    parts = []
    for name, made in schemas().items():
        parts += [
            f"## {made['title']}",
            f"{_text(made)[0].upper()}{_text(made)[1:]}: [{name}.json](schemas/{name}.json)",
        ]
        parts.append(_properties(made))
    return _page(
        "Schemas",
        words("reference")["schemas"],
        parts,
    )


def _properties(made: Mapping[str, Any]) -> str:
    kinds: Mapping[str, Any] = made.get("$defs", {})
    forms = made.get("oneOf", [made])
    rows = [(name, body) for form in forms for name, body in form["properties"].items()]
    rows += [(f"{n}.{field}", body) for n, one in kinds.items() for field, body in one["properties"].items()]
    told = {name: _text(body) or _named(kinds, body) for name, body in rows}
    return _table(("field", "means"), [(f"`{name}`", text) for name, text in told.items()])


def _named(kinds: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """What a field without words of its own is: a constant, or one of the definitions."""
    if "const" in body:
        return f"`{json.dumps(body['const'])}`"
    forms = [body, *body.get("anyOf", ())]
    name = next(str(f["$ref"]).rsplit("/", 1)[-1] for f in forms if "$ref" in f)
    return f"{_text(kinds[name])} (`{name}`)"


# --- pages that hold a file ---------------------------------------------------------------------------------

_HOLDS = re.compile(r"(<!-- holds: (\S+) -->\n```\w+\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)


def holding() -> dict[Path, str]:
    """Every page that shows a file of the repository, with the file as it is now."""
    found = {}
    for page in sorted(DOCS.rglob("*.md")):
        parts = _HOLDS.split(page.read_text(encoding="utf-8"))
        # After each text outside come four groups: what opens the fence, the file's path, its text, the end.
        for at in range(1, len(parts), 5):
            parts[at + 2] = (page.parent / parts[at + 1]).read_text(encoding="utf-8")
            parts[at + 1] = ""
        if len(parts) > 1:
            found[page] = "".join(parts)
    return found


def anchors(text: str) -> set[str]:
    """The anchors that the headings of a page give, as Git hosts make them."""
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#{1,6} (.+)$", outside, re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower() for heading in found)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


if __name__ == "__main__":
    for target, content in {**pages(), **holding()}.items():
        target.write_text(content, encoding="utf-8")
