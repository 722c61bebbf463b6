"""The record that ``headway capacity --format json`` prints, ``headway.capacity/1``."""

# ruff: noqa: INP001  (pages and their tools, found by path)

from __future__ import annotations

from docs.schemas import (
    _DIAGNOSTICS,
    GRADES,
    Schema,
    _count,
    _flag,
    _list,
    _map,
    _moment,
    _money,
    _number,
    _object,
    _open,
    _or_null,
    _ref,
    _text,
    _word,
)

_ENDS = ("value", "low", "high")


def _shares(means: str) -> Schema:
    return {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 3,
        "maxItems": 3,
        "description": f"{means}: value, low and high",
    }


def _steps(means: str) -> Schema:
    return _list(f"{means}, per step; null where there was none", {"type": ["number", "null"]})


DEFS: dict[str, Schema] = {
    "ends": _object("a number with its interval, at 95 %", **{end: _number(end) for end in _ENDS}),
    "capacity_course": _object(
        "a load over time, for drawing",
        starts=_number("seconds since 1970 of the first step"),
        step=_number("how long a step is, in seconds"),
        split=_or_null(_number("where the part begins that the policy had not seen; null without a replay")),
        mean=_steps("mean use"),
        peak=_steps("highest use"),
        granted=_steps("what was granted"),
        replayed=_steps("what the policy would have granted"),
        short=_steps("the share of bins in which use was above that"),
    ),
    "replayed": _object(
        "what a policy would have done on history that it had not seen",
        saving=_ref("ends"),
        short=_ref("ends"),
        unserved=_ref("ends"),
        slack=_number("share of its grant that was not used"),
        workloads_above=_number("share of workloads that were short more often than allowed"),
        samples=_count("bins scored"),
        workloads=_count("workloads scored"),
    ),
    "capacity_row": _object(
        "one workload and resource",
        workload=_text("its name"),
        unit=_text("of what is granted"),
        rung=_text("R1 to R4: how directly work was observed; empty where no source says it"),
        now=_number("what is granted now"),
        advised=_or_null(_number("what is advised; null where nothing is")),
        direction=_or_null(_word("more, less or as it is", ("up", "down", "keep"))),
        saving_per_month=_or_null(
            _money("what that saves, in the portfolio's currency; null without a price")
        ),
        replayed=_or_null(_ref("replayed")),
        promised=_or_null(_ref("ends")),
        history=_object(
            "what its history allows",
            level=_word("no advice, grants renewed daily, or standing ones", ("none", "rolling", "static")),
            window=_ref("window"),
            sufficient_on=_or_null(_text("the day on which the next level is reached")),
            shift=_or_null(_ref("ends")),
            saturated=_flag("whether use lies so often at the grant that demand is not known"),
            season_hours=_count("the cycle that it shows"),
        ),
        why_not=_or_null(
            _object("why nothing is advised", code=_text("its code; may be empty"), why=_text("in one line"))
        ),
        policy=_text("what it was sized by"),
        parameters=_open("what the policy was run with"),
        binds=_text("the resource that decides, where several are advised together"),
        grade=_word("C at best: observational", GRADES),
        grade_reasons=_list("why it is not better", _text("one reason")),
        valid_until=_moment("until when the advice stands"),
        course=_or_null(_ref("capacity_course")),
    ),
    "capacity_answer": _object(
        "one answer to how much could go",
        name=_word("which", ("idle", "joint slice", "right size", "pool")),
        share=_or_null(_number("of what is granted; null where it was not measured")),
        low=_or_null(_number("lower end")),
        high=_or_null(_number("upper end")),
        means=_text("what it means, or why it was not measured; an idle share is no saving"),
    ),
    "waste": _object(
        "waste by its definition",
        share=_ref("ends"),
        per_month=_or_null(_list("value, low and high; null without a price", _money("an amount"))),
        lines=_list(
            "lines that do not overlap, in their order",
            _object(
                "one line",
                name=_text("its name"),
                share=_or_null(_shares("of what is paid for")),
                per_month=_or_null(_shares("the same in money")),
                why=_text("why it was not measured, or how it came about"),
            ),
        ),
    ),
    "capacity_resource": _object(
        "one resource of a component",
        resource=_text("gpu, gpu.memory, cpu, memory ..."),
        unit=_text("of its amounts"),
        rungs=_list("how directly work was observed", _text("a rung")),
        window=_ref("window"),
        workloads=_count("how many"),
        advised=_map("direction to how many are advised it", _count("how many")),
        why_not=_text("why nothing is advised; empty where something is"),
        sufficient_on=_or_null(_text("the day on which there will be enough history")),
        granted=_number("what is granted on average"),
        need=_or_null(_ref("ends")),
        replayed=_or_null(_ref("replayed")),
        price=_object(
            "what a unit costs",
            per_unit_month=_or_null(_money("in the portfolio's currency; null without a price")),
            basis=_text("how that came about, or why there is none"),
        ),
        saving_per_month=_or_null(_money("all advice together")),
        waste=_or_null(_ref("waste")),
        answers=_list("how much could go, by four answers", _ref("capacity_answer")),
        course=_ref("capacity_course"),
        rows=_list("every workload, those with most at stake first", _ref("capacity_row")),
    ),
}


def fields() -> dict[str, Schema]:
    """The members of the record."""
    return {
        "as_of": _moment("the moment judged"),
        "portfolio": _object(
            "the portfolio",
            name=_text("its name"),
            title=_text("its title"),
            currency=_text("ISO 4217"),
            time_zone=_text("in which days are cut"),
        ),
        "observe": _flag("whether it was only replayed, and nothing advised"),
        "definition": _text("what counts as waste"),
        "components": _list(
            "every metered component",
            _object(
                "one component",
                name=_text("its name"),
                title=_text("its title"),
                initiatives=_list(
                    "whom it was read for",
                    _object("one", name=_text("its name"), title=_text("its title")),
                ),
                source=_text("the source that meters it"),
                dated=_flag("whether its rows say when they were; without, no replay can be run"),
                policy=_text("what it is sized by"),
                short=_number("the share of bins in which a grant may be too small"),
                history=_text("how far back is looked"),
                resources=_list("its resources, the priced one first", _ref("capacity_resource")),
            ),
        ),
        "diagnostics": _DIAGNOSTICS,
    }
