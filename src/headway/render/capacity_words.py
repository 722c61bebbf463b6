"""The sentences and cells of a capacity record, the same for a terminal and a page."""

from __future__ import annotations

from collections.abc import Iterator

from headway.render.base import Record
from headway.render.figures import day, money, share, significant, span

ARROWS = {"up": "↑", "down": "↓", "keep": "="}
_DIRECTIONS = (("down", "can shrink"), ("up", "must grow"), ("keep", "stay as they are"))
_SUMMED = "its use arrives summed, without the hours; no replay can be run, and nothing is advised."
LEVELS = {"none": "too short", "rolling": "rolling", "static": "whole"}


def headline(record: Record) -> list[str]:
    """What there is to say first: per component and resource one sentence or two."""
    made = [s for c in record["components"] for r in c["resources"] for s in _of_resource(record, c, r)]
    made += [f"{c['title']}: {_SUMMED}" for c in record["components"] if not c["dated"]]
    if not made:
        made.append("Nothing is advised: no use of any component was seen.")
    return made


def _of_resource(record: Record, component: Record, one: Record) -> Iterator[str]:
    name = f"{component['title']}, {one['resource']}"
    if one["why_not"]:
        enough = f"; enough on {day(one['sufficient_on'])}" if one["sufficient_on"] else ""
        yield f"{name}: nothing is advised. {_sentence(one['why_not'] + enough)}"
        if one["replayed"]:
            yield f"{_sentence(_replay(one))} This was observed; it is no advice."
        return
    counts = [f"{n} {words}" for d, words in _DIRECTIONS if (n := one["advised"][d])]
    held = one["workloads"] - sum(one["advised"].values())
    counts += [f"{held} without advice"] if held else []
    worth = one["saving_per_month"]
    price = f" Worth {money(worth, record['portfolio']['currency'])} a month." if worth is not None else ""
    yield f"{name}: {_replay(one)} Of {one['workloads']} grants {', '.join(counts)}.{price}"


def _replay(one: Record) -> str:
    replayed, need = one["replayed"], one["need"]
    less = replayed["saving"]
    word = "less" if less["value"] >= 0 else "more"
    return (
        f"of {amount(one['granted'], one['unit'])} granted the replay needed {significant(need['value'])}, "
        f"{share(abs(less['value']))} {word} ({percents(less)}), and was short in "
        f"{share(replayed['short']['value'])} of samples."
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


def title(component: Record, one: Record) -> str:
    """A resource of a component, over which days and how directly it was observed."""
    rungs = f", {', '.join(one['rungs'])}" if one["rungs"] else ""
    unit = f", in {one['unit']}" if one["unit"] else ""
    many = f"{one['workloads']} workload{'s' if one['workloads'] != 1 else ''}"
    return f"{component['title']}, {one['resource']}: {many}, {span(one['window'])}{unit}{rungs}"


def amount(value: float, unit: str) -> str:
    """An amount of a resource with its unit.

    >>> amount(0.4567, "devices"), amount(3.2e9, "bytes")
    ('0.457 devices', '3.2 GB')
    """
    if unit == "bytes":
        for size, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
            if abs(value) >= size:
                return f"{significant(value / size)} {name}"
    return f"{significant(value)} {unit}".strip()


def bare(value: float, unit: str) -> str:
    """An amount without the unit, which stands above; bytes keep theirs, since it changes with the size."""
    return amount(value, unit if unit == "bytes" else "")


def percents(ends: Record) -> str:
    """Both ends of a share, in per cent.

    >>> percents({"low": 0.39, "high": 0.481})
    '39 to 48.1 %'
    """
    low, high = (f"{ends[k] * 100:.3g}".replace("-", "−") for k in ("low", "high"))
    return f"{low} to {high} %"


def advised(row: Record) -> str:
    """The grant that is advised and its direction, or nothing."""
    if row["advised"] is None:
        return "–"
    return f"{bare(row['advised'], row['unit'])} {ARROWS[row['direction']]}"


def saving(row: Record) -> str:
    """The share of its grant that the advice gives back."""
    if row["advised"] is None or not row["now"]:
        return "–"
    return share(1 - row["advised"] / row["now"]) if row["advised"] <= row["now"] else grown(row)


def grown(row: Record) -> str:
    """How much more than now is advised."""
    return f"+{(row['advised'] / row['now'] - 1) * 100:.3g} %"


def monthly(row: Record, currency: str) -> str:
    """What the advice saves a month, or nothing."""
    return "–" if row["saving_per_month"] is None else money(row["saving_per_month"], currency)


def short(row: Record) -> str:
    """The share of samples in which the replayed grant was too small, with its interval."""
    if row["replayed"] is None:
        return "–"
    found = row["replayed"]["short"]
    if found["low"] == found["high"]:
        return share(found["value"])
    return f"{share(found['value'])} ({percents(found)})"


def promised(row: Record) -> str:
    """The interval in which the saving is to be found again."""
    return "–" if row["promised"] is None else percents(row["promised"])


def history(row: Record) -> str:
    """The level of its history, and what was seen in it."""
    of = row["history"]
    marks = [w for w, on in (("saturated", of["saturated"]),) if on]
    return ", ".join([LEVELS[of["level"]], *marks])


def why_not(row: Record) -> str:
    """Why nothing is advised, and from when on there is enough."""
    if row["why_not"] is None:
        return ""
    until = None if row["why_not"]["code"] == "HW450" else row["history"]["sufficient_on"]
    code = f"{row['why_not']['code']}: " if row["why_not"]["code"] else ""
    return f"{code}{row['why_not']['why']}" + (f"; enough on {day(until)}" if until else "")


def answer(one: Record) -> str:
    """One of the four answers as a number."""
    if one["share"] is None:
        return "–"
    ends = "" if one["low"] is None or one["low"] == one["high"] else f" ({percents(one)})"
    return share(one["share"]) + ends


def waste_total(waste: Record, currency: str) -> str:
    """The share that is waste, and its money a month."""
    told = f"{share(waste['share']['value'])} ({percents(waste['share'])}) of what is granted"
    if waste["per_month"]:
        value, low, high = (money(x, currency) for x in waste["per_month"])
        told += f", {value} a month ({low.removesuffix(f' {currency}')} to {high})"
    return told


def waste_line(line: Record, currency: str) -> str:
    """One line of waste: its share and money, or why it was not measured."""
    if line["share"] is None:
        return f"not measured: {line['why']}"
    told = share(line["share"][0])
    told += f", {money(line['per_month'][0], currency)} a month" if line["per_month"] else ""
    return told + (f": {line['why']}" if line["why"] else "")


def no_waste(component: Record, one: Record) -> str:
    """Why no waste is told though something is advised: its policy is short too often."""
    replayed = one["replayed"]
    if one["waste"] or one["why_not"] or replayed is None or replayed["short"]["value"] <= component["short"]:
        return ""
    often, allowed = share(replayed["short"]["value"]), share(component["short"])
    return f"the policy is short in {often} of samples, more than {allowed}: what it avoids is no waste"
