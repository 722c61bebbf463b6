"""What a cell says, where it says it beyond doubt: stages, tiers, money; what is doubtful stays text."""

from __future__ import annotations

import re
from decimal import Decimal

from headway.exchange.names import plain

_BLANK = frozenset(
    {"", "n a", "na", "tbd", "tbc", "tba", "none", "null", "nil", "unknown", "unbekannt", "k a",
     "keine angabe",
     "keine", "offen", "not available", "not applicable", "entfaellt", "nicht bekannt", "ohne", "leer"}
)  # fmt: skip
_LONGEST_BLANK = 2 * max(map(len, _BLANK))
# No word for a stage, status or tier is longer.
_LONGEST_WORD = 60
# By stage, every word that lists use for it.
_STAGES = {
    "proposed": "proposed, initiated, idea, ideation, backlog, planned, planning, concept, candidate, "
    "intake, discovery, exploration, new, submitted, idee, vorschlag, vorgeschlagen, geplant, planung, in "
    "planung, konzept, ideenphase, neu, eingereicht",
    "framed": "framed, pre deployment, acquisition and or development, development, in development, design, "
    "analysis, scoping, business case, definition, build, entwicklung, in entwicklung, entwicklungsphase, "
    "analyse, konzeption, umsetzung, in umsetzung",
    "piloting": "piloting, pilot, pilots, pilot phase, pilotphase, pilotierung, pilotbetrieb, in pilot, poc, "
    "proof of concept, mvp, prototype, prototyp, trial, test, testing, testphase, im test, beta, experiment, "
    "implementation and assessment, erprobung",
    "scaling": "scaling, scale, scale up, rollout, roll out, rolling out, skalierung, ausrollen, im rollout, "
    "einfuehrung, limited deployment",
    "operating": "operating, operation, operational, operation and maintenance, operations, deployed, live, "
    "production, in production, productive, prod, in operation, in use, in service, betrieb, im betrieb, in "
    "betrieb, produktiv, produktion, in produktion, produktivbetrieb, im einsatz, regelbetrieb, implemented",
    "retired": "retired, decommissioned, sunset, terminated, discontinued, archived, ausser betrieb, "
    "abgeschaltet, eingestellt, stillgelegt, beendet",
}
_STATUSES = {
    "active": "active, aktiv, running, laufend, ongoing, yes, ja",
    "on-hold": "on hold, onhold, hold, paused, pausiert, suspended, angehalten, ruht, zurueckgestellt, "
    "gestoppt",
    "rejected": "rejected, declined, cancelled, canceled, abgelehnt, abgebrochen, verworfen, not approved",
}
_TIERS = {
    "prohibited": "prohibited, unacceptable, unacceptable risk, verboten, unannehmbar, inakzeptabel, "
    "unzulaessig",
    "high": "high, high risk, hoch, hohes risiko, hochrisiko",
    "limited": "limited, limited risk, begrenzt, begrenztes risiko, transparency",
    "minimal": "minimal, minimal risk, minimales risiko, gering, geringes risiko, low, low risk, niedrig, "
    "keins",
}
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP"}
_CODES = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "JPY",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "CAD",
    "AUD",
    "INR",
    "CNY",
)
_SCALES = {
    "k": 3,
    "t": 3,
    "teur": 3,
    "tsd": 3,
    "thousand": 3,
    "m": 6,
    "mio": 6,
    "mn": 6,
    "million": 6,
    "millionen": 6,
}
_PERIODS = {
    "day": "day, tag, taeglich",
    "week": "week, weekly, woche, woechentlich",
    "month": "month, monthly, monat, monatlich",
    "quarter": "quarter, quarterly, quartal",
    "year": "year, yearly, annual, annually, jahr, jaehrlich, pa",
}
_NUMBER = re.compile(r"[+-]?\d[\d.,'\u2019 \u00a0\u202f]*")
_GROUPED = re.compile(r"^\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*$")


# ISO 4217: the currencies whose smallest coin is a thousandth.
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def _by_word(words: dict[str, str]) -> dict[str, str]:
    return {plain(word): name for name, several in words.items() for word in several.split(",")}


_STAGE_OF, _STATUS_OF, _TIER_OF, _PERIOD_OF = map(_by_word, (_STAGES, _STATUSES, _TIERS, _PERIODS))


def blank(cell: str) -> bool:
    """Whether a cell says nothing: empty, a dash, `n/a`, `tbd`, `k. A.`.

    >>> blank("–"), blank("N/A"), blank("k. A."), blank("0"), blank("手")
    (True, True, True, False, False)
    """
    if len(cell) > _LONGEST_BLANK:
        return not any(map(str.isalnum, cell))
    words = plain(cell)
    return not any(c.isalnum() for c in cell) if not words else words in _BLANK


def stage(cell: str) -> str | None:
    """The stage a word stands for; a number or letter before it, as in `3 - Pilot`, does not count.

    >>> stage("Pre-deployment"), stage("3. Pilot"), stage("Im Betrieb"), stage("in progress")
    ('framed', 'piloting', 'operating', None)
    """
    return _looked_up(_STAGE_OF, cell)


def status(cell: str) -> str | None:
    """Whether it goes on: active, on-hold or rejected."""
    return _looked_up(_STATUS_OF, cell)


def tier(cell: str) -> str | None:
    """A tier of the EU AI Act, by its own words alone.

    >>> tier("High risk"), tier("hoch"), tier("High-impact")
    ('high', 'high', None)
    """
    return _looked_up(_TIER_OF, cell)


def _looked_up(words: dict[str, str], cell: str) -> str | None:
    if len(cell) > _LONGEST_WORD:
        return None
    said = plain(re.sub(r"[(\[][^)\]]*[)\]]", " ", cell))
    return words.get(said) or words.get(re.sub(r"^(?:[a-z]|\d+|phase \d+|stufe \d+) ", "", said))


def money(cell: str, header: str = "") -> str | None:
    """An amount with its currency, or None where either could be read in two ways.

    The currency stands in the cell or in the header; nothing is assumed. A point or comma before three digits
    parts thousands, because no amount has three decimals (ISO 4217), but for a few currencies and where
    thousands or millions are meant: there it could be either, and the amount is left alone.

    >>> money("80.000,00 €"), money("EUR 1,200.50"), money("1.200 EUR")
    ('80000.00 EUR', '1200.50 EUR', '1200 EUR')
    >>> money("1.2 Mio", "Budget (EUR)"), money("1.200 Mio", "Budget (EUR)"), money("1.200 KWD")
    ('1200000 EUR', None, None)
    """
    unit = _currency(cell) or _currency(header)
    found = _NUMBER.findall(cell)
    if unit is None or len(found) != 1:
        return None
    rest = plain(cell.replace(found[0], " "))
    power = _scale(rest) or _scale(plain(header))
    if set(rest.split()) - {unit.lower(), *_SCALES}:
        return None
    amount = _decimal(found[0].strip(), thousands=not power and unit not in _THREE_DECIMALS)
    if amount is None:
        return None
    scaled = amount.scaleb(power)
    whole = scaled == scaled.to_integral_value() and power > 0
    return f"{int(scaled) if whole else format(scaled, 'f')} {unit}"


def rate(cell: str, header: str = "") -> str | None:
    """An amount per period.

    >>> rate("4000 EUR per week"), rate("4000", "Cost of delay per week (EUR)"), rate("4000 EUR")
    ('4000 EUR per week', '4000 EUR per week', None)
    """
    head, _, tail = cell.partition(" per ")
    per = _period(tail) or _period(header)
    amount = money(head, header)
    return f"{amount} per {per}" if amount and per else None


def _currency(text: str) -> str | None:
    signs = {name for sign, name in _SIGNS.items() if sign in text}
    words = {w for w in re.findall(r"[A-Z]{3,4}", text.upper()) if w in _CODES or w == "TEUR"}
    found = signs | {"EUR" if w == "TEUR" else w for w in words}
    return found.pop() if len(found) == 1 else None


def _scale(words: str) -> int:
    powers = {_SCALES[w] for w in words.split() if w in _SCALES}
    return powers.pop() if len(powers) == 1 else 0


def _period(text: str) -> str | None:
    found = {_PERIOD_OF[w] for w in plain(text).split() if w in _PERIOD_OF}
    return found.pop() if len(found) == 1 else None


def _decimal(text: str, *, thousands: bool) -> Decimal | None:
    """A number; `thousands` says that what stands before three last digits parts thousands."""
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    digits = re.sub("[\u2019]", "'", re.sub("[\u00a0\u202f]", " ", digits)).rstrip(".,' ")
    if digits.isdecimal():
        return Decimal(sign + digits)
    points = {c for c in digits if c in ".,"}
    whole, part = digits, ""
    if points and (last := max(map(digits.rfind, points))) and digits.count(digits[last]) == 1:
        whole, part = digits[:last], digits[last + 1 :]
        if len(points) == 1 and len(part) == len("000") and not set("' ") & set(whole):
            if not thousands or len(whole) > len(part):
                return None
            whole, part = whole + part, ""
    if not (whole.isdecimal() or _GROUPED.match(whole)) or (part and not part.isdecimal()):
        return None
    return Decimal(f"{sign}{re.sub('[^0-9]', '', whole)}{'.' + part if part else ''}")
