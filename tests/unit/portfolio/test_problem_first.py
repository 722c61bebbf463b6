"""A problem says who is hurt and by how much; a tool is not a problem."""

import csv
from pathlib import Path

import pytest
from tests.unit.portfolio.conftest import INITIATIVE, OUTCOME, SETTINGS, Declare

from headway.kernel.diagnostic import Severity
from headway.portfolio.problem_first import has_quantity, names_tool, placeholder, problem_findings, too_short

FILE = "initiatives/reply-assistant.yaml"
SOUND = "agents retype twenty requests a day, and one claim in five is reopened"


def findings(declare: Declare, problem: str, more: str = "", **files: str) -> list[str]:
    """The codes of what is found about an initiative with this problem."""
    loaded = declare({FILE: INITIATIVE.replace(SOUND, f"'{problem}'") + more, **files})
    assert loaded.portfolio
    assert SOUND in INITIATIVE
    return [finding.code for finding in problem_findings(loaded.portfolio)]


@pytest.mark.parametrize(
    ("problem", "found"),
    [
        (SOUND, []),
        ("one two three four five six seven eight", []),
        ("one two three four five six seven", ["HW150"]),
        ("this is to be determined with the team of claims next month", ["HW150"]),
        ("Not available, as the team of claims has not been asked yet", ["HW150"]),
        ("the file is not available to agents, so two claims a day wait", []),
        ("we have no chatbot yet, and private customers have asked for one", ["HW151"]),
        ("agents wait for answers (e.g. from a chatbot), two hours for each claim", []),
        ("the said store of claims is slow, so agents wait two hours a day", []),
        ("the claims-store is slow, so agents wait for two hours a day", ["HW155"]),
        ("the claims store has no LLM, so agents wait for two hours a day", ["HW151", "HW155"]),
    ],
)
def test_a_problem_is_judged_by_its_words(declare: Declare, problem: str, found: list[str]) -> None:
    """Too short, a placeholder, a tool and the initiative's own component are found; clarifiers are free."""
    store = {"c.yaml": "component: claims-store\n"}
    assert findings(declare, problem, "uses: [claims-store]\n", **store) == found


def test_a_portfolio_adds_its_own_tool_words(declare: Declare) -> None:
    """What the house calls its tools is known to the house alone."""
    problem = "agents cannot ask contoso-bot, so they wait two hours a day"
    assert findings(declare, problem) == []
    settings = {"portfolio.yaml": SETTINGS + "lexicon: {tool_words: [contoso-bot]}\n"}
    assert findings(declare, problem, **settings) == ["HW151"]


def test_a_word_of_the_customer_is_no_tool(declare: Declare) -> None:
    """Who works on chatbots may have a problem with them."""
    problem = "editors of the chatbot rewrite twenty answers a day by hand"
    assert findings(declare, problem) == ["HW151"]
    assert findings(declare, problem, "customer: editors of the chatbot\n") == []


def test_how_large_it_is_stands_somewhere(declare: Declare) -> None:
    """A quantity in the problem or a baseline of the outcome will do; without both it is found."""
    vague = "agents retype the same requests and some claims are reopened"
    assert findings(declare, vague) == []
    bare = {"outcomes/first-time.yaml": OUTCOME.replace("baseline: {value: 19 %}\n", "")}
    assert findings(declare, vague, **bare) == ["HW153"]
    assert findings(declare, SOUND, **bare) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it costs 40 minutes", True),
        ("it costs 3.5 %", True),
        ("it costs €500", True),
        ("twenty-two requests", True),
        ("half the claims", True),
        ("since 2025 it is slow", False),
        ("version v2 is slow", False),
        ("it is slow", False),
        ("claim number 7.", False),
    ],
)
def test_a_quantity_has_a_unit(text: str, found: bool) -> None:
    """A number before a word or a per cent sign counts; a year or a bare number does not."""
    assert has_quantity(text) is found


def test_a_finding_kept_on_purpose_is_a_note(declare: Declare) -> None:
    """`allow` takes the weight from a warning and shows the reason; other findings keep theirs."""
    problem = "the claims store has no LLM, so agents wait for two hours a day"
    kept = "uses: [claims-store]\nallow: ['HW151: the LLM team is the customer']\n"
    loaded = declare({FILE: INITIATIVE.replace(SOUND, problem) + kept, "c.yaml": "component: claims-store\n"})
    assert loaded.portfolio
    found = problem_findings(loaded.portfolio)
    assert [(f.code, f.level) for f in found] == [("HW151", Severity.NOTE), ("HW155", Severity.WARNING)]
    assert found[0].what.endswith("kept on purpose: the LLM team is the customer")


def test_an_error_cannot_be_allowed(declare: Declare) -> None:
    """A reason for everything does not stand in for a problem."""
    text = INITIATIVE.replace(SOUND, "slow replies") + "stage: operating\nallow: [we know]\n"
    loaded = declare({FILE: text})
    assert loaded.portfolio
    assert [f.level for f in problem_findings(loaded.portfolio)] == [Severity.ERROR]


@pytest.mark.parametrize("stage", ["proposed", "framed"])
def test_before_the_pilot_a_short_problem_is_a_warning(declare: Declare, stage: str) -> None:
    """An idea may still look for its words: the gate says so, and no file is wrong."""
    loaded = declare({FILE: INITIATIVE.replace(SOUND, "slow replies") + f"stage: {stage}\n"})
    assert loaded.portfolio
    assert [(f.code, f.level) for f in problem_findings(loaded.portfolio)] == [("HW150", Severity.WARNING)]


def test_a_problem_that_is_absent_is_not_a_bad_one(declare: Declare) -> None:
    """Nothing is said about words that are not there."""
    loaded = declare({FILE: INITIATIVE.replace(f"problem: {SOUND}\n", "")})
    assert loaded.portfolio
    assert loaded.portfolio.initiatives["reply-assistant"].problem == ""
    assert problem_findings(loaded.portfolio) == []


def test_what_is_over_is_not_judged(declare: Declare) -> None:
    """A rejected or retired initiative keeps its words."""
    assert findings(declare, "slow replies") == ["HW150"]
    assert findings(declare, "slow replies", "status: rejected\n") == []


def test_tools_are_named_as_written() -> None:
    """Whole words in any case, longest first, each once."""
    text = "Use AI, GPT-4o and natural\nlanguage  processing; said AI fails the aim of Gemini."
    assert names_tool(text) == ["AI", "GPT-4o", "natural language processing", "Gemini"]
    assert names_tool("retail maintains claims") == []


def test_the_federal_inventory_is_reproduced(shared_data: Path) -> None:
    """Of 3,018 stated problems 311 are too short, 1,127 name a tool, and 1,407 do one or the other."""
    path = shared_data / "federal-ai-inventory" / "inventory_2025.csv"
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as rows:
        problems = [(row["problem_solved"] or "").strip() for row in csv.DictReader(rows)]
    assert len(problems) == 3611
    filled = [text for text in problems if text]
    assert len(filled) == 3018
    assert sum(map(too_short, filled)) == 311
    assert sum(bool(names_tool(text)) for text in filled) == 1127
    assert sum(too_short(text) or bool(names_tool(text)) for text in filled) == 1407
    # Every placeholder of the inventory is also too short, so the count above does not depend on the list.
    assert {too_short(text) for text in filled if placeholder(text)} == {True}
