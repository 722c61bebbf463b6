"""A source that asks a monitoring system, as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.small import OUTCOME, PEOPLE, PORTFOLIO

from headway.app.check import check

BASE = "source: fleet\nkind: prometheus\nurl: ${PROM_URL}\n"
QUERY = "queries: [{resource: gpu, used: fleet_use}]\n"


def told(folder: Path, text: str) -> list[str]:
    """Code and words of what is wrong with a source."""
    for name, content in (("portfolio", PORTFOLIO), ("people", PEOPLE), ("o", OUTCOME), ("fleet", text)):
        (folder / f"{name}.yaml").write_text(content)
    return [f"{d.code} {d.what}" for d in check(folder).diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        BASE + "profile: dcgm\n",
        BASE + QUERY,
        BASE + "profile: kube\nfact: usage\nstep: 10s\nsince: 2026-01-01\ntoken: ${PROM_TOKEN}\n",
        "source: a\nkind: opencost\npath: a.json\n",
    ],
)
def test_a_sound_source_is_taken(tmp_path: Path, text: str) -> None:
    """Its fact need not be written: it can hold one alone."""
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BASE + "profile: nvidia\n", "HW105 'profile' is 'nvidia'"),
        (BASE, "HW104 neither 'profile' nor 'queries' is given"),
        (BASE + "profile: dcgm\n" + QUERY, "HW105 both 'profile' and 'queries' are given"),
        (BASE + "profile: dcgm\nstep: 7min\n", "HW105 'step' must go into a day"),
        (BASE + "profile: dcgm\nstep: 1s\n", "HW105 'step' must go into a day"),
        (BASE + "profile: dcgm\nstep: 2h\n", "HW105 'step' must go into a day"),
        (BASE + "profile: dcgm\nstep: 0s\n", "HW105 'step' must go into a day"),
        (BASE + "profile: dcgm\nwatts: {idle: 500}\n", "HW105 'full' must be above 'idle'"),
        (BASE + "profile: dcgm\ntoken: abcdef\n", "HW105 'token' stands in clear"),
        (BASE + "profile: dcgm\nfact: cost\n", "HW105 'prometheus' fills the fact usage, not 'cost'"),
        (BASE + 'profile: dcgm\nmatch: {"a-b": c}\n', "HW105 'a-b' is no label of Prometheus"),
        (BASE + "profile: dcgm\nholder: my team\n", "HW105 'my team' is no label of Prometheus"),
        (BASE + "profile: dcgm\nworkload: ['pod)']\n", "HW105 'pod)' is no label of Prometheus"),
        ("source: fleet\nkind: prometheus\nprofile: dcgm\n", "HW104 'url' is absent or empty"),
        ("source: fleet\nkind: opencost\n", "HW104 neither 'url' nor 'path' is given"),
        (BASE.replace("${PROM_URL}", "http://ann:pw@host") + "profile: dcgm\n", "HW105 'url' is"),
    ],
)
def test_what_cannot_be_meant_is_told_by_check(tmp_path: Path, text: str, said: str) -> None:
    """One finding each, before anything is asked."""
    found = told(tmp_path, text)
    assert len(found) == 1, found
    assert found[0].startswith(said)
