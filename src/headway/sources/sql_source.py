"""The SQL source: a table that lies in the firm's engine and stays there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from headway.aggregates.engine import Bound, Engine, Opened, first_line
from headway.facts import FACTS
from headway.kernel.errors import SourceFault, scrub
from headway.kernel.identity import Json, digest
from headway.portfolio.source import Source
from headway.sources.base import Context, Shape, absent, under_contract, whole
from headway.sources.secrets import Revealed, reveal

if TYPE_CHECKING:
    import ibis.expr.types as ir

_UP = "see that the engine is up and the table exists"


def bind_sql(declared: Source, context: Context, shape: Shape = under_contract) -> Bound:
    """Bind a table of an engine named by URL.

    Args:
        declared: the source.
        context: keeps engines open.
        shape: brings the rows under the fact's names and types.

    Raises:
        SourceFault: HW306 the engine or table does not answer; HW307 a variable is not set; HW308 unknown
            engine; HW309 its extra is not installed; HW310 a file of secrets; HW303, HW304 columns.
    """
    revealed = reveal(declared.engine or "", declared.source, context.environment)
    url = revealed.text
    try:
        engine: Any = context.engine(url)
        *schema, name = (declared.table or "").split(".")
        raw = engine.backend.table(name, database=".".join(schema) or None)
        table = shape(declared, raw, engine)
        mark = _watermark(engine, raw, declared, context)
    except SourceFault as fault:
        raise revealed.fault(fault) from None
    except ImportError as error:
        what = f"package '{error.name}' is not installed" if error.name else first_line(error)
        mend = "install the extra: pip install 'headway[postgres]'"
        raise SourceFault("HW309", declared.source, what, mend) from error
    except Exception as error:
        raise _fault(revealed, declared.source, error) from error
    named: dict[str, Json] = {
        "engine": scrub(url),
        "table": declared.table or "",
        "watermark": mark,
        "columns": dict(declared.columns),
    }
    known = engine.known_present(raw, [declared.table or ""])
    opened = Opened(engine, table, whole(declared, known))
    return Bound(
        source=declared.source,
        fact=FACTS[declared.fact],
        summed=declared.summed,
        types=opened.types,
        digest=digest(named),
        opening=lambda: opened,
        present=opened.present,
        settled=bool(declared.watermark),
        fault=partial(_fault, revealed),
    )


def _fault(revealed: Revealed, source: str, error: Exception) -> SourceFault:
    """What an engine says as a fault, without the secrets of its address."""
    return SourceFault("HW306", source, revealed.hide(first_line(error)), _UP)


def _watermark(engine: Engine, table: ir.Table, declared: Source, context: Context) -> str:
    """What tells that the table changed: its newest mark and its size, or else the moment of this review."""
    if not declared.watermark:
        return f"read at {context.as_of}"
    if declared.watermark not in table.columns:
        raise absent(declared.source, declared.watermark, "watermark", table)
    found = engine.fetch(
        table.aggregate(newest=table[declared.watermark].max().cast("string"), rows=table.count())
    ).to_pylist()[0]
    return f"{found['newest']} in {found['rows']} rows"
