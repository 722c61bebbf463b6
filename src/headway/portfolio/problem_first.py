"""Is every initiative about a problem, and not about a tool? Word lists flag; people judge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial

from headway.kernel.diagnostic import Diagnostic, Severity
from headway.portfolio.initiative import Initiative
from headway.portfolio.lexicon import pattern, words
from headway.portfolio.load import Portfolio
from headway.portfolio.outcome import Outcome

FEWEST_WORDS = 8
_BEFORE_PILOT = frozenset({"proposed", "framed"})
_CLARIFIER = re.compile(r"\(\s*(?:e\.g\.|for example|for instance)[^)]*\)", re.IGNORECASE)
_SAY = "name who is hurt, what they lose, and by what measure"


def problem_findings(portfolio: Portfolio) -> list[Diagnostic]:
    """What the lint says about every initiative that still goes on; findings allowed on purpose are notes."""
    found: list[Diagnostic] = []
    for name, initiative in portfolio.initiatives.items():
        if initiative.live:
            found += [_allowed(finding, initiative) for finding in _findings(portfolio, name, initiative)]
    return found


def too_short(text: str) -> bool:
    """Whether a problem has fewer than eight words.

    >>> too_short("Agents retype documents.")
    True
    """
    return len(text.split()) < FEWEST_WORDS


def names_tool(text: str, extra_words: Sequence[str] = ()) -> list[str]:
    """The tools a text names, as written and in order, without repeats.

    >>> names_tool("Deploy a chatbot, with GPT-4 and machine  learning, for HR; the chatbot answers")
    ['chatbot', 'GPT-4', 'machine learning']
    """
    hits = pattern((*words().tool_words, *extra_words)).findall(text)
    return list(dict.fromkeys(" ".join(hit.split()) for hit in hits))


def placeholder(text: str) -> str | None:
    """The placeholder that stands where a problem should, if any."""
    hit = pattern(words().placeholders).search(text) or pattern(words().placeholders_at_start).match(
        text.strip()
    )
    return hit[0] if hit else None


def has_quantity(text: str) -> bool:
    """Whether a text says how much, with a unit; a year is no quantity.

    >>> (
    ...     has_quantity("twenty requests a day"),
    ...     has_quantity("since 2025 it is slow"),
    ...     has_quantity("costs 3.5 % more"),
    ... )
    (True, False, True)
    """
    return bool(_quantity().search(text))


@cache
def _quantity() -> re.Pattern[str]:
    number = "|".join(words().number_words)
    year = r"(?:19|20)\d\d(?![\d.,%])"
    digits = rf"(?<![\w.,-])(?!{year})\d[\d.,]*"
    return re.compile(
        rf"[€$£]\s?\d|{digits}\s*(?:%|[^\W\d])|\b(?:{number})\b[\s-]+(?:%|[^\W\d])", re.IGNORECASE
    )


def _findings(portfolio: Portfolio, name: str, initiative: Initiative) -> Iterator[Diagnostic]:
    problem = " ".join(initiative.problem.split())
    if not problem:
        # A gap, not a bad answer: the loader asks for it from the pilot on, and the gate before.
        return
    place = partial(portfolio.place, "initiative", name, "problem")
    stand_in = placeholder(problem)
    if stand_in or too_short(problem):
        count = len(problem.split())
        what = (
            f"the problem is a placeholder: '{stand_in}'"
            if stand_in
            else f"the problem has {count} words; {FEWEST_WORDS} are the least"
        )
        # An idea may still look for its words; the gate `framed` asks for them.
        early = Severity.WARNING if initiative.stage in _BEFORE_PILOT else None
        yield Diagnostic("HW150", what, place(), _SAY, severity=early, subject=name)
        return
    outcome = portfolio.outcomes.get(initiative.outcome)
    customer = initiative.customer or (outcome.customer if outcome else None) or ""
    said = _CLARIFIER.sub(" ", problem)
    theirs = {hit.casefold() for hit in names_tool(customer, portfolio.settings.lexicon.tool_words)}
    tools = [
        hit for hit in names_tool(said, portfolio.settings.lexicon.tool_words) if hit.casefold() not in theirs
    ]
    if tools:
        what = f"the problem names a tool: {', '.join(map(repr, tools))}"
        mend = "say who is hurt and by what measure; move the tool to components"
        yield Diagnostic("HW151", what, place(), mend, subject=name)
    if outcome and not _has_baseline(outcome) and not has_quantity(problem):
        what = f"neither the problem nor a baseline of '{initiative.outcome}' says how large it is"
        yield Diagnostic(
            "HW153", what, place(), "say how much, with a unit, or give the outcome a baseline", subject=name
        )
    own = [c for c in initiative.uses if pattern((c, c.replace("-", " "))).search(said)]
    if own:
        what = f"the problem names what the initiative is built of: {', '.join(map(repr, own))}"
        yield Diagnostic(
            "HW155", what, place(), "say what is wrong for the customer without it", subject=name
        )


def _has_baseline(outcome: Outcome) -> bool:
    base = outcome.baseline
    return base is not None and (
        base.value is not None or base.measure is not None or base.source is not None
    )


def _allowed(finding: Diagnostic, initiative: Initiative) -> Diagnostic:
    """A warning that the initiative keeps on purpose is shown as a note; an error cannot be kept."""
    kept = next((a for a in initiative.allow if a.code in {None, finding.code}), None)
    if kept is None or finding.level is not Severity.WARNING:
        return finding
    reason = " ".join(kept.reason.split())
    return Diagnostic(
        finding.code,
        f"{finding.what}; kept on purpose: {reason}",
        finding.place,
        "take the entry under allow away once its reason no longer holds",
        severity=Severity.NOTE,
        subject=finding.subject,
    )
