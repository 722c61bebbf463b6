"""The fact ``usage``: what was granted and what was used, per workload, resource and moment."""

from __future__ import annotations

from headway.facts.base import Column, Fact

USAGE = Fact(
    name="usage",
    meaning="one bin of one workload and resource: what it held and used; a missing bin is missing, never 0",
    columns=(
        Column("workload", "text", "what held the resource: pod, service, job", required=True),
        Column("resource", "text", "gpu, gpu.memory, cpu, memory ...", required=True),
        Column("ts", "moment", "start of the bin", required=True),
        Column("granted", "number", "what was held, in `unit`", required=True),
        Column("used", "number", "mean use over the bin, in `unit`", required=True),
        Column("used_max", "number", "peak use inside the bin"),
        Column("capacity", "number", "what there is to be granted at most, in `unit`"),
        Column("samples", "integer", "readings that the bin is made of"),
        Column("holder", "text", "initiative or team that holds it"),
        Column("unit", "text", "devices, bytes, cores ..."),
        Column("rung", "text", "R1 to R4: how directly work was observed"),
    ),
    key=("workload", "resource", "ts"),
    time="ts",
    open=False,
    summed=(
        Column("workload", "text", "what held the resource", required=True),
        Column("resource", "text", "gpu, memory ...", required=True),
        Column(
            "bucket",
            "text",
            "log-histogram bucket of used/granted: an integer, `zero` or `underflow`",
            required=True,
        ),
        Column("n", "integer", "bins in this bucket", required=True),
        Column("sum_used", "number", "sum of use over them", required=True),
        Column("sum_granted", "number", "sum of what was granted over them", required=True),
        Column("holder", "text", "initiative or team that holds it"),
        Column("rung", "text", "R1 to R4"),
        Column("ts", "moment", "newest bin"),
    ),
)
