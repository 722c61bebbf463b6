"""Usage from OpenCost's `/allocation`, by file or by address: what was asked for and used, never what it cost.

OpenCost rounds money and allocates GPU cost rather than measuring use, so no cost is read here; its GPU use
is that of the compute engine (rung R2).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from headway.aggregates.engine import Bound
from headway.facts import FACTS
from headway.kernel.errors import SourceFault
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context
from headway.sources.secrets import reveal

# Where the parts of an allocation's name stand, whatever it was aggregated by.
_NAMED_BY = ("cluster", "namespace", "controllerKind", "controller", "pod", "container")
_CPU = ("cpu", "cores", "cpuCoreUsageAverage", "cpuCoreRequestAverage")
_MEMORY = ("memory", "bytes", "ramByteUsageAverage", "ramByteRequestAverage")
_GPU = ("gpu", "devices", "gpuUsageAverage", "gpuRequestAverage")
_MOST_BYTES = 64_000_000
_MINUTE = 60


def bind_opencost(declared: Source, context: Context) -> Bound:
    """Bind an answer of OpenCost.

    Raises:
        SourceFault: HW301 no such file; HW302 it is not an answer of `/allocation`; HW306 nothing answers;
            HW307, HW310 a secret.
    """
    from headway.sources.usage_table import PRESENT, TYPES, Opening, moment, write_spans

    body = _body(declared, context)
    found = list(_allocations(declared, body))
    file = context.scratch / f"opencost-{digest(declared.source)[:12]}.parquet"
    written = write_spans([row for one in found for row in _rows(declared, one)], file)
    negative = [one for one in found if _number(one, "gpuCostIdle") < 0]
    remarks = [_negative(declared, negative)] if negative else []
    return Bound(
        source=declared.source,
        fact=FACTS[declared.fact],
        summed=False,
        types={**TYPES, "holder": "string"} if declared.holder else TYPES,
        digest=digest([written.digest, declared.holder, list(declared.workload)]),
        opening=Opening(declared, [file], context, ()),
        present=PRESENT,
        counted=written.rows,
        newest=moment(written.newest) if written.rows else None,
        remarks=tuple(remarks),
    )


def _negative(declared: Source, found: list[dict[str, Any]]) -> SourceFault:
    first = found[0]
    what = (
        f"{len(found)} of its allocations have an idle cost below nothing, such as {first.get('name')}"
        f" with {_number(first, 'gpuCostIdle'):g}: its shares do not add up"
    )
    return SourceFault(
        "HW354", declared.source, what, "take cost and idleness from the bill and from Prometheus"
    )
