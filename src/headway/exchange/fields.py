"""What a list may say of an initiative, and the words lists use for it, in English and German."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from headway.exchange.names import plain


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a column may hold.

    Attributes:
        name: what `--map` calls it.
        means: for people.
        headers: headers that mean it beyond doubt.
        hints: words in a header that make it likely.
        key: whether the initiative's file has a key of that name; else it is kept in a comment.
        shape: how its cells look: text, short, stage, status, tier, person, money, rate or link.
    """

    name: str
    means: str
    headers: tuple[str, ...]
    hints: tuple[str, ...] = ()
    key: bool = True
    shape: str = "text"


def _words(text: str) -> tuple[str, ...]:
    return tuple(plain(word) for word in text.split(","))


FIELDS: tuple[Field, ...] = (
    Field(
        "title", "the initiative's name",
        _words("use case name, use case, usecase, use case title, title, name, initiative, initiative "
               "name, project, project name, project title, ai use case, ai initiative, application, "
               "solution, Anwendungsfall, Name des Anwendungsfalls, KI Anwendungsfall, Bezeichnung, "
               "Projekt, Projektname, Titel, Vorhaben, Initiative, Name der Initiative, Anwendung, KI "
               "Vorhaben, Projektbezeichnung"),
        _words("name, title, use case, project, Bezeichnung, Anwendungsfall, Projekt, Vorhaben, Titel"),
        shape="short",
    ),
    Field(
        "id", "the list's own number",
        _words("id, key, no, nr, number, use case id, project id, inventory id, ref, reference, ticket, "
               "Nummer, Kennung, lfd nr, laufende Nummer, Projektnummer, Projekt ID, Kennziffer, Schluessel"),
        _words("id, nr, Nummer, Kennung"), key=False, shape="short",
    ),
    Field(
        "problem", "the problem it is for",
        _words("problem, problem solved, problem statement, problem to be solved, problem description, "
               "pain point, challenge, purpose, intended purpose, purpose benefits, purpose and benefits, "
               "Problemstellung, Welches Problem wird geloest, Problembeschreibung, Ausgangslage, "
               "Geloestes Problem, Zweck, Handlungsbedarf"),
        _words("problem, pain, purpose, Problem, Zweck, description, summary, Beschreibung, "
               "Kurzbeschreibung, Erlaeuterung"),
    ),
    Field(
        "customer", "who has the problem",
        _words("customer, customers, target group, beneficiary, beneficiaries, end user, end users, Kunde, "
               "Kunden, Zielgruppe, Nutzergruppe"),
        _words("customer, Kunde, Zielgruppe"),
    ),
    Field(
        "benefit", "the benefit that is claimed",
        _words("benefit, benefits, expected benefit, expected benefits, value, business value, outcome, "
               "kpi, goal, objective, impact, Nutzen, erwarteter Nutzen, Mehrwert, Ziel, Zielsetzung, "
               "Kennzahl"),
        _words("benefit, benefits, Nutzen, Mehrwert"), key=False,
    ),
    Field(
        "stage", "how far it is",
        _words("stage, development stage, dev stage, phase, project phase, lifecycle, lifecycle stage, "
               "life cycle stage, maturity, status, state, Reifegrad, Entwicklungsstand, "
               "Entwicklungsstadium, Stand, Umsetzungsstand, Projektphase, Projektstatus, Stufe"),
        _words("stage, phase, status, lifecycle, Stand, Status, Stadium"), shape="stage",
    ),
    Field(
        "status", "whether it goes on",
        _words("status, state, active, activity, project status, Projektstatus, aktiv"),
        _words("status"), shape="status",
    ),
    Field(
        "accountable", "who answers for it",
        _words("owner, accountable, accountable person, responsible, responsible person, product owner, "
               "business owner, project lead, project manager, lead, contact, contact person, contact name, "
               "contact email, use case owner, verantwortlich, Verantwortliche, Verantwortlicher, "
               "Verantwortliche Person, Ansprechpartner, Ansprechpartnerin, Projektleiter, Projektleiterin, "
               "Projektleitung, Leitung, Fachverantwortlich, Fachverantwortlicher, Eigentuemer, Inhaber"),
        _words("owner, accountable, responsible, lead, manager, verantwortlich, Verantwortlicher, "
               "Ansprechpartner, Projektleitung"),
        shape="person",
    ),
    Field(
        "sponsor", "who pays",
        _words("sponsor, executive sponsor, business sponsor, Auftraggeber, Auftraggeberin, Sponsorin"),
        _words("sponsor, Auftraggeber"), shape="person",
    ),
    Field(
        "finance_partner", "who attests the money",
        _words("finance partner, controller, finance contact, Finanzpartner, Controllerin"),
        _words("finance partner, controller"), shape="person",
    ),
    Field(
        "risk_manager", "who holds the second key",
        _words("risk manager, risk owner, Risikomanager, Risikomanagerin, Risikoverantwortlicher"),
        _words("risk manager, Risikomanager"), shape="person",
    ),
    Field(
        "unit", "where it belongs",
        _words("agency, agency name, bureau, agency bureau, department, business unit, unit, team, "
               "division, organisation, organization, Abteilung, Bereich, Fachbereich, "
               "Organisationseinheit, Einheit, Ressort, Behoerde, Dezernat, Referat, Bundesbehoerde"),
        _words("bureau, department, unit, division, Abteilung, Bereich, Einheit"), key=False, shape="short",
    ),
    Field(
        "class", "what it is compared with",
        _words("class, classification, category, type, use case type, ai type, topic area, Klasse, "
               "Kategorie, Klassifikation, Themenfeld, Themengebiet, KI Art, Art der KI"),
        _words("classification, category, topic, Kategorie, Klassifikation"), shape="short",
    ),
    Field(
        "risk", "its tier in the EU AI Act",
        _words("risk, risk class, risk tier, risk level, eu ai act, ai act, ai act class, ai act tier, "
               "Risiko, Risikoklasse, Risikostufe, KI VO Klasse"),
        _words("ai act, risk, Risiko, Risikoklasse"), shape="tier",
    ),
    Field(
        "budget", "what it may cost",
        _words("budget, cost, costs, total cost, investment, invest, Kosten, Budget, Plankosten, "
               "Investition, Mittel"),
        _words("budget, cost, Kosten, Investition"), key=False, shape="money",
    ),
    Field(
        "cost_of_delay", "what waiting costs",
        _words("cost of delay, Verzoegerungskosten, Kosten der Verzoegerung"),
        _words("cost of delay, Verzoegerungskosten"), shape="rate",
    ),
    Field(
        "links", "addresses of further documents",
        _words("link, links, url, web, website, documentation, Verweis, Verweise"),
        _words("link, url"), shape="link",
    ),
    Field(
        "notes", "anything else",
        _words("notes, note, comment, comments, remark, remarks, Bemerkung, Bemerkungen, Kommentar, "
               "Kommentare, Anmerkung, Anmerkungen, Hinweis, Hinweise, Notiz, Notizen"),
        _words("comment, remarks, Bemerkung, Anmerkung"),
    ),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
# Headers that lists of initiatives have and no key of ours: they help to find the header row.
_OTHER = _words(
    "vendor, vendor name, supplier, date, start, start date, end, end date, go live, year, country, region, "
    "location, priority, source, data, contract, operational date, created, updated, technology, model, "
    "Anbieter, Hersteller, Datum, Beginn, Ende, Start, Jahr, Prioritaet, Standort, Vertrag, Technologie, "
    "Daten, Modell"
)
# A number before a header is a position, not part of the name: `16_dev_stage`.
_POSITION = re.compile(r"^\d+ ")
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")


def header_words(header: str) -> str:
    """A header as it is looked up: without brackets and position, parted where a capital parts it.

    >>> header_words("16_dev_stage"), header_words("Budget (in EUR)"), header_words("useCaseName")
    ('dev stage', 'budget', 'use case name')
    """
    parted = _JOINED.sub(" ", header)
    return _POSITION.sub("", plain(_BRACKETS.sub(" ", parted)) or plain(parted))


@cache
def known_headers() -> frozenset[str]:
    """Every header that means something here."""
    return frozenset((*(h for f in FIELDS for h in f.headers), *_OTHER))
