"""A Prometheus with fifteen days of a small fleet of GPUs behind it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.prometheus_server import Running, Sample, serving

STEP = 300
DAYS = 15
BUSY, LIVELY, WORN = "ml/chat-0", "ml/old-0", "ml/train-0"
LIVE = 'DCGM_FI_PROF_SM_ACTIVE{namespace="live",pod="now-0",gpu="0"} 0.25\n'
# Work in one bin, as mJ: 100 W for five minutes.
MILLIJOULES = 100.0 * STEP * 1000


def share(at: int) -> float:
    """The work of the chat's GPU: a daily cycle between nothing and 0.4."""
    return round(max(0.0, 0.4 * math.sin((at % 86_400) / 86_400 * 2 * math.pi)), 6)


def trace(last: int) -> Iterator[Sample]:
    """Fifteen days, one reading in the middle of each bin, so that every bin is known to the digit."""
    spent = 0.0
    for number, at in enumerate(range(last - DAYS * 86_400 + STEP // 2, last, STEP)):
        yield Sample('DCGM_FI_PROF_GR_ENGINE_ACTIVE{namespace="ml",pod="chat-0",gpu="0"}', at, share(at))
        # A day in the middle is not there at all.
        if number // 288 != DAYS // 2:
            yield Sample('DCGM_FI_PROF_GR_ENGINE_ACTIVE{namespace="ml",pod="train-0",gpu="0"}', at, 0.98)
            yield Sample('DCGM_FI_PROF_GR_ENGINE_ACTIVE{namespace="ml",pod="train-0",gpu="1"}', at, 0.96)
        yield Sample('DCGM_FI_DEV_GPU_UTIL{namespace="ml",pod="chat-0",gpu="0"}', at, 100.0)
        yield Sample('DCGM_FI_DEV_GPU_UTIL{namespace="ml",pod="old-0",gpu="0"}', at, 10.0)
        # The counter begins anew half way.
        spent = 0.0 if number == DAYS * 144 else spent + MILLIJOULES
        yield Sample('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{namespace="ml",pod="chat-0",gpu="0"}', at, spent)
        # MIG: two instances, one of which says more than there is.
        yield Sample('DCGM_FI_PROF_SM_ACTIVE{namespace="mig",pod="cut-0",GPU_I_ID="1"}', at, 1.5)
        # A device that nobody holds.
        yield Sample('DCGM_FI_PROF_SM_ACTIVE{namespace="",Hostname="n1",exported_pod="x",gpu="7"}', at, 0.0)


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server, its last bin being the newest whole one; it scrapes one GPU that works now."""
    last = int(time.time()) // STEP * STEP
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with serving(folder, list(trace(last)), LIVE) as running:
        yield running
