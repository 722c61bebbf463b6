"""Range queries to Prometheus's HTTP API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from headway.kernel.errors import SourceFault
from headway.sources.http_json import LONGEST, Server, TooMuch

_REMARK = "PromQL info"
_TOO_MANY = ("too many samples", "maximum resolution")


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer: its labels, and pairs of a moment in seconds and a value as text."""

    labels: dict[str, str]
    values: list[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and what the server says beside it."""

    series: list[Series]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A server that speaks Prometheus's API."""

    server: Server

    def query_range(self, query: str, start: int, end: int, step: int) -> Answer:
        """Evaluate an expression every so many seconds, both ends included.

        Raises:
            SourceFault: HW306 no answer; HW347 the query was refused, or the answer is not whole.
            TooMuch: the answer is too large.
        """
        asked = {"query": query, "start": start, "end": end, "step": step, "timeout": f"{LONGEST:.0f}s"}
        more = f"/api/v1/query_range?{urlencode(asked)}"
        status, reason, answer = self.server.get(more, f"the query {query}")
        if not isinstance(answer, dict) or "status" not in answer:
            what = f"it answers {status} {reason}, not as Prometheus does"
            raise self.server.fault("HW306", what, "see that `url` is where /api/v1 begins")
        if answer["status"] != "success":
            said = str(answer.get("error") or reason)
            if any(words in said for words in _TOO_MANY):
                raise TooMuch
            raise self._refused(query, f"{status} {said}")
        return self._read(query, answer)

    def _read(self, query: str, answer: dict[str, Any]) -> Answer:
        try:
            data = answer["data"]
            if data["resultType"] != "matrix":
                raise self._refused(query, f"the answer is a {data['resultType']}, not series")
            # A series of native histograms has no `values`.
            found = [Series(dict(s["metric"]), list(s["values"])) for s in data["result"] if "values" in s]
        except (KeyError, TypeError, ValueError):
            raise self._refused(query, "the answer is not in the form of the API") from None
        told = answer.get("warnings")
        said = [str(w) for w in told] if isinstance(told, list) else []
        # Remarks on the style of an expression take nothing from its answer.
        warnings = [w for w in said if not w.startswith(_REMARK)]
        return Answer(found, tuple(self.server.fault("HW371", w, "").happened for w in warnings))

    def _refused(self, query: str, why: str) -> SourceFault:
        what = f"the query {query} was refused: {why}"
        return self.server.fault("HW347", what, "correct the source's labels or queries")
