"""A client of Prometheus's HTTP API, for range queries alone: bounded in time and size, patient, discreet."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from headway.kernel.errors import SourceFault
from headway.sources.secrets import Revealed

# Seconds to wait for a byte, and for a whole answer.
PATIENCE, LONGEST = 30.0, 120.0
# Before each further attempt.
PAUSES = (0.5, 1.0, 2.0)
# An answer takes about ten times its bytes in memory while it is read.
MOST_BYTES = 64_000_000
_AGAIN = frozenset({429, 502, 503, 504})
_PIECE = 1 << 16
_SHOWN = 300
_TOO_MANY = ("too many samples", "maximum resolution")


class TooMuch(Exception):
    """The answer is larger than one is meant to be: a shorter span may do."""


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


@dataclass
class Prometheus:
    """One server, over one connection; no redirect is followed, so that the token goes nowhere else.

    Attributes:
        source: the source's declared name.
        url: where it answers.
        token: a bearer token, where it wants one.
        sleep: waits so many seconds.
    """

    source: str
    url: Revealed
    token: Revealed | None = None
    sleep: Callable[[float], None] = time.sleep
    _connection: http.client.HTTPConnection | None = field(default=None, init=False)

    def query_range(self, query: str, start: int, end: int, step: int) -> Answer:
        """Evaluate an expression every so many seconds, both ends included.

        Raises:
            SourceFault: HW306 no answer; HW347 the query was refused, or the answer is not whole.
            TooMuch: the answer is too large.
        """
        asked = {"query": query, "start": start, "end": end, "step": step, "timeout": f"{LONGEST:.0f}s"}
        last: SourceFault | None = None
        for pause in (0.0, *PAUSES):
            if pause:
                self.sleep(pause)
            try:
                return self._once(query, urlencode(asked))
            except _Again as again:
                last = again.fault
        assert last is not None  # noqa: S101  the loop ran
        raise last

    def close(self) -> None:
        """Let go of the connection; a second time does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, query: str, asked: str) -> Answer:
        try:
            status, reason, body = self._get(asked)
        except TooMuch:
            self.close()
            raise
        except http.client.IncompleteRead:
            self.close()
            raise _Again(self._cut_off(query)) from None
        except (TimeoutError, http.client.HTTPException, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            raise _Again(self._silent(_words(error))) from None
        except OSError as error:
            self.close()
            raise self._silent(_words(error)) from None
        if status in _AGAIN:
            raise _Again(self._silent(f"it answers {status} {reason}"))
        return self._read(query, status, reason, body)

    def _get(self, asked: str) -> tuple[int, str, bytes]:
        place = self._place()
        connection = self._connected(place)
        path = f"{place.path.rstrip('/')}/api/v1/query_range?{asked}"
        connection.request("GET", path, headers=self._headers(place))
        answer = connection.getresponse()
        ends = time.monotonic() + LONGEST
        body = bytearray()
        while piece := answer.read1(_PIECE):
            body += piece
            if len(body) > MOST_BYTES:
                raise TooMuch
            if time.monotonic() > ends:
                raise TimeoutError
        # `read1` ends without a word where fewer bytes came than were promised.
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        if answer.will_close:
            self.close()
        return answer.status, answer.reason, bytes(body)

    def _place(self) -> SplitResult:
        try:
            place = urlsplit(self.url.text)
            _ = place.port
        except ValueError:
            place = urlsplit("")
        if place.scheme not in ("http", "https") or not place.hostname:
            what = "`url` is no address that begins with http:// or https://"
            raise SourceFault(
                "HW306", self.source, what, "write url: ${PROM_URL}, and export PROM_URL=http://…"
            )
        return place

    def _connected(self, place: SplitResult) -> http.client.HTTPConnection:
        if self._connection is None:
            kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(str(place.hostname), place.port, timeout=PATIENCE)
        return self._connection

    def _headers(self, place: SplitResult) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "headway"}
        if self.token is not None:
            if not self.token.text.isascii() or not self.token.text.isprintable():
                raise SourceFault(
                    "HW306", self.source, "its token is not one line of ASCII", "write it again"
                )
            headers["Authorization"] = f"Bearer {self.token.text}"
        elif place.username is not None:
            pair = f"{unquote(place.username)}:{unquote(place.password or '')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return headers

    def _read(self, query: str, status: int, reason: str, body: bytes) -> Answer:
        if status in (301, 302, 303, 307, 308):
            what = "it sends to another address, which is not followed: the token is for this one"
            raise self._fault("HW306", what, "write the address that it answers at under `url`")
        if status in (401, 403):
            raise self._fault("HW306", f"it answers {status} {reason}", "write token: ${PROM_TOKEN}")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            if status != http.client.OK:
                what = f"it answers {status} {reason}, not as Prometheus does"
                raise self._fault("HW306", what, "see that `url` is where /api/v1 begins") from None
            raise _Again(self._cut_off(query)) from None
        if not isinstance(answer, dict) or answer.get("status") != "success":
            said = str(answer.get("error") or reason) if isinstance(answer, dict) else reason
            if any(words in said for words in _TOO_MANY):
                raise TooMuch
            raise self._refused(query, f"{status} {said}")
        return self._answer(query, answer)

    def _answer(self, query: str, answer: dict[str, Any]) -> Answer:
        try:
            data = answer["data"]
            if data["resultType"] != "matrix":
                raise self._refused(query, f"the answer is a {data['resultType']}, not series")
            # A series of native histograms has no `values`.
            found = [Series(dict(s["metric"]), list(s["values"])) for s in data["result"] if "values" in s]
        except (KeyError, TypeError, ValueError):
            raise self._refused(query, "the answer is not in the form of the API") from None
        warnings = answer.get("warnings")
        told = [str(w) for w in warnings] if isinstance(warnings, list) else []
        return Answer(found, tuple(self._hidden(w) for w in told))

    def _refused(self, query: str, why: str) -> SourceFault:
        return self._fault(
            "HW347", f"the query {query} was refused: {why}", "correct the source's labels or query"
        )

    def _cut_off(self, query: str) -> SourceFault:
        what = f"the answer to {query} was cut off"
        return self._fault("HW347", what, "see what stands between here and Prometheus; then run it again")

    def _silent(self, why: str) -> SourceFault:
        return self._fault("HW306", why, "see that it is up and that `url` leads to it from here")

    def _fault(self, code: str, what: str, mend: str) -> SourceFault:
        return SourceFault(code, self.source, self._hidden(what), mend)

    def _hidden(self, said: str) -> str:
        line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        for secret in (self.url, self.token):
            line = secret.hide(line) if secret is not None else line
        return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


class _Again(Exception):
    """What may go better in a moment, with the fault it is if it does not."""

    def __init__(self, fault: SourceFault) -> None:
        self.fault = fault
        super().__init__(fault.happened)


def _words(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "it did not answer in time"
        case socket.gaierror():
            return "its host is not known here"
        case ConnectionRefusedError():
            return "nothing listens there"
        case http.client.RemoteDisconnected():
            return "it closed the connection"
        case OSError():
            return error.strerror or "the connection failed"
        case _:
            return "it does not speak HTTP"
