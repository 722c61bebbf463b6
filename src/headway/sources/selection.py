"""What a source's ``sql`` may be: one SELECT over the table `file`, and nothing that reads or asks elsewhere.

A portfolio may come from somebody's pull request, so the statement is judged as DuckDB itself parses it,
and what runs is written back from that parse. It may call what gives the same rows from the same file:
a clock, a random number or a setting would let the rows change under an unchanged digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

FILE = "file"
_TABLES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION"})
_TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
_PURE = frozenset({"scalar", "aggregate", "window", "macro"})
# DuckDB states no stability for its macros; these read the catalogue, the session or the clock.
_ASKING_MACRO = re.compile(
    r"^(ago$|user$|pg_|has_|inet_|current_|session_|col_|obj_|shobj_|get_|map_to_pg|format_)"
)
# Read as columns, and as functions where no column has the name.
_CLOCKS = frozenset({
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "today", "now",
    "current_user", "current_role", "session_user", "user", "current_catalog", "current_schema",
})  # fmt: skip


class NotOneSelect(ValueError):
    """The statement is refused; its text says why."""


def one_select(connection: Any, sql: str) -> str:
    """The statement as DuckDB understood it.

    Args:
        connection: a DuckDB connection, of which only the parser and the list of functions are used.
        sql: what the source declares.

    Raises:
        NotOneSelect: it is not one SELECT, or reaches beyond the table `file`.
    """
    (text,) = connection.execute("select json_serialize_sql(?)", [sql]).fetchone()
    parsed = json.loads(text)
    if parsed["error"]:
        raise NotOneSelect(parsed["error_message"])
    if len(parsed["statements"]) != 1:
        raise NotOneSelect("not one SELECT")
    called = set()
    for node in _nodes(parsed["statements"][0], frozenset({FILE})):
        if "function_name" in node and not node.get("is_operator"):
            called.add(node["function_name"].lower())
    for name in sorted(called - _TABLE_FUNCTIONS):
        _judge_function(connection, name)
    (written,) = connection.execute("select json_deserialize_sql(?::json)", [text]).fetchone()
    return str(written)


def _nodes(node: Any, tables: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Every node of a parse, each judged by the tables that can be seen where it stands."""
    if isinstance(node, list):
        for part in node:
            yield from _nodes(part, tables)
    elif isinstance(node, dict):
        named = node.get("cte_map", {}).get("map", ())
        here = tables | {entry["key"].lower() for entry in named}
        if "sample" in node and "alias" in node:
            _judge_table(node, here)
        if node.get("type") == "COLUMN_REF" and node["column_names"][-1].lower() in _CLOCKS:
            raise NotOneSelect(f"it reads '{node['column_names'][-1]}'")
        yield node
        for part in node.values():
            yield from _nodes(part, here)


def _judge_table(node: dict[str, Any], tables: frozenset[str]) -> None:
    kind = node["type"]
    if kind not in _TABLES:
        raise NotOneSelect(f"it holds a {kind.removesuffix('_REF').lower()} clause")
    if node["sample"] is not None:
        raise NotOneSelect("it reads a random sample")
    if kind == "BASE_TABLE":
        place = [node["catalog_name"], node["schema_name"], node["table_name"]]
        if node["table_name"].lower() not in tables or any(place[:2]) or node["at_clause"] is not None:
            raise NotOneSelect(f"it reads '{'.'.join(part for part in place if part)}'")
    if kind == "TABLE_FUNCTION" and node["function"]["function_name"].lower() not in _TABLE_FUNCTIONS:
        raise NotOneSelect(f"it reads '{node['function']['function_name']}'")


def _judge_function(connection: Any, name: str) -> None:
    rows = connection.execute(
        "select distinct function_type, stability from duckdb_functions() where lower(function_name) = ?",
        [name],
    ).fetchall()
    if not rows:
        raise NotOneSelect(f"no function is called '{name}'")
    pure = all(kind in _PURE and stability in (None, "CONSISTENT") for kind, stability in rows)
    if not pure or (("macro", None) in rows and _ASKING_MACRO.match(name)):
        raise NotOneSelect(f"it calls '{name}'")
