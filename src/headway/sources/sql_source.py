"""The SQL source: a table that lies in the firm's engine and stays there."""

from __future__ import annotations

import re
from typing import Any

from headway.aggregates.engine import Bound
from headway.facts import FACTS
from headway.kernel.errors import SourceFault, scrub
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context, under_contract

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


def bind_sql(declared: Source, context: Context) -> Bound:
    """Bind a table of an engine named by URL.

    Raises:
        SourceFault: HW306 the engine or table does not answer; HW307 a variable is not set; HW308 unknown
            engine; HW309 its extra is not installed; HW303, HW304 columns.
    """
    url = _expand(declared, context)
    try:
        engine: Any = context.engine(url)
        *schema, name = (declared.table or "").split(".")
        table = under_contract(declared, engine.backend.table(name, database=".".join(schema) or None))
        mark = _watermark(engine, table, declared, context)
    except SourceFault:
        raise
    except ImportError as error:
        raise SourceFault(
            "HW309", declared.source, str(error), "install the extra: pip install 'headway[postgres]'"
        ) from error
    except Exception as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise SourceFault(
            "HW306", declared.source, first, "see that the engine is up and the table exists"
        ) from error
    named = {
        "engine": scrub(url),
        "table": declared.table or "",
        "watermark": mark,
        "columns": dict(declared.columns),
    }
    present = engine.known_present(table, [declared.table or ""])
    return Bound(
        declared.source, FACTS[declared.fact], declared.summed, engine, table, digest(named), present
    )


def _expand(declared: Source, context: Context) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in context.environment:
            raise SourceFault(
                "HW307",
                declared.source,
                f"the environment variable {found[1]} is not set",
                f"export {found[1]}=…",
            )
        return context.environment[found[1]]

    return _VARIABLE.sub(value, declared.engine or "")


def _watermark(engine: Any, table: Any, declared: Source, context: Context) -> str:
    """What tells that the table changed: its newest mark and its size, or else the moment of this review."""
    if not declared.watermark:
        return f"read at {context.as_of}"
    if declared.watermark not in table.columns:
        raise SourceFault(
            "HW303",
            declared.source,
            f"no column '{declared.watermark}' to serve as watermark",
            "correct `watermark`",
        )
    row = engine.fetch(
        table.aggregate(newest=table[declared.watermark].max(), rows=table.count())
    ).to_pylist()[0]
    return f"{row['newest']} in {row['rows']} rows"
