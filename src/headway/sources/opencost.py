"""Usage from OpenCost's `/allocation`, by file or by address: what was asked for and used, never its cost.

OpenCost rounds money, and what it says of a GPU's cost is allocation and not use, so no cost is read here.
Its GPU use is that of the compute engine: rung R2.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from headway.aggregates.engine import Bound
from headway.facts import FACTS
from headway.kernel.diagnostic import Remark
from headway.kernel.errors import SourceFault
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context
from headway.sources.secrets import reveal
from headway.sources.telemetry_rows import Bins, Rows

# What names a workload where the source does not say by which properties.
WORKLOAD = ("namespace", "controller")
# Resource, unit, and where its use and what was asked for stand.
_RESOURCES = (
    ("cpu", "cores", "", "cpuCoreUsageAverage", "cpuCoreRequestAverage"),
    ("memory", "bytes", "", "ramByteUsageAverage", "ramByteRequestAverage"),
    ("gpu", "devices", "gpuAllocation", "gpuUsageAverage", "gpuRequestAverage"),
)
_IDLE = ("gpuCostIdle", "cpuCostIdle", "ramCostIdle")
_MINUTE = 60
_FILE_MEND = "write the answer of /allocation into it as it comes"


def bind_opencost(declared: Source, context: Context) -> Bound:
    """Bind an answer of OpenCost.

    Raises:
        SourceFault: HW301 no such file; HW302 it is not an answer of `/allocation`; HW306, HW347 the server
            does not answer whole; HW307, HW310 a secret.
    """
    from headway.sources.usage_table import PRESENT, TYPES, Opening, moment, write

    found = list(_allocations(declared, _answer(declared, context)))
    file = context.scratch / f"opencost-{digest(declared.source)[:12]}.parquet"
    rows = [row for one in found for row in _rows(declared, one)]
    written = write(rows, file, held=bool(declared.holder))
    return Bound(
        source=declared.source,
        fact=FACTS[declared.fact],
        summed=False,
        types={**TYPES, "holder": "string"} if declared.holder else TYPES,
        digest=digest([written.digest]),
        opening=Opening(declared, [file], context, ()),
        present=PRESENT,
        counted=written.rows,
        newest=moment(written.newest) if written.rows else None,
        remarks=tuple(_remarks(found)),
    )


def _answer(declared: Source, context: Context) -> Any:
    if declared.path:
        file = context.folder / declared.path
        if not file.is_file():
            what = f"no file matches '{declared.path}'"
            raise SourceFault("HW301", declared.source, what, "correct `path` (it is relative to this file)")
        try:
            return json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            raise _no_answer(declared, f"'{Path(declared.path).name}' is not JSON") from None
    from headway.sources.http_json import Server, TooMuch

    url = reveal(declared.url or "", declared.source, context.environment)
    token = reveal(declared.token, declared.source, context.environment) if declared.token else None
    server = Server(declared.source, url, token)
    try:
        status, reason, answer = server.get("", "the question for allocations")
    except TooMuch:
        mend = "ask for a shorter window in the address, such as ?window=7d&step=1h"
        raise server.fault("HW347", "the answer is larger than one may be", mend) from None
    finally:
        server.close()
    if answer is None:
        mend = "write the whole address, such as http://opencost:9003/allocation?window=7d&step=1h"
        raise server.fault("HW306", f"it answers {status} {reason}", mend)
    return answer


def _allocations(declared: Source, answer: Any) -> Iterator[dict[str, Any]]:
    """Each allocation of each window, with its name."""
    windows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(windows, list) or not all(isinstance(w, dict) or w is None for w in windows):
        raise _no_answer(declared, "there is no list of windows under 'data'")
    for window in windows:
        for name, one in (window or {}).items():
            if not isinstance(one, dict):
                raise _no_answer(declared, f"allocation '{name}' is no object")
            yield {**one, "name": str(one.get("name") or name)}


def _no_answer(declared: Source, what: str) -> SourceFault:
    return SourceFault("HW302", declared.source, f"it is no answer of /allocation: {what}", _FILE_MEND)


def _rows(declared: Source, one: dict[str, Any]) -> Iterator[Rows]:
    """The resources of an allocation over its window, as one bin; what is nobody's has no use."""
    if one["name"].startswith("__"):
        return
    try:
        start = datetime.fromisoformat(str(one["start"])).astimezone(UTC)
        seconds = round(float(one["minutes"]) * _MINUTE)
    except (KeyError, TypeError, ValueError):
        raise _no_answer(declared, f"allocation '{one['name']}' does not say when it was") from None
    if seconds <= 0:
        return
    bins = Bins(int(start.timestamp()), seconds, 1)
    for resource, unit, within, use, ask in _RESOURCES:
        inner = one.get(within) if within else one
        used, asked = (_number(inner, key) for key in (use, ask))
        if used is None or (resource == "gpu" and not asked):
            continue
        granted = None if asked is None else np.array([asked])
        rung = "R2" if resource == "gpu" else None
        yield Rows(
            _key(declared, one), resource, unit, rung, use, np.array([used]), granted=granted, bins=bins
        )


def _key(declared: Source, one: dict[str, Any]) -> tuple[str, str]:
    properties = one.get("properties")
    has: dict[str, Any] = properties if isinstance(properties, dict) else {}
    labels = has.get("labels")
    every = {**(labels if isinstance(labels, dict) else {}), **has}
    parts = [str(every.get(p) or "") for p in declared.workload or WORKLOAD]
    workload = "/".join(parts) if all(parts) else one["name"]
    return workload, str(every.get(declared.holder or "") or "")


def _number(found: Any, key: str) -> float | None:
    value = found.get(key) if isinstance(found, dict) else None
    sound = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if sound and value is not None else None


def _remarks(found: list[dict[str, Any]]) -> Iterator[Remark]:
    below = [(one["name"], key, n) for one in found for key in _IDLE if (n := _number(one, key) or 0.0) < 0]
    below += [
        (one["name"], "totalCost", n)
        for one in found
        if one["name"] == "__idle__" and (n := _number(one, "totalCost") or 0.0) < 0
    ]
    if below:
        name, key, value = below[0]
        what = f"idle cost below nothing, such as {key} {value:g} of {name} ({len(below)} in all)"
        mend = "take cost from the bill and idleness from Prometheus: these shares do not add up"
        yield Remark("HW354", what, mend)
