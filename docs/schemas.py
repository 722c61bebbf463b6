"""The JSON Schemas (2020-12) of what `--format json` prints, one for each `headway.NAME/1`."""

# ruff: noqa: INP001  (pages and their tools, found by path)

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

STATES = ("met", "missed", "inconclusive", "missing", "waived")
GATES = ("framed", "pilot", "scale", "operate", "keep")
STAGES = ("proposed", "framed", "piloting", "scaling", "operating", "retired")
STATUSES = ("active", "on-hold", "rejected")
MODES = ("observe", "warn", "block")
GRADES = ("A", "B", "C", "D")
KINDS = (
    "approve",
    "approve_with_conditions",
    "request_changes",
    "reject",
    "withdraw",
    "hold",
    "resume",
    "retire",
)
REASONS = (
    "",
    "none",
    "stale",
    "source_failed",
    "below_min_n",
    "grade",
    "level",
    "coverage",
    "suppressed",
    "unit",
    "superseded",
    "subject_changed",
)


def _text(means: str, **more: Any) -> Schema:
    return {"type": "string", "description": means, **more}


def _word(means: str, words: tuple[str, ...]) -> Schema:
    return _text(means, enum=list(words))


def _number(means: str, **more: Any) -> Schema:
    return {"type": "number", "description": means, **more}


def _count(means: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": means}


def _flag(means: str) -> Schema:
    return {"type": "boolean", "description": means}


def _money(means: str) -> Schema:
    return _text(means, pattern=r"^-?[0-9]+(\.[0-9]+)?$")


def _moment(means: str) -> Schema:
    return _text(means, pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def _list(means: str, of: Schema) -> Schema:
    return {"type": "array", "items": of, "description": means}


def _map(means: str, of: Schema) -> Schema:
    return {"type": "object", "additionalProperties": of, "description": means}


def _open(means: str) -> Schema:
    return {"type": "object", "description": means}


def _object(means: str, /, **fields: Schema) -> Schema:
    return {
        "type": "object",
        "description": means,
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _or_null(one: Schema) -> Schema:
    return {
        "anyOf": [{k: v for k, v in one.items() if k != "description"}, {"type": "null"}],
        "description": one.get("description", ""),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


_DEFS: dict[str, Schema] = {
    "kept_file": _object(
        "a file that saves time",
        kind=_text("what it keeps"),
        file=_text("where it lies"),
        bytes=_count("its size"),
        used=_moment("when it was last used"),
    ),
    "place": _object(
        "where it stands",
        file=_text("relative to the portfolio"),
        line=_count("from 1; in a ledger, the entry's number"),
        column=_count("from 1"),
    ),
    "examined": _object(
        "one thing that was looked at",
        area=_word("where it belongs", ("environment", "portfolio", "source", "secret")),
        name=_text("what was looked at"),
        state=_word("how it is; only `wrong` moves the exit status", ("well", "note", "warning", "wrong")),
        what=_text("how it is, in one line"),
        mend=_text("one action; empty where nothing is to be done"),
        code=_text("its code; empty where it has none"),
        place=_text("file:line:column; empty where it has none"),
    ),
    "source_examined": _object(
        "a source as it answered",
        name=_text("as declared"),
        kind=_text("of system"),
        fact=_text("the fact it fills"),
        rows=_or_null(_count("rows; null where it did not answer")),
        newest=_or_null(_moment("the newest row; null where nothing dates its rows")),
        age_days=_or_null({"type": "integer", "description": "whole days from the newest row to now"}),
        columns=_list("columns of the contract that it has", _text("a column")),
        lacks=_list("columns of the contract that it has not", _text("a column")),
        more=_list("further columns", _text("a column")),
        noted=_map("what a person may want to know of its rows, in words by heading", _text("words")),
        findings=_list("what is to be said of it", _ref("examined")),
    ),
    "next_source": _object(
        "the source to bind next",
        by=_text("the source in plain words"),
        why=_text("what it would settle"),
        fact=_text("the fact it fills"),
        initiatives=_list("whom it would help", _text("an initiative")),
        requirements=_list("open requirements it would settle", _text("an id")),
        lines=_list(
            "the document of the source, then the lines that use it",
            _object("lines to write", file=_text("into which file"), yaml=_text("the lines")),
        ),
        lacks=_list("required columns that the file looked at has not", _text("a column")),
    ),
    "diagnostic": _object(
        "one finding",
        code=_text("never changes its meaning", pattern=r"^HW\d{3}$"),
        severity=_word("only an error moves an exit status", ("error", "warning", "note")),
        what=_text("what is wrong, in one line"),
        place=_ref("place"),
        mend=_text("one action that settles it"),
        see=_list(
            "further places",
            _object("a place with a word", place=_text("file:line:column"), word=_text("why")),
        ),
        subject=_or_null(_text("the initiative or source it concerns")),
    ),
    "requirement": _object(
        "one requirement as judged",
        id=_text("gate.component.name"),
        state=_word("its state", STATES),
        saw=_text("what was found"),
        need=_text("what is asked"),
        reason=_word("why it is missing; empty in any other state", REASONS),
        evidence_ids=_list("the evidence it rests on", _text("an evidence id")),
        mode=_word("how strictly it holds", MODES),
        move=_text("the role whose move it is"),
        who=_text("the seat or person in that role here"),
        guidance=_text("which evidence is expected"),
    ),
    "verdict": _object(
        "a gate's answer",
        initiative=_text("whom it is about"),
        gate=_word("the gate judged", GATES),
        mode=_word("the gate's ceiling", MODES),
        rules=_text("name and digest of the operating model in force"),
        as_of=_moment("the moment judged"),
        state=_word("over all requirements", STATES),
        enforced=_word("over the blocking requirements alone; the exit status follows it", STATES),
        requirements=_list("each requirement", _ref("requirement")),
    ),
    "estimate": _object(
        "a value with its doubt",
        value=_number("the estimate, in `unit`"),
        low=_number("lower end of its interval"),
        high=_number("upper end of its interval"),
        level=_number("coverage of the interval; 1 for a count", exclusiveMinimum=0, maximum=1),
        unit=_text("the unit of value, low and high"),
        n=_count("units it rests on"),
        method=_text("the estimator, in one line"),
        detail=_open("further figures of the estimator: se, df, clusters, arm, role ..."),
    ),
    "window": _object(
        "first and last moment of the data", **{"from": _moment("first"), "to": _moment("last")}
    ),
    "provenance": _object(
        "where the sums came from",
        source=_text("the source's name"),
        fact=_text("the fact it fills"),
        digest=_text("of its content and declaration"),
        request=_text("digest of what was asked"),
        rows=_or_null(_count("rows it held; null where nobody counted them")),
        citation=_text("the publication"),
        licence=_text("of the rows"),
    ),
    "evidence": _object(
        "an accepted estimate",
        id=_text("digest of what was asked and on what", pattern="^[0-9a-f]{64}$"),
        subject=_text("the initiative"),
        measure=_text("which measure made it"),
        metric=_text("what was measured; the arm or resource in brackets"),
        estimate=_ref("estimate"),
        grade=_word("how it was identified", GRADES),
        grade_reasons=_list("why it is not better", _text("one reason")),
        observed=_or_null(_ref("window")),
        received_at=_moment("when headway computed it"),
        valid_until=_or_null(_moment("until when it stands by its grade")),
        closed=_flag("whether it is the result of a pilot that has ended"),
        provenance=_list("its sources; none for a published study", _ref("provenance")),
        asked=_open("what shaped the estimate besides its sums; part of the id"),
        sentence=_text("an effect in one sentence; empty for other measures"),
    ),
    "objective": _object(
        "the change that was promised",
        change=_number("with its sign; -0.1 is ten per cent less on a relative scale"),
        scale=_word("what it is a change of", ("absolute", "relative", "log")),
        good={"enum": [-1, 1], "description": "the good direction"},
        metric=_text("the primary metric"),
    ),
    "forecast": _object(
        "a year's gain as promised",
        line=_text("the P&L line"),
        line_title=_text("its title"),
        per_year=_list("P10, P50 and P90", _money("an amount")),
        currency=_text("ISO 4217"),
    ),
    "bill": _object(
        "a bill divided; allocated and unallocated add up to it to the last digit",
        bill=_money("all of it"),
        allocated=_money("what initiatives claim"),
        unallocated=_money("what no initiative bears: the platform's part and what nobody claims"),
        unclaimed=_money("the part of it that no key claims, or that two claim"),
        initiatives=_map("initiative to its part", _money("its part")),
        billed=_money("what is invoiced, the sum of BilledCost"),
        basis=_map("column that cost is made of to its sum", _money("its sum")),
        paths=_map(
            "initiative to how its part came to it; together its part",
            _object(
                "a part of a bill",
                direct=_money("rows that its keys claim"),
                followed=_money("credits, taxes and adjustments that no key claims, about its rows"),
                shared=_map("component to the part of its cost", _money("an amount")),
            ),
        ),
        components=_map(
            "component to its cost and who bears it",
            _object(
                "a component's cost",
                cost=_money("all of it"),
                by=_text("how it is divided; empty where it is not"),
                shared=_money("what initiatives bear"),
                platform=_money("what is left: idle, held by others, or not to be divided"),
            ),
        ),
        rounded=_object(
            "the bill in its minor unit; the parts add up to it by largest remainder",
            bill=_money("all of it"),
            initiatives=_map("initiative to its part", _money("its part")),
            platform=_map("component to what is left of it", _money("an amount")),
            unclaimed=_money("what nobody claims"),
        ),
        by_grade=_map("best grade of the effect behind it, or `none`, to an amount", _money("an amount")),
        exchanged=_map(
            "currency billed in to what it became",
            _object(
                "an amount exchanged", billed=_money("in the bill's currency"), became=_money("in this one")
            ),
        ),
        **{"from": _or_null(_text("first day")), "to": _or_null(_text("last day"))},
    ),
    "outcome": _object(
        "an outcome or P&L line",
        name=_text("its name"),
        title=_text("one line for people"),
        statement=_text("direction, metric, object"),
        customer=_or_null(_text("whose outcome it is")),
        line=_or_null(_word("which line of the P&L it is", ("cost", "revenue", "margin"))),
        metric=_or_null(
            _object(
                "its measure",
                name=_text("the column"),
                unit=_text("its unit"),
                better=_word("the good direction", ("lower", "higher")),
            )
        ),
        baseline=_or_null(
            _object(
                "where it stood before",
                value=_or_null(_number("the level")),
                low=_or_null(_number("lower end")),
                high=_or_null(_number("upper end")),
            )
        ),
        target=_or_null(_object("where it should stand", value=_number("the level"), by=_text("the day"))),
        owner=_or_null(_text("who answers for it")),
        initiatives=_list("initiatives that move it", _text("an initiative")),
        drives=_list("outcomes it drives", _text("an outcome")),
        latest_effect=_or_null(_ref("latest_effect")),
    ),
    "list": _object(
        "a list of initiatives as it was understood",
        file=_text("its name"),
        read_as=_text("encoding and delimiter, or XLSX"),
        sheet=_text("the sheet of a workbook; empty for text"),
        header_rows=_list("rows that the headers stand in, from 1", _count("a row")),
        initiatives=_count("how many were taken in"),
        columns=_list(
            "every column of the list",
            _object(
                "what one column was taken for",
                header=_text("its header; the group before it, where there are two lines"),
                field=_or_null(_text("the field it fills; null: kept as comments; `-`: left away")),
                confidence=_word("how sure", ("told", "sure", "likely", "guess", "")),
                why=_text("the reason"),
                filled=_count("rows that say something"),
                samples=_list("a few of its values", _text("a value")),
            ),
        ),
        words=_list(
            "how the words of a column were read",
            _object(
                "one column",
                field=_text("stage, status or risk"),
                header=_text("the column"),
                read=_list(
                    "the most frequent first",
                    _object(
                        "one word",
                        word=_text("as in the list; empty for blank cells"),
                        rows=_count("how often"),
                        **{"as": _or_null(_text("what it was taken for; null: left open"))},
                    ),
                ),
            ),
        ),
        gaps=_list(
            "what is not known",
            _object(
                "one field",
                field=_text("the field"),
                initiatives=_count("how many do not have it"),
                move=_text("the role whose move it is"),
            ),
        ),
        asked=_list("what a person should confirm or answer", _text("a question")),
        twice=_list(
            "names that stand in several rows",
            _object(
                "one name",
                title=_text("the name"),
                rows=_list("where", _count("a row")),
                ids=_list("the ids they got", _text("an id")),
            ),
        ),
        left_out=_list(
            "rows that are no initiative",
            _object("one row", row=_count("its number"), text=_text("how it begins"), why=_text("why")),
        ),
        remarks=_list("what a reader should know of the cells", _text("a remark")),
    ),
    "initiative": _object(
        "one initiative",
        name=_text("its name"),
        title=_text("one line for people"),
        place=_ref("place"),
        problem=_text("the problem it is for"),
        outcome=_text("the outcome it moves"),
        outcome_title=_text("its title"),
        accountable=_text("who answers for it"),
        sponsor=_or_null(_text("who pays")),
        stage=_word("where it stands", STAGES),
        stage_claimed=_or_null(_word("where a list says that it stands", STAGES)),
        status=_word("whether it goes on", STATUSES),
        gate=_or_null(_word("the gate before it; none once it is retired or rejected", GATES)),
        verdict=_or_null(_word("over all requirements", STATES)),
        enforced=_or_null(_word("over the blocking ones", STATES)),
        decision=_or_null(_ref("decision")),
        objective=_or_null(_ref("objective")),
        forecast=_or_null(_ref("forecast")),
        citation=_text("the publication its figures come from"),
        requirements=_list("each requirement of the gate", _ref("requirement")),
        evidence=_list("accepted evidence", _ref("evidence")),
        missing=_list("evidence that is not there", _ref("missing")),
    ),
}

_DIAGNOSTICS = _list("findings, sorted by place", _ref("diagnostic"))


def _schema(name: str, means: str, /, **fields: Schema) -> Schema:
    body = _object(means, schema={"const": f"headway.{name}/1"}, **fields)
    return _whole(name, body)


def _whole(name: str, body: Schema) -> Schema:
    from docs.capacity_schemas import DEFS as OF_CAPACITY
    from docs.review_schemas import DEFS

    known, defs = {**_DEFS, **DEFS, **OF_CAPACITY}, dict[str, Schema]()
    waiting = _named(body)
    while waiting:
        one = waiting.pop()
        if one not in defs:
            defs[one] = known[one]
            waiting += _named(known[one])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"headway.{name}/1",
        **body,
        "$defs": dict(sorted(defs.items())),
    }


def _named(part: Any) -> list[str]:
    """The definitions that a part refers to."""
    if isinstance(part, list):
        return [n for item in part for n in _named(item)]
    if not isinstance(part, dict):
        return []
    own = [str(part["$ref"]).rsplit("/", 1)[-1]] if "$ref" in part else []
    return own + [n for item in part.values() for n in _named(item)]


def _capacity() -> Schema:
    from docs.capacity_schemas import fields

    return _schema("capacity", "what `headway capacity` found", **fields())


def _explain() -> Schema:
    return _schema(
        "explain",
        "what `headway explain` says of a word",
        what=_text("the word as it was asked"),
        kind=_text(
            "what it is: code, status, term, document, field, requirement, evidence, number, initiative, "
            "outcome, source, component, person, port, fact or a registered kind; `several` where it may be "
            "several"
        ),
        name=_text("the words that lead here again, whatever else bears a like name"),
        title=_text("one line"),
        text=_text("what it means; empty where the rest says all"),
        facts=_list(
            "further facts",
            _object("one of them", label=_text("what it is about"), text=_text("what is known")),
        ),
        parts=_list(
            "lists, sources and queries that belong to it",
            _object(
                "one of them",
                title=_text("its heading"),
                lines=_list("its lines", _text("a line")),
                verbatim=_flag("whether the lines are shown as they stand, such as a query"),
            ),
        ),
        related=_list("what to ask next; of `several`, what it may mean", _text("a word that is explained")),
        record=_or_null(_ref("evidence")),
    )


def _adopt() -> Schema:
    state, mode = _or_null(_word("none where it does not hold", STATES)), _or_null(_word("its mode", MODES))
    rules = _object(
        "an operating model",
        rules=_text("its name and digest"),
        mode=_word("the ceiling of every gate", MODES),
    )
    day = _or_null(_text("the day from which the mode holds", format="date"))
    return _schema(
        "adopt",
        "what `headway gate --adopt` or `--rules` would flip",
        as_of=_moment("the moment judged"),
        portfolio=_text("its name"),
        written=_flag("whether the change was written"),
        before=rules,
        after=rules,
        adopted=_list(
            "the requirements that are adopted; none with --rules",
            _object(
                "one requirement",
                **{"from": _text("the operating model it is taken from")},
                row=_text("gate.component.name"),
                gate=_word("the gate it stands at", GATES),
                days=_object("from when it is how strict", **dict.fromkeys(MODES, day)),
                ceiling=_word("the mode that it cannot exceed", MODES),
                ceiling_from=_text("the line, or the model, that says so"),
                move=_text("the role whose move it is"),
                guidance=_text("which evidence is expected"),
                good_example=_text("what good evidence looks like"),
            ),
        ),
        initiatives=_list(
            "each initiative that stands before a gate",
            _object(
                "both answers of its gate",
                name=_text("the initiative"),
                gate=_word("the gate it stands before", GATES),
                before=_word("its state now", STATES),
                after=_word("its state under the other rules", STATES),
                enforced_before=_word("over blocking requirements alone, now", STATES),
                enforced_after=_word("over blocking requirements alone, then", STATES),
            ),
        ),
        rows=_list(
            "each requirement that is new, gone, or judged or enforced otherwise",
            _object(
                "one requirement of one initiative",
                initiative=_text("the initiative"),
                gate=_word("the gate it stands before", GATES),
                requirement=_text("gate.component.name"),
                before=state,
                after=state,
                mode_before=mode,
                mode_after=mode,
                saw=_text("what was found"),
                need=_text("what is asked"),
                reason=_word("why it is missing; empty in any other state", REASONS),
                move=_text("the role whose move it is"),
                who=_text("the seat or person in that role here"),
                sources=_list("from where missing evidence would come", _text("a source or a file")),
            ),
        ),
        sources=_list(
            "what is missing, by where it would come from",
            _object(
                "one source",
                source=_text("a source, a file, or what has to be declared"),
                rows=_count("requirements that it would settle"),
                initiatives=_list("of which initiatives", _text("an initiative")),
            ),
        ),
        change=_or_null(
            _object(
                "what is put into a file; none with --rules, or where it was refused",
                file=_text("relative to the portfolio"),
                line=_count("the line it stands behind, or in; from 1"),
                diff=_list("the change, line by line", _text("a line of a unified diff")),
            )
        ),
        refused=_list("why it cannot be had", _ref("diagnostic")),
        diagnostics=_list("what the files would newly be told", _ref("diagnostic")),
    )


def _registration() -> Schema:
    share = _or_null(_number("planned share of the units; null where none was planned"))
    margin = _or_null(_number("the margin of that kind; null where another holds"))
    return _object(
        "the design of a pilot as a registration freezes it",
        schema={"const": "headway.registration/1"},
        key=_or_null(_text("the key in the fact exposure")),
        design=_text("how arms are compared"),
        unit=_text("what is assigned"),
        cluster=_or_null(_text("the group whose units are not independent")),
        arms=_map("arm to its planned share", share),
        control=_text("the arm compared with"),
        metric=_text("the primary metric"),
        statistic=_word("what of it is compared", ("mean", "median")),
        objective=_object(
            "the change promised",
            change=_number("with its sign"),
            scale=_word("of the estimate", ("absolute", "relative", "log")),
        ),
        promote_above=_number("what a promotion must exceed"),
        window=_or_null(
            _object(
                "how long one unit is watched",
                length=_text("a duration"),
                absent=_word("what a unit without rows counts as", ("missing", "zero")),
            )
        ),
        covariates=_list("measured before exposure, in order", _text("a column")),
        fixed_effects=_list("category columns, in order", _text("a column")),
        starts=_or_null(_text("the first day", format="date")),
        ends=_or_null(_text("the last day, where it is the one look", format="date")),
        looks=_word("how often it is looked at", ("daily", "weekly", "once")),
        plan=_or_null(
            _object(
                "the size that was planned",
                units=_or_null(_count("units that the boundary is tuned for")),
                icc=_or_null(_number("how alike the units of a cluster are")),
                smallest_effect=_or_null(_number("the smallest effect worth having")),
            )
        ),
        guardrails=_list(
            "metrics that must not become worse, by name",
            _object(
                "one of them",
                metric=_text("its name"),
                kind=_word("how it is compared", ("count", "mean", "series")),
                worse=_word("which direction is bad", ("up", "down")),
                margin=_object("how much worse", **dict.fromkeys(("ratio", "relative", "ceiling"), margin)),
            ),
        ),
        alpha=_number("the level that r is tuned for"),
        r=_number("prior variance of the e-value at the planned end, in squared standard errors"),
    )


def _design() -> Schema:
    weeks = _or_null(_count("whole weeks, the window of the last unit included; null where none are enough"))
    change = _or_null(_number("the change, as a person reads it; null where none is decided"))
    ways = ("once", "looks", "promotion")
    recorded = _object(
        "the registration that is in force",
        recorded={"const": True},
        new=_flag("whether it was written now"),
        seq=_count("the number of its entry"),
        actor=_text("who registered it"),
        at=_moment("when"),
        digest=_text("of the frozen design"),
        replaces=_or_null(_count("the entry of another design before it")),
        head_behind=_or_null(_text("why ledger.head could not be rewritten")),
    )
    refused = _object(
        "nothing was registered",
        recorded={"const": False},
        code=_text("why", pattern=r"^HW\d{3}$"),
        what=_text("what stands against it"),
        mend=_text("what would settle it"),
    )
    outlook = _object(
        "what the pilot will be able to tell",
        **{"from": _word("where traffic and spread come from", ("rows", "plan"))},
        rows=_count("rows that were seen"),
        scale=_word("of the estimate", ("absolute", "relative", "log")),
        smallest_effect=_number("the smallest effect worth having"),
        promote_above=_number("what a promotion must exceed"),
        sd=_number("standard deviation between units, over the mean on a relative scale"),
        explained=_number("share of the variance that covariates explain"),
        icc=_number("how alike the units of a cluster are"),
        clusters=_or_null(_count("clusters in all arms")),
        weekly=_number("units that arrive in a week"),
        planned=_count("units that the boundary is tuned for"),
        weeks=_number("from the first day to the last"),
        looks=_word("how often it is looked at", ("daily", "weekly", "once")),
        price_of_looks=_or_null(_number("units for each unit of one look with the same power")),
        promotion_e=_or_null(_number("the e-value that a promotion asks of it alone; null without a budget")),
        decided_by_end=_number("the chance of a decision by the last day at the smallest effect"),
        detectable_by_end=change,
        weeks_needed=_object("by how it is decided", **dict.fromkeys(ways, weeks)),
        shorter=_list(
            "what would shorten it, the shortest first",
            _object("one change", what=_text("the change"), weeks=_count("weeks it then needs")),
        ),
        by_week=_list(
            "the smallest effect that is decided with 80 %, by week",
            _object(
                "after so many weeks",
                week=_count("from 1 to 26"),
                units=_count("units whose outcome is in"),
                **dict.fromkeys(ways, change),
            ),
        ),
    )
    return _schema(
        "design",
        "what `headway design` says of a pilot, and what came of registering it",
        initiative=_text("whose pilot it is"),
        hypothesis=_text("what is claimed, in one line"),
        registration=_or_null(
            _object(
                "whether the design is registered as it stands now",
                state=_word("how it is", ("none", "registered", "changed", "elsewhere", "published")),
                on=_or_null(_text("the day", format="date")),
                where=_text("the entry, the register or the publication"),
                digest=_text("of the design as it stands now"),
            )
        ),
        frozen=_or_null(_registration()),
        outlook=_or_null(outlook),
        why_not=_text("what is lacking for an outlook; empty where there is one"),
        registered=_or_null({"description": "what came of --register", "oneOf": [recorded, refused]}),
        diagnostics=_DIAGNOSTICS,
    )


def _applied() -> Schema:
    entry = _object(
        "an advice that was applied, as its entry says",
        entry=_count("the number of its entry"),
        new=_flag("whether it was written now"),
        at=_moment("when"),
        actor=_text("who says so"),
        component=_text("whose workload it is"),
        workload=_text("its name"),
        resource=_text("of which the grant is"),
        unit=_text("of the grants"),
        granted=_number("the grant before"),
        proposed=_number("the grant from then on"),
        promised=_or_null(_list("the saving promised: value, low and high end", _number("a share"))),
        season_hours=_count("for how long after it the saving is measured"),
        recommender=_text("who advised it"),
        randomised=_flag("whether the workloads were drawn by lot"),
        due=_moment("when its saving can be measured"),
        head_behind=_or_null(_text("why ledger.head could not be rewritten")),
    )
    refused = _object(
        "why nothing, or nothing more, was recorded",
        code=_text("why", pattern=r"^HW\d{3}$"),
        what=_text("what stands against it"),
        mend=_text("what would settle it"),
    )
    return _schema(
        "applied",
        "what came of `headway applied`",
        recorded=_list("one for each workload and resource", entry),
        refused=_or_null(refused),
    )


def _decide() -> Schema:
    common = {"schema": {"const": "headway.decide/1"}, "initiative": _text("whom it is about")}
    recorded = _object(
        "the decision was recorded",
        **common,
        recorded={"const": True},
        seq=_count("the number of its entry"),
        actor=_text("the person's id"),
        kind=_word("what was decided", KINDS),
        against=_flag("whether it approves a gate that is not met"),
        gate=_or_null(_word("the gate judged", GATES)),
        state=_or_null(_word("its state", STATES)),
        verdict=_or_null(_text("digest of the verdict")),
        frozen=_or_null(
            _object(
                "the e-values that were frozen with it",
                seq=_count("the number of their entry"),
                year=_count("of the promotion budget"),
                slot=_count("the number of the slot"),
                rows=_list(
                    "one per approach",
                    _object(
                        "an e-value",
                        approach=_text("the arm"),
                        grade=_word("of its evidence", GRADES),
                        log_e=_number("its natural log"),
                        e=_text("in words"),
                    ),
                ),
            )
        ),
        head_behind=_or_null(_text("why ledger.head could not be rewritten")),
    )
    refused = _object(
        "the decision was refused; nothing was recorded",
        **common,
        recorded={"const": False},
        code=_text("why", pattern=r"^HW\d{3}$"),
        what=_text("what stands against it"),
        mend=_text("what would settle it"),
    )
    return _whole("decide", {"description": "what came of a decision", "oneOf": [recorded, refused]})


def schemas() -> dict[str, Schema]:
    """Name of a record to its schema."""
    return {
        "review": _schema(
            "review",
            "the whole portfolio as `headway review` saw it",
            as_of=_moment("the moment judged"),
            portfolio=_object(
                "which portfolio, under which rules",
                name=_text("its name"),
                title=_text("one line for people"),
                currency=_text("of all totals"),
                time_zone=_text("where days are cut"),
                rules=_text("name and digest of the operating model in force"),
                mode=_word("the ceiling of every gate", MODES),
            ),
            people=_map("seat, function or id to the human behind it", _ref("person")),
            totals=_object(
                "counts and the bill",
                initiatives=_count("how many"),
                stages=_map("stage to how many are in it", _count("how many")),
                claimed=_map("stage to how many a list claims to be in it, without more", _count("how many")),
                states=_map("state to how many gates are in it", _count("how many")),
                bill=_map("currency to the bill in it; empty without one", _ref("bill")),
            ),
            promotion=_or_null(_ref("promotion")),
            wins=_list("every effect that an approval rested on: claimed, shrunk, and today", _ref("win")),
            coverage=_ref("coverage"),
            changes=_or_null(_ref("changes")),
            moves=_list("at most three next moves: decisions first, then the dearest", _ref("move")),
            gaps=_list("open requirements under what would settle them", _ref("gap")),
            outcomes=_list("every outcome and P&L line", _ref("outcome")),
            initiatives=_list("every initiative", _ref("initiative")),
            diagnostics=_DIAGNOSTICS,
        ),
        "check": _schema(
            "check",
            "what `headway check` found",
            files=_count("files read"),
            paths=_list("each of them", _text("relative to the portfolio")),
            errors=_count("errors"),
            warnings=_count("warnings"),
            diagnostics=_DIAGNOSTICS,
        ),
        "gate": _schema(
            "gate",
            "what `headway gate` answered",
            verdict=_or_null(_ref("verdict")),
            place=_or_null(_ref("place")),
            diagnostics=_DIAGNOSTICS,
        ),
        "adopt": _adopt(),
        "applied": _applied(),
        "capacity": _capacity(),
        "decide": _decide(),
        "design": _design(),
        "registration": _whole("registration", _registration()),
        "verify": _schema(
            "verify",
            "what `headway verify` found",
            entries=_count("entries read"),
            replayed=_count("decisions that came to the verdict they recorded"),
            not_replayed=_count("decisions that did not, or could not be judged"),
            diagnostics=_DIAGNOSTICS,
        ),
        "doctor": _schema(
            "doctor",
            "what `headway doctor` found; the value of a variable is nowhere in it",
            well=_flag("whether nothing has to be mended"),
            findings=_list("of the machine and the files", _ref("examined")),
            sources=_list("each declared source", _ref("source_examined")),
            variables=_list("variables and files of secrets that sources name", _ref("examined")),
            next=_or_null(_ref("next_source")),
        ),
        "explain": _explain(),
        "init": _schema(
            "init",
            "the portfolio that `headway init` wrote",
            folder=_text("where"),
            portfolio=_text("its name"),
            written=_list("the files, relative to the folder", _text("a file")),
            me=_text("the person who wrote it"),
            people=_list("everybody in people.yaml", _text("a person")),
            sample=_text("the folder of the sample"),
            list=_or_null(_ref("list")),
        ),
        "new": _schema(
            "new",
            "the document that `headway new` wrote",
            kind=_word("of document", ("initiative", "outcome", "component", "source")),
            name=_text("its name"),
            file=_text("relative to the portfolio"),
            columns=_map("the fact's column to the table's; empty for other kinds", _text("a column")),
            arms=_map("arm to the rows seen in it", _count("rows")),
            numbers=_list("columns of numbers that are not mapped", _text("a column")),
            others=_list("further columns", _text("a column")),
        ),
        "rollout-order": _schema(
            "rollout-order",
            "the order that `headway rollout order` drew by lot, or would draw",
            initiative=_text("whose rollout"),
            recorded=_flag("whether it is in the ledger; not after --dry-run"),
            seq=_or_null(_count("the entry's number")),
            at=_or_null(_moment("when it was recorded")),
            actor=_or_null(_text("who drew")),
            seed=_or_null(_text("what the lots come from; not told by --dry-run")),
            strata=_count("blocks that were dealt apart"),
            units=_count("units dealt"),
            per_start=_map("first treated period to how many units start then", _count("units")),
            starts=_map("unit to its first treated period, or never; empty for --dry-run", _text("a period")),
            head_behind=_or_null(_text("HW611, where the committed head could not follow")),
        ),
        "purge": _schema(
            "purge",
            "what is kept on this machine, and what of it is old",
            older_than=_text("how long something may lie unused"),
            gone=_flag("whether what is old was removed"),
            old=_list("what is old", _ref("kept_file")),
            kept=_list("what stays", _ref("kept_file")),
        ),
        "migrate": _schema(
            "migrate",
            "what `headway migrate` would change, or changed",
            files=_count("files looked at"),
            written=_flag("whether the changes were written"),
            changes=_list(
                "every change, by file",
                _object(
                    "one word rewritten",
                    place=_ref("place"),
                    old=_text("what stands there"),
                    new=_text("what shall stand there"),
                    why=_text("the reason"),
                ),
            ),
            faults=_list("what stops the writing", _text("a finding in the house form")),
        ),
    }
