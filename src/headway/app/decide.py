"""Use case ``decide``: a person's decision on the verdict of the next gate, into the ledger."""

from __future__ import annotations

import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from headway.app.check import Checked
from headway.app.gate import gate
from headway.app.review import Reviewed
from headway.app.wiring import head_file, open_store
from headway.decisions.approvals import Refused, decide
from headway.decisions.decision import Decision, Kind
from headway.decisions.freezing import frozen_in
from headway.decisions.ledger import Ledger, Recorded
from headway.evidence.slots import Frozen
from headway.gates.rules.wording import e_words
from headway.kernel.clock import now
from headway.kernel.identity import Json
from headway.portfolio.load import Portfolio

SCHEMA = "headway.decide/1"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was judged, and what came of the decision."""

    reviewed: Reviewed
    outcome: Recorded | Refused

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.decide/1``."""
        made: dict[str, Json] = {"schema": SCHEMA, "initiative": self.reviewed.initiative.initiative}
        if isinstance(self.outcome, Refused):
            return {
                **made,
                "recorded": False,
                "code": self.outcome.code,
                "what": self.outcome.what,
                "mend": self.outcome.mend,
            }
        entry = self.outcome.entry
        return {
            **made,
            "recorded": True,
            "seq": entry.seq,
            "actor": entry.actor,
            "kind": entry.body["kind"],
            "against": entry.body["against"],
            "gate": entry.body.get("gate"),
            "state": entry.body.get("state"),
            "verdict": entry.body.get("verdict"),
            "frozen": self._frozen(),
            "head_behind": str(self.outcome.behind) if self.outcome.behind else None,
        }

    def frozen(self) -> Frozen | None:
        """The e-values that were frozen with the decision."""
        entry = self.outcome.after if isinstance(self.outcome, Recorded) else None
        return next(frozen_in([entry]), None) if entry else None

    def _frozen(self) -> dict[str, Json] | None:
        found = self.frozen()
        if found is None:
            return None
        rows: list[Json] = [
            {"approach": r.approach, "grade": r.grade, "log_e": r.log_e, "e": e_words(r.log_e)}
            for r in found.rows
        ]
        return {"seq": found.seq, "year": found.budget.year, "slot": found.slot, "rows": rows}


def decide_on(checked: Checked, name: str, kind: Kind, actor: str | None, comment: str) -> Decided:
    """Judge an initiative now and record a decision that pins what was judged.

    Args:
        checked: the portfolio.
        name: the initiative.
        kind: what is decided.
        actor: a person's id; by default the person whose account is Git's user.email.
        comment: why.

    Raises:
        KeyError: no such initiative.
        LedgerFault: nothing was recorded.
        HeadwayError: the store is not to be had.
    """
    made, reviewed = gate(checked, name)
    portfolio = made.portfolio
    decision = Decision(
        kind=kind,
        actor=actor or git_person(portfolio) or "",
        initiative=name,
        at=now(),
        comment=comment,
        basis=reviewed.basis,
    )
    with open_store(portfolio) as store:
        ledger = Ledger(store, head_file(portfolio))
        return Decided(reviewed, decide(ledger, decision, portfolio.people, secrets.token_bytes(16)))


def git_person(portfolio: Portfolio) -> str | None:
    """The person whose account is the configured e-mail address of Git here, if there is one."""
    found = _git_email(portfolio.root)
    person = portfolio.people.person_of_account(found) if found else None
    return person.id if person else None


def _git_email(folder: Path) -> str:
    try:
        answer = subprocess.run(
            ["git", "config", "user.email"],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
