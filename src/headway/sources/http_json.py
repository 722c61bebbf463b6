"""JSON from a server by GET: bounded in time and size, patient, and discreet about secrets."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from headway.kernel.errors import SourceFault
from headway.portfolio.load import collector_at_rest
from headway.sources.secrets import HIDDEN, Revealed

# Seconds to wait for a byte, and for a whole answer.
PATIENCE, LONGEST = 30.0, 120.0
# Before each further attempt.
PAUSES = (0.5, 1.0, 2.0)
# An answer takes about ten times its bytes in memory while it is read.
MOST_BYTES = 64_000_000
_AGAIN = frozenset({429, 502, 503, 504})
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_DENIED = frozenset({401, 403})
_PIECE = 1 << 16
_SHOWN = 300


class TooMuch(Exception):
    """The answer is larger than one is meant to be: a shorter span may do."""


class _Again(Exception):
    """What may go better in a moment, with the fault it is if it does not."""

    def __init__(self, fault: SourceFault) -> None:
        self.fault = fault
        super().__init__(fault.happened)


@dataclass
class Server:
    """One server, over one connection; no redirect is followed, so that the token goes nowhere else.

    Attributes:
        source: the source's declared name.
        url: where it answers.
        token: a bearer token, where it wants one.
        sleep: waits so many seconds.
        largest: bytes of the largest answer so far.
    """

    source: str
    url: Revealed
    token: Revealed | None = None
    sleep: Callable[[float], None] = time.sleep
    largest: int = 0
    _connection: http.client.HTTPConnection | None = field(default=None, init=False)

    def get(self, more: str, what: str) -> tuple[int, str, Any]:
        """Status, reason and document of an answer; no document where it is none of JSON.

        Args:
            more: appended to the path of `url`.
            what: what is asked for, in the words of a person.

        Raises:
            SourceFault: HW306 no answer; HW347 the answer is not whole.
            TooMuch: the answer is too large.
        """
        last: SourceFault | None = None
        for pause in (0.0, *PAUSES):
            if pause:
                self.sleep(pause)
            try:
                return self._once(more, what)
            except _Again as again:
                last = again.fault
        assert last is not None  # noqa: S101  the loop ran
        raise last

    def close(self) -> None:
        """Let go of the connection; a second time does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def fault(self, code: str, what: str, mend: str) -> SourceFault:
        """A fault of this server in one line, without its secrets."""
        line = " ".join("".join(c if c.isprintable() else " " for c in what).split())
        for secret in (self.url, self.token):
            line = secret.hide(line) if secret is not None else line
        # A server may repeat the header that it was sent.
        sent = self._authorization().rpartition(" ")[2].rstrip("=")
        line = line.replace(sent, HIDDEN) if sent else line
        return SourceFault(code, self.source, line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…", mend)

    def _once(self, more: str, what: str) -> tuple[int, str, Any]:
        mend = "see what stands between here and the server; then run it again"
        cut_off = self.fault("HW347", f"the answer to {what} was cut off", mend)
        try:
            status, reason, body = self._get(more)
        except http.client.IncompleteRead:
            raise _Again(cut_off) from None
        except (TimeoutError, http.client.HTTPException, ConnectionResetError, BrokenPipeError) as error:
            raise _Again(self._silent(_words(error))) from None
        except OSError as error:
            raise self._silent(_words(error)) from None
        if status in _AGAIN:
            raise _Again(self._silent(f"it answers {status} {reason}"))
        if status in _ELSEWHERE:
            said = "it sends to another address, which is not followed: a token is for this one alone"
            raise self.fault("HW306", said, "write the address that it answers at under `url`")
        if status in _DENIED:
            raise self.fault("HW306", f"it answers {status} {reason}", "write token: ${PROM_TOKEN}")
        try:
            # A large answer is a million small lists, none of which dies young.
            with collector_at_rest():
                return status, reason, json.loads(body)
        except (ValueError, RecursionError):
            if status != http.client.OK:
                return status, reason, None
            raise _Again(cut_off) from None

    def _get(self, more: str) -> tuple[int, str, bytes]:
        place = self._place()
        if self._connection is None:
            kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(str(place.hostname), place.port, timeout=PATIENCE)
        path = place.path.rstrip("/") + more + (f"?{place.query}" if place.query else "")
        whole = False
        try:
            self._connection.request("GET", path or "/", headers=self._headers())
            # Left closed, so that the connection takes the next question.
            with self._connection.getresponse() as answer:
                body = _read(answer)
            whole = not answer.will_close
            self.largest = max(self.largest, len(body))
        finally:
            # What is left of an answer must not be taken for the next one.
            if not whole:
                self.close()
        return answer.status, answer.reason, body

    def _place(self) -> SplitResult:
        place = self._split()
        if place is None or place.scheme not in ("http", "https") or not place.hostname:
            what = "`url` is no address that begins with http:// or https://"
            raise SourceFault("HW306", self.source, what, "export an address, such as http://host:9090")
        return place

    def _split(self) -> SplitResult | None:
        try:
            place = urlsplit(self.url.text)
            return place if place.port != 0 else None
        except ValueError:
            return None

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "headway"}
        who = self._authorization()
        if not (who.isascii() and who.isprintable()):
            raise SourceFault("HW306", self.source, "its token is not one line of ASCII", "write it again")
        return {**headers, "Authorization": who} if who else headers

    def _authorization(self) -> str:
        """The header that says who asks; none where nobody does."""
        if self.token is not None:
            return f"Bearer {self.token.text}"
        place = self._split()
        if place is None or place.username is None:
            return ""
        pair = f"{unquote(place.username)}:{unquote(place.password or '')}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def _silent(self, why: str) -> SourceFault:
        return self.fault("HW306", why, "see that it is up and that `url` leads to it from here")


def _read(answer: http.client.HTTPResponse) -> bytes:
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
    return bytes(body)


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
