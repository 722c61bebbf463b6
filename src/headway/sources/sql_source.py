"""The SQL source: a table that lies in the firm's engine and stays there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from headway.aggregates.engine import Bound, Engine, Opened, first_line
from headway.facts import FACTS
from headway.kernel.errors import SourceFault, scrub
from headway.kernel.identity import Json, digest
from headway.portfolio.source import Source
from headway.sources.base import Context, absent, under_contract, whole

if TYPE_CHECKING:
    import ibis.expr.types as ir

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_UP = "see that the engine is up and the table exists"


def bind_sql(declared: Source, context: Context) -> Bound:
    """Bind a table of an engine named by URL.

    Raises:
        SourceFault: HW306 the engine or table does not answer; HW307 a variable is not set; HW308 unknown
            engine; HW309 its extra is not installed; HW303, HW304 columns.
    """
    url = _expand(declared, context)
    said = _Said(url)
    try:
        engine: Any = context.engine(url)
        *schema, name = (declared.table or "").split(".")
        raw = engine.backend.table(name, database=".".join(schema) or None)
        table = under_contract(declared, raw, engine)
        mark = _watermark(engine, raw, declared, context)
    except SourceFault:
        raise
    except ImportError as error:
        what = f"package '{error.name}' is not installed" if error.name else first_line(error)
        mend = "install the extra: pip install 'headway[postgres]'"
        raise SourceFault("HW309", declared.source, what, mend) from error
    except Exception as error:
        raise said.fault(declared.source, error) from error
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
        fault=said.fault,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Said:
    """Turns what an engine says into a fault, without the secrets of its URL."""

    url: str

    def fault(self, source: str, error: Exception) -> SourceFault:
        """The fault behind an error."""
        first = first_line(error)
        for secret in sorted(self._secrets(), key=len, reverse=True):
            first = first.replace(secret, "***")
        return SourceFault("HW306", source, first, _UP)

    def _secrets(self) -> Iterator[str]:
        """The whole URL and its password, as it stands and as it is meant."""
        yield self.url
        # Everything up to the last @ is user and password: an unquoted @ inside is a common slip.
        user, at, _ = urlsplit(self.url).netloc.rpartition("@")
        password = user.partition(":")[2] if at else ""
        if password:
            yield password
            yield unquote(password)
            yield password.partition("@")[2] or password


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
