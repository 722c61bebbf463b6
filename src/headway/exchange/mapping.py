"""Which column of a table fills which column of a fact: proposed from names and values, never assumed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from headway.exchange.fields import header_words
from headway.exchange.grid import NotATable
from headway.exchange.header import Table, find_table
from headway.exchange.names import plain
from headway.exchange.read import read_list
from headway.facts import Fact
from headway.facts.base import Column

_LOOKED_AT = 5_000
_MOST_ARMS = 12
_NUMBER = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")
# What tables call the columns of our facts, the surest word first.
_CALLED: Mapping[str, str] = {
    "unit_id": "unit, id, unit id, case, case id, user, user id, claim, ticket, request, customer, session, "
    "issue, feature flag context id, targeting key, subject, subject id, vorgang, fall, kunde, nummer",
    "variant": "arm, group, variant, treatment, treatment group, condition, bucket, assignment, cell, "
    "feature flag result variant, variation, gruppe, variante",
    "key": "key, feature flag key, flag key, flag, experiment, experiment key, experiment id",
    "set_id": "set id, feature flag set id",
    "version": "version, feature flag version",
    "reason": "reason, feature flag result reason",
    "metric": "metric, metric name, measure, event, event name, name, kennzahl",
    "value": "value, metric value, amount, result, wert",
    "cluster": "cluster, team, class, site, store, branch, school, klasse, filiale",
    "stratum": "stratum, block, strata, schicht",
    "assigned_at": "assigned, assigned at, exposed, exposed at, enrolled, randomised at, zugeteilt",
    "closed_at": "closed, closed at, ended, finished, completed, resolved, done, end, end date, date, "
    "geschlossen, abgeschlossen, beendet, datum",
    "BilledCost": "billed cost, cost, amount, total cost, charge, costs, kosten, betrag",
    "BillingCurrency": "billing currency, currency, waehrung",
    "ChargePeriodStart": "charge period start, period start, usage date, date, start, start date, datum, "
    "monat, month",
    "ChargePeriodEnd": "charge period end, period end, end, end date",
    "EffectiveCost": "effective cost, amortized cost, amortised cost",
    "ServiceName": "service name, service, product, dienst",
    "SubAccountId": "sub account id, project, project id, subscription, subscription id, account",
    "ResourceId": "resource id, resource",
    "Tags": "tags, labels",
    "workload": "workload, pod, service, job, deployment, app",
    "resource": "resource, resource type, device",
    "ts": "ts, time, timestamp, event time, at, date, hour, zeit",
    "granted": "granted, requested, request, allocated, limit, reserved, capacity",
    "used": "used, usage, utilised, utilized, use, verbrauch",
    "used_max": "used max, max, peak",
    "holder": "holder, owner, team, namespace, initiative",
    "unit": "unit, einheit",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """A table as far as it was looked at.

    Attributes:
        columns: name to its first values, as text.
        rows: how many rows were looked at.
    """

    columns: Mapping[str, tuple[str, ...]]
    rows: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, and what is left.

    Attributes:
        columns: the fact's column to the table's.
        lacking: columns the fact cannot do without and nothing was found for.
        arms: for the fact `unit`, arm to the number of its rows.
        numbers: columns of numbers that are not mapped: a metric, a covariate.
        others: all further columns.
    """

    columns: Mapping[str, str]
    lacking: tuple[Column, ...]
    arms: Mapping[str, int]
    numbers: tuple[str, ...]
    others: tuple[str, ...]


def look(file: Path) -> Looked:
    """Read the first rows of a CSV or Parquet file.

    Raises:
        NotATable: HW121 to HW123, what is wrong with it.
    """
    if file.suffix.lower() in (".parquet", ".pq"):
        return _parquet(file)
    table: Table = find_table(read_list(file))
    rows = table.rows[:_LOOKED_AT]
    return Looked({h: tuple(r.cells[at] for r in rows) for at, h in enumerate(table.headers)}, len(rows))


def _parquet(file: Path) -> Looked:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        first = next(pq.ParquetFile(file).iter_batches(batch_size=_LOOKED_AT), None)
    except (pa.ArrowException, OSError) as fault:
        what = f"the file is no Parquet: {str(fault).splitlines()[0]}"
        raise NotATable("HW121", what, "correct the path, or write it again") from None
    if first is None:
        raise NotATable("HW123", "the file has no rows", "name a file with rows")
    columns = zip(first.schema.names, first.columns, strict=True)
    return Looked(
        {n: tuple("" if v is None else str(v) for v in c.to_pylist()) for n, c in columns}, first.num_rows
    )


def propose(looked: Looked, fact: Fact, told: Mapping[str, str]) -> Proposal:
    """Propose a mapping; what the user says wins.

    Args:
        looked: the table.
        fact: what it shall fill.
        told: the fact's column to the table's.
    """
    columns = dict(told)
    for wanted in fact.columns:
        free = [c for c in looked.columns if c not in columns.values()]
        if wanted.name not in columns and (found := _best(wanted, free, looked, fact)):
            columns[wanted.name] = found
    rest = [c for c in looked.columns if c not in columns.values()]
    numbers = tuple(c for c in rest if _all(looked.columns[c], _number))
    arms = Counter(looked.columns.get(columns.get("variant", ""), ()))
    return Proposal(
        {c.name: columns[c.name] for c in fact.columns if c.name in columns},
        tuple(c for c in fact.columns if c.required and c.name not in columns),
        dict(arms.most_common(_MOST_ARMS)),
        numbers,
        tuple(c for c in rest if c not in numbers),
    )


def _best(wanted: Column, free: Sequence[str], looked: Looked, fact: Fact) -> str | None:
    words = [plain(w) for w in _CALLED.get(wanted.name, "").split(",")]
    called = [plain(wanted.name), header_words(wanted.name), *words]
    ranked = []
    for column in free:
        rank = next((called.index(w) for w in (plain(column), header_words(column)) if w in called), None)
        if rank is not None and _fits(wanted, looked.columns[column], looked.rows, fact):
            ranked.append((rank, column))
    return min(ranked)[1] if ranked else None


def _fits(wanted: Column, cells: Sequence[str], rows: int, fact: Fact) -> bool:
    if wanted.name == "variant":
        return 1 < len({c for c in cells if c}) <= _MOST_ARMS
    if fact.key == (wanted.name,):
        return len(set(cells)) == rows
    test = {"moment": _moment, "number": _number, "decimal": _number, "integer": _number}.get(wanted.type)
    return test is None or _all(cells, test)


def _all(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    filled = [c for c in cells if c]
    return bool(filled) and all(map(test, filled))


def _number(cell: str) -> bool:
    return bool(_NUMBER.match(cell))


def _moment(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True
