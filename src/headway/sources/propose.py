"""Look at the columns of a file: which fact it comes nearest to, and what the fact's columns are called."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headway.facts import FACTS
from headway.kernel.errors import SourceFault
from headway.sources.file_source import READERS, REWRITE
from headway.sources.focus_columns import focus_version

# What people call the columns of each fact, without case and punctuation; the first is the likeliest.
_CALLED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "unit": {
        "unit_id": ("unit", "id", "userid", "user", "customerid", "sessionid", "caseid", "claimid", "claim",
                    "ticketid", "subject", "participant", "student"),
        "variant": ("arm", "group", "treatment", "condition", "bucket", "testgroup", "cohort"),
        "cluster": ("team", "class", "classroom", "site", "school", "branch", "store", "clusterid"),
        "stratum": ("strata", "block", "segment"),
        "assigned_at": ("assigned", "exposedat", "enrolledat", "startedat"),
        "closed_at": ("closed", "finishedat", "completedat", "endedat", "resolvedat", "end"),
        "key": ("experiment", "experimentkey", "test", "pilot"),
    },
    "exposure": {
        "key": ("featureflagkey", "flagkey", "flag", "experiment", "experimentkey", "experimentid"),
        "unit_id": ("featureflagcontextid", "targetingkey", "unit", "userid", "user", "subject", "subjectid"),
        "variant": ("featureflagresultvariant", "variation", "arm", "group", "treatment", "bucket"),
        "ts": ("timestamp", "time", "datetime", "exposedat", "at"),
        "cluster": ("team", "class", "classroom", "site", "school", "branch", "store", "clusterid"),
        "set_id": ("featureflagsetid",),
        "version": ("featureflagversion",),
        "reason": ("featureflagresultreason",),
    },
    "series": {
        "metric": ("metricname", "event", "eventname", "measure"),
        "unit_id": ("unit", "userid", "user", "subject", "subjectid", "customerid", "id"),
        "ts": ("timestamp", "time", "datetime", "eventtime", "at"),
        "value": ("metricvalue", "amount", "result"),
    },
    "attribute": {
        "unit_id": ("unit", "id", "userid", "user", "subject", "subjectid", "customerid"),
        "cluster": ("team", "class", "classroom", "site", "school", "branch", "store", "clusterid"),
        "stratum": ("strata", "block", "segment"),
    },
    "cost": {
        "BilledCost": ("cost", "amount", "unblendedcost", "pretaxcost", "totalcost", "charge"),
        "BillingCurrency": ("currency", "currencycode", "billingcurrencycode"),
        "ChargePeriodStart": ("date", "day", "usagestart", "usagestarttime", "usagedate", "usagestartdate",
                              "periodstart", "start", "timestamp"),
        "ChargePeriodEnd": ("usageend", "usageendtime", "usageenddate", "periodend", "end"),
        "EffectiveCost": ("amortizedcost", "amortisedcost", "netcost"),
        "ServiceName": ("service", "product", "productname", "metercategory"),
        "SubAccountId": ("account", "accountid", "project", "projectid", "subscription", "subscriptionid"),
        "ResourceId": ("resource", "resourceid", "instanceid"),
        "RegionId": ("region", "location"),
        "Tags": ("tag", "labels", "resourcetags"),
    },
    "usage": {
        "workload": ("pod", "service", "job", "container", "deployment", "instance"),
        "resource": ("resourcetype", "resourcename"),
        "ts": ("timestamp", "time", "datetime", "bin", "at"),
        "granted": ("requested", "request", "limit", "allocated", "capacity", "reserved"),
        "used": ("usage", "use", "utilization", "utilisation", "meanused", "avgused"),
        "used_max": ("maxused", "peak", "max"),
        "holder": ("team", "owner", "namespace", "initiative"),
    },
}  # fmt: skip
# Nearly every table has what this needs: a name for each row. It is taken for one where somebody says so.
_TOLD = frozenset({"attribute"})
_MOST_ARMS = 12
_CLOSE = 0.85
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
_NUMBERS = ("INT", "FLOAT", "DOUBLE", "DECIMAL", "HUGEINT", "BOOLEAN")


@dataclass(frozen=True, slots=True)
class Seen:
    """A column of a file: its name and type, how many different values it has, and whether one is `NULL`."""

    name: str
    type: str
    different: int
    says_null: bool = False

    @property
    def number(self) -> bool:
        """Whether it can be summed."""
        return any(kind in self.type for kind in _NUMBERS)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file could be bound as.

    Attributes:
        path: the file.
        fact: the fact it comes nearest to.
        columns: the fact's column to the file's, where their names differ.
        lacks: required columns for which nothing was found.
        more: columns of numbers that are no part of the contract: metrics and covariates.
        arms: the values of its variant, where it is a unit's.
        rows: how many rows it has.
        seen: columns of the contract that it has, under the contract's names.
        version: of FOCUS, where it is a bill in that format.
        nullstr: the text that stands for no value in such a bill, where one does.
    """

    path: Path
    fact: str
    columns: Mapping[str, str]
    lacks: tuple[str, ...]
    more: tuple[str, ...]
    arms: tuple[str, ...]
    rows: int
    seen: tuple[str, ...] = ()
    version: str = ""
    nullstr: str = ""


def propose(path: Path, fact: str = "") -> Proposal:
    """Look at a file.

    Args:
        path: CSV, TSV, Parquet or JSON.
        fact: the fact it shall fill; by default the one that fits best.

    Raises:
        SourceFault: HW301 no such file; HW302 it cannot be read, or has an ending that is not known.
    """
    if not path.is_file():
        raise SourceFault("HW301", path.name, f"no file is at '{path.name}'", "name a file that is there")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise SourceFault("HW302", path.name, f"its ending is '{path.suffix}'", f"use one of: {known}")
    seen, rows, arms = _look(path, reader)
    best = max(
        (f for f in FACTS if f == (fact or f) and f not in _TOLD - {fact}), key=lambda f: _fit(f, seen, rows)
    )
    matched = _matched(best, seen, rows)
    version = (focus_version([s.name for s in seen]) or "") if best == "cost" else ""
    contract = FACTS[best].columns
    taken = set(matched.values())
    return Proposal(
        path,
        best,
        {wanted: name for wanted, name in matched.items() if wanted != name},
        tuple(c.name for c in contract if c.required and c.name not in matched),
        tuple(s.name for s in seen if s.number and s.name not in taken),
        arms.get(matched.get("variant", ""), ()) if best == "unit" else (),
        rows,
        tuple(matched),
        version,
        "NULL" if version and any(s.says_null for s in seen) else "",
    )


def _look(path: Path, reader: str) -> tuple[list[Seen], int, dict[str, tuple[str, ...]]]:
    import duckdb

    try:
        with duckdb.connect() as connection:
            # The name goes in as a value; only the reader, one of three words of ours, is in the text.
            table = connection.from_query(f"select * from {reader}(?)", params=[str(path)])  # noqa: S608
            types = dict(zip(table.columns, map(str, table.types), strict=True))
            rows = _scalar(table.aggregate("count(*)"))
            seen = [
                Seen(
                    n,
                    t,
                    _scalar(table.aggregate(f"count(distinct {_quoted(n)})")),
                    t == "VARCHAR"
                    and bool(_scalar(table.aggregate(f"count(*) filter ({_quoted(n)} = 'NULL')"))),
                )
                for n, t in types.items()
            ]
            arms = {
                s.name: tuple(
                    str(v)
                    for (v,) in table.select(_quoted(s.name)).distinct().order("1").fetchall()
                    if v is not None
                )
                for s in seen
                if 1 < s.different <= _MOST_ARMS
            }
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0].replace(str(path), path.name)
        raise SourceFault("HW302", path.name, first, REWRITE) from error
    return seen, rows, arms


def _scalar(relation: Any) -> int:
    return int(relation.fetchall()[0][0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _fit(fact: str, seen: list[Seen], rows: int) -> tuple[float, int]:
    """How well a fact fits: the part of its required columns that is there, then how many are in all."""
    matched = _matched(fact, seen, rows)
    required = [c.name for c in FACTS[fact].columns if c.required]
    return sum(c in matched for c in required) / len(required), len(matched)


def _matched(fact: str, seen: list[Seen], rows: int) -> dict[str, str]:
    """Each column of the contract to the file's own, no column of the file twice."""
    found: dict[str, str] = {}
    for look in (_same, _called, _like):
        for column in FACTS[fact].columns:
            left = [s for s in seen if s.name not in found.values()]
            if column.name not in found and (name := next(look(fact, column.name, left), None)):
                found[column.name] = name
    if fact == "unit":
        _by_content(found, seen, rows)
    return {c.name: found[c.name] for c in FACTS[fact].columns if c.name in found}


def _same(_: str, wanted: str, seen: list[Seen]) -> Iterator[str]:
    yield from (s.name for s in seen if s.name == wanted)
    yield from (s.name for s in seen if _plain(s.name) == _plain(wanted))


def _called(fact: str, wanted: str, seen: list[Seen]) -> Iterator[str]:
    for word in _CALLED.get(fact, {}).get(wanted, ()):
        yield from (s.name for s in seen if _plain(s.name) == word)


def _like(_: str, wanted: str, seen: list[Seen]) -> Iterator[str]:
    """A slip of the pen; short names resemble too many."""
    names = {_plain(s.name): s.name for s in seen if len(_plain(s.name)) > len("used")}
    yield from (names[n] for n in difflib.get_close_matches(_plain(wanted), list(names), n=1, cutoff=_CLOSE))


def _by_content(found: dict[str, str], seen: list[Seen], rows: int) -> None:
    """A unit's id differs in every row, and its arm has a few values: that tells them where names do not."""
    left = [s for s in seen if s.name not in found.values()]
    whole = [s for s in left if s.different == rows > 1 and "DOUBLE" not in s.type and "TIME" not in s.type]
    if "unit_id" not in found and len(whole) == 1:
        found["unit_id"] = whole[0].name
    few = [s for s in left if s.type == "VARCHAR" and 1 < s.different <= _MOST_ARMS]
    if "variant" not in found and len(few) == 1:
        found["variant"] = few[0].name


def _plain(name: str) -> str:
    return _NOT_PLAIN.sub("", name.lower())
