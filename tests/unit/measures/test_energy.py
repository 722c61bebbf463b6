"""Energy and carbon: metered where a meter counts, reckoned and said so where none does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.small import FRAMED, Declare, codes, estimates, missing, reviewed

from headway.measures.spend.power import DeviceHours, kwh_of, shared_out

COMPONENT = """\
component: pool
usage: meter
energy: {device: A100 SXM4 80 GB, pue: 1.2, grid: DEU, factors: [grid, powers]}
"""
SOURCES = """\
source: meter
kind: file
path: meter.csv
fact: usage
---
source: grid
kind: carbon_factors
path: grid.csv
---
source: powers
kind: carbon_factors
path: powers.csv
"""
GRID = """\
iso_code,country_name,year,carbon_intensity
DEU,Germany,2023,380.950
FRA,France,2023,56.039
SWE,Sweden,2019,40.7
"""
POWERS = "name,type,tdp_watts,source\nA100 SXM4 80 GB,gpu,400,a data sheet\n"
USES = FRAMED + "uses: [pool]\n"
Rows = list[tuple[Any, ...]]


def day(workload: str, used: float, granted: float = 1, holder: str = "trial", resource: str = "gpu") -> Rows:
    """Twenty-four hours of one workload, of the same use."""
    return [(workload, resource, f"2026-03-01 {h:02d}:00:00", granted, used, holder) for h in range(24)]


def write(folder: Path, rows: Rows, units: str = "") -> Path:
    """Write the meter and both tables."""
    head = "workload,resource,ts,granted,used,holder" + (",unit" if units else "")
    lines = [",".join(map(str, row)) + (f",{units}" if units else "") for row in rows]
    (folder / "meter.csv").write_text("\n".join([head, *lines]) + "\n")
    (folder / "grid.csv").write_text(GRID)
    (folder / "powers.csv").write_text(POWERS)
    return folder


def scene(declare: Declare, rows: Rows, units: str = "", **more: str) -> Path:
    """A pool that the trial uses, with its meter."""
    return write(
        declare(**{"component": COMPONENT, "sources": SOURCES, "initiative": USES, **more}), rows, units
    )


def test_without_a_counter_energy_is_power_times_idle_share_and_use_and_says_so(declare: Declare) -> None:
    """An A100 at half use for a day, PUE 1.2: 6.624 kWh, 2,523.4 g in Germany; grade D, and why."""
    made = reviewed(scene(declare, day("w", 0.5)))
    found = estimates(made, "energy")
    energy, carbon = found["energy [pool]"], found["carbon [pool]"]
    assert (energy["value"], energy["unit"], energy["grade"]) == (pytest.approx(6.624), "kWh", "D")
    assert (carbon["value"], carbon["unit"]) == (pytest.approx(2.5234, abs=5e-5), "kg CO2e")
    assert (carbon["factor"], carbon["g_per_kwh"]) == ("Germany, 2023", 380.95)
    # 400 W x 0.15 x 24 h x 1.2 is drawn by waiting, and is the holder's.
    assert energy["idle_kwh"] == pytest.approx(1.728)
    reasons = next(e for e in made.collected.evidence["trial"] if e.metric == "energy [pool]")
    assert reasons.estimate.grade_reasons == (
        "no meter counts energy: 400 W by design, of which an idle device is assumed to draw 15 %",
    )
    assert "HW449" not in codes(made)


def test_the_same_energy_is_less_carbon_on_a_cleaner_grid(declare: Declare) -> None:
    """In France 371.2 g."""
    folder = scene(declare, day("w", 0.5), component=COMPONENT.replace("DEU", "FRA"))
    assert estimates(reviewed(folder), "energy")["carbon [pool]"]["value"] == pytest.approx(0.3712, abs=5e-5)


@pytest.mark.parametrize(
    ("resource", "used", "unit"),
    [("energy", 0.23, "kWh"), ("energy", 0.23 * 3.6e9, "mJ"), ("power", 230, "W"), ("power", 0.23, "kW")],
)
def test_a_meter_of_energy_or_power_is_believed_before_any_design_power(
    declare: Declare, resource: str, used: float, unit: str
) -> None:
    """230 W for a day are 5.52 kWh, whatever the unit, and 6.624 with the building's part."""
    rows = day("w", used, resource=resource) + day("w", 0.9)
    found = estimates(reviewed(scene(declare, rows, unit)), "energy")["energy [pool]"]
    assert (found["value"], found["grade"]) == (pytest.approx(6.624), "C")


def test_energy_is_not_counted_twice_where_power_is_metered_too(declare: Declare) -> None:
    """The counter is the better of the two."""
    rows = day("w", 0.23, resource="energy") + day("w", 999, resource="power")
    assert estimates(reviewed(scene(declare, rows)), "energy")["energy [pool]"]["value"] == pytest.approx(
        6.624
    )


def test_a_shared_device_is_divided_by_work_and_never_whole_to_each(declare: Declare) -> None:
    """Two tenants of one metered GPU get what it drew between them, and no more (codecarbon #936)."""
    rows = (
        day("gpu-0", 0.23, holder="", resource="energy")
        + day("a", 0.3, granted=0.5, holder="trial")
        + day("b", 0.1, granted=0.5, holder="other")
    )
    other = FRAMED.replace("trial", "other") + "uses: [pool]\n"
    made = reviewed(scene(declare, rows, other=other))
    parts = [estimates(made, "energy", n)["energy [pool]"]["value"] for n in ("trial", "other")]
    assert sum(parts) == pytest.approx(6.624)
    assert parts[0] / sum(parts) == pytest.approx((0.15 * 0.5 + 0.85 * 0.3) / (0.15 + 0.85 * 0.4))


def test_idle_energy_belongs_to_whoever_holds_the_device(declare: Declare) -> None:
    """A workload that does nothing all day still draws what an idle device draws."""
    rows = day("busy", 0.5, holder="other") + day("idle", 0.0, holder="trial")
    found = estimates(reviewed(scene(declare, rows)), "energy")["energy [pool]"]
    assert found["value"] == found["idle_kwh"] == pytest.approx(1.728)


def test_energy_of_devices_that_nobody_holds_or_uses_is_nobodys(declare: Declare) -> None:
    """It is smeared over nobody."""
    rows = day("gpu-0", 0.23, holder="", resource="energy") + day("w", 0.1, holder="trial", resource="energy")
    found = estimates(reviewed(scene(declare, rows)), "energy")["energy [pool]"]
    assert found["value"] == pytest.approx(0.1 * 24 * 1.2)


def test_a_meter_without_holders_is_divided_by_declared_shares_or_not_at_all(declare: Declare) -> None:
    """What two initiatives use belongs to neither until somebody says how it is divided."""
    other = FRAMED.replace("trial", "other") + "uses: [pool]\n"
    folder = scene(declare, day("w", 0.5), other=other)
    text = (folder / "meter.csv").read_text()
    (folder / "meter.csv").write_text("\n".join(line.rpartition(",")[0] for line in text.splitlines()) + "\n")
    assert "2 initiatives use pool" in missing(reviewed(folder), "energy")["energy [pool]"][1]
    (folder / "component.yaml").write_text(COMPONENT + "cost: {shares: {trial: 25 %, other: 75 %}}\n")
    found = estimates(reviewed(folder), "energy")["energy [pool]"]["value"]
    assert found == pytest.approx(6.624 / 4)
    rows = [(*row[:5],) for row in day("w", 0.23, resource="energy")]
    lines = [",".join(map(str, row)) for row in rows]
    (folder / "meter.csv").write_text("\n".join(["workload,resource,ts,granted,used", *lines]) + "\n")
    assert estimates(reviewed(folder), "energy")["energy [pool]"]["value"] == pytest.approx(6.624 / 4)


def test_carbon_per_outcome_counts_what_was_made_while_it_ran(declare: Declare) -> None:
    """2,523.4 g over 100 claims of that day; those of the next day are not its own."""
    counts = "source: claims\nkind: file\npath: claims.csv\nfact: series\n"
    unit = "unit_cost: {per: claim, source: claims, metric: settled}\n"
    folder = scene(declare, day("w", 0.5), initiative=USES + unit, claims=counts)
    (folder / "claims.csv").write_text(
        "metric,unit_id,ts,value\nsettled,a,2026-03-01 09:00:00,100\nsettled,a,2026-03-02 09:00:00,50\n"
    )
    found = estimates(reviewed(folder), "energy")["carbon_intensity [pool]"]
    assert (found["value"], found["unit"]) == (pytest.approx(25.234, abs=1e-3), "g CO2e per claim")


def test_without_outcomes_carbon_is_told_per_thousand_tokens_with_what_making_the_device_emitted(
    declare: Declare,
) -> None:
    """150 kg over four years of 8,766 hours, for 24 of them."""
    rows = day("w", 0.5) + day("w", 1000, resource="tokens.input") + day("w", 500, resource="tokens.output")
    made = COMPONENT.replace("grid: DEU", "grid: DEU, embodied: {kilograms: 150, years: 4}")
    found = estimates(reviewed(scene(declare, rows, component=made)), "energy")["carbon_intensity [pool]"]
    embodied = 150_000 * 24 / (4 * 8766)
    assert found["unit"] == "g CO2e per 1,000 tokens"
    assert found["value"] == pytest.approx((6.624 * 380.95 + embodied) / 36)


def test_where_two_tables_disagree_the_first_declared_holds_and_both_are_shown(declare: Declare) -> None:
    """Neither is averaged, and neither is hidden."""
    regions = COMPONENT.replace("DEU", "gcp/asia-east1").replace("[grid,", "[new, old,")
    more = "source: {}\nkind: carbon_factors\npath: {}.csv\ndated: {}\n"
    folder = scene(
        declare, day("w", 0.5), component=regions, new=more.format("new", "new", "2025-01-01"),
        old=more.format("old", "old", "2021-01-01"),
    )  # fmt: skip
    for name, grams in (("new", 451), ("old", 557)):
        (folder / f"{name}.csv").write_text(
            f"provider,region,impact,source\ngcp,asia-east1,{grams},{name} page\n"
        )
    made = reviewed(folder)
    found = estimates(made, "energy")["carbon [pool]"]
    assert found["value"] == pytest.approx(6.624 * 0.451)
    assert (found["factor"], found["other_factors"]) == ("new page, 2025", ["557 g/kWh, old page, 2021"])
    assert "HW449" not in codes(made)


@pytest.mark.parametrize(
    ("grid", "what"),
    [
        ("SWE", "the carbon factor of 'SWE' is of 2019, more than 3 years ago"),
        ("NOR", "no table states the carbon of the grid 'NOR'"),
        ("x/y", "nothing tells the year of the carbon factor of 'x/y'"),
    ],
)
def test_a_carbon_factor_that_is_old_absent_or_of_no_year_is_found(
    declare: Declare, grid: str, what: str
) -> None:
    """It is used where there is one, with the finding beside it."""
    folder = scene(
        declare, day("w", 0.5), component=COMPONENT.replace("DEU", grid).replace("[grid,", "[grid, more,"),
        more="source: more\nkind: carbon_factors\npath: more.csv\n",
    )  # fmt: skip
    (folder / "more.csv").write_text("provider,region,impact\nx,y,100\n")
    made = reviewed(folder)
    assert [d.what for d in made.diagnostics if d.code == "HW449"] == [what]
    assert ("carbon [pool]" in estimates(made, "energy")) == (grid != "NOR")


@pytest.mark.parametrize(
    ("component", "why"),
    [
        (COMPONENT.replace("usage: meter\n", ""), "no source meters what pool uses"),
        (COMPONENT.replace("A100 SXM4 80 GB", "B999"), "no table states the power of 'B999'"),
        (COMPONENT.replace("device: A100 SXM4 80 GB, ", ""), "its meter counts neither energy nor power"),
    ],
)
def test_energy_that_cannot_be_known_says_what_is_missing(declare: Declare, component: str, why: str) -> None:
    """No power is made up."""
    made = reviewed(scene(declare, day("w", 0.5), component=component))
    assert missing(made, "energy")["energy [pool]"][1].startswith(why)
    assert ("HW351" in codes(made)) == ("B999" in component)


def test_watts_may_be_written_where_no_table_names_the_device(declare: Declare) -> None:
    """And then no table is needed; without a grid there is energy and no carbon."""
    written = "component: pool\nusage: meter\nenergy: {watts: 400, pue: 1.2}\n"
    found = estimates(reviewed(scene(declare, day("w", 0.5), component=written)), "energy")
    assert {m: round(e["value"], 3) for m, e in found.items()} == {"energy [pool]": 6.624}


def test_a_meter_that_cannot_be_read_costs_its_energy_only(declare: Declare) -> None:
    """The reason is the source's own."""
    folder = scene(declare, day("w", 0.5))
    (folder / "meter.csv").unlink()
    assert missing(reviewed(folder), "energy")["energy [pool]"][0] == "source_failed"


def test_bins_of_any_length_and_with_gaps_are_told_from_their_days(declare: Declare) -> None:
    """Half-hours of two days, of which the second has a gap: 36 hours of them, not 48."""
    times = [(d, h, m) for d in (1, 2) for h in range(24) for m in (0, 30) if d == 1 or not 6 <= h < 18]
    rows = [("w", "gpu", f"2026-03-{d:02d} {h:02d}:{m:02d}:00", 1, 0.5, "trial") for d, h, m in times]
    found = estimates(reviewed(scene(declare, rows)), "energy")["energy [pool]"]
    assert found["device_hours"] == pytest.approx(36)


tenants = st.dictionaries(
    st.sampled_from("abcdef"),
    st.builds(DeviceHours, st.floats(0, 100), st.floats(0, 100)),
    min_size=1,
)


@given(st.floats(0, 1e6), tenants)
def test_parts_of_a_shared_device_add_up_to_it(kwh: float, who: dict[str, DeviceHours]) -> None:
    """For any tenants; where nobody holds or uses it, nobody is charged."""
    parts = shared_out(kwh, who, 0.15)
    assert sum(parts.values()) == pytest.approx(kwh if parts else 0.0)
    assert all(p >= 0 for p in parts.values())


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_use_never_draws_less(one: float, two: float) -> None:
    """And an idle device draws its idle share."""
    low, high = sorted((one, two))
    assert kwh_of(DeviceHours(1, low), 400, 0.15) <= kwh_of(DeviceHours(1, high), 400, 0.15) + 1e-12
    assert kwh_of(DeviceHours(1, 0), 400, 0.15) == pytest.approx(0.06)
