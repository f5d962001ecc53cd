"""The certificate of disclosure control in German: what was tried against a Datenstand, and what came of it.

Says only what a certificate holds, so nothing that a withheld value could change. Certificates of older
versions hold less; what they do not know is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kodala.core.german import german_number
from kodala.dashboard.certificate import SHOWN_OF_HASH, Line
from kodala.publication.domain.wording import WHY_PROTECTED, names_in_a_row

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
Certificate = Mapping[str, Any]
WHAT_IS_PROTECTED = "Kennzahlen, je Gebiet, Bezirk und Stadt gezählt"
WHAT_IS_WITHHELD = (
    "von den Zahlen dahinter; eine kann hinter mehreren Kennzahlen stehen, darum andere Anzahl als oben"
)


def is_audited(own: Certificate) -> bool:
    """Whether all figures were audited as one system of equations, and not by single rules alone."""
    return "numbers" in own


def proof_lines(own: Certificate) -> list[Line]:
    """All facts of a certificate in the order in which they are read."""
    lines = [*_counted(own), *_audited(own), *_attacked(own), *_kept(own)]
    return [line for line in lines if line.value]


def _counted(own: Certificate) -> Iterator[Line]:
    states = own.get("states", {})
    yield Line("Geprüfte Kennzahlen", _whole(own.get("figures")), "je Gebiet, Bezirk und Stadt")
    yield Line("davon geschützt", _whole(states.get("protected")), WHAT_IS_PROTECTED)
    yield Line("davon nicht geliefert", _whole(states.get("not_delivered")))
    yield Line("Geschützte Werte der ganzen Stadt", _whole(own.get("totals_withheld")))


def _audited(own: Certificate) -> Iterator[Line]:
    if not is_audited(own):
        return
    yield Line("Zahlen dahinter", _whole(own["numbers"]), "Anzahlen von Personen und Haushalten")
    yield Line("Gleichungen zwischen ihnen", _whole(own["equations"]))
    yield Line("Gebiete, Bezirke, Stichtage", scope_words(own))
    yield Line("Zurückgehaltene Zahlen", _whole(own["withheld"]), WHAT_IS_WITHHELD)
    yield Line("Auswahl", choice_words(own))
    if own.get("given_away"):
        yield Line("Schon früher gezeigt", _whole(own["given_away"]), "lässt sich nicht mehr schützen")


def _attacked(own: Certificate) -> Iterator[Line]:
    yield Line("Rechenversuche von Angreifern", _whole(own.get("programmes")))
    leaks = own.get("open_leaks")
    label = "davon erfolgreich" if is_audited(own) else "Durch einfaches Rechnen ableitbar"
    yield Line(label, _whole(leaks), is_kept=leaks == 0)
    if is_audited(own):
        yield Line("Abstand nach oben und unten", distance_words(own))


def _kept(own: Certificate) -> Iterator[Line]:
    yield Line("Dauer", duration_words(own))
    yield Line("Regelwerk", str(own.get("rules", "")))
    yield Line("Prüfsumme des Regelwerks", _hash(own.get("rules_sha256")))
    yield Line("Prüfsumme der Auswahl", _hash(own.get("pattern_sha256")))


def scope_words(own: Certificate) -> str:
    """ "24, 8 und 5": how many areas, districts and reference dates were audited together."""
    return names_in_a_row([_whole(own[name]) for name in ("areas", "districts", "dates")])


def choice_words(own: Certificate) -> str:
    """Whether any safe choice would withhold less."""
    return "bewiesen die sparsamste" if own["is_cheapest"] else "sicher, nicht als sparsamste bewiesen"


def distance_words(own: Certificate) -> str:
    """By how many persons an attacker stays wrong."""
    return f"mindestens {_persons(own['protection_interval'])}"


def duration_words(own: Certificate) -> str:
    """ "3,2 s", "" if it was not measured."""
    seconds = own.get("seconds")
    return "" if seconds is None else f"{german_number(seconds, 1)}{NO_BREAK_SPACE}s"


def short_words(own: Certificate) -> str:
    """One sentence for lists: what was checked, withheld and tried."""
    if not is_audited(own):
        return (
            f"{_whole(own.get('figures'))} Kennzahlen einzeln geprüft, "
            f"{_whole(own.get('states', {}).get('protected'))} geschützt, "
            f"{_whole(own.get('open_leaks'))} durch einfaches Rechnen ableitbar"
        )
    parts = [
        f"{_whole(own['numbers'])} Zahlen und {_whole(own['equations'])} Gleichungen geprüft",
        f"{_whole(own['withheld'])} Zahlen zurückgehalten",
        _tried(own),
    ]
    return "; ".join([*parts, *filter(None, [duration_words(own)])])


def long_words(own: Certificate) -> list[str]:
    """What the check found, sentence by sentence, for people who do not know how it works."""
    if not is_audited(own):
        return []
    return [
        f"{_whole(own['numbers'])} Zahlen und {_whole(own['equations'])} Gleichungen zwischen ihnen geprüft.",
        _withheld_sentence(own),
        *([_distance_sentence(own)] if own["withheld"] else []),
        f"{_tried(own)}.",
    ]


def _tried(own: Certificate) -> str:
    return (
        f"{_whole(own['programmes'])} Rechenversuche von Angreifern, {_whole(own['open_leaks'])} erfolgreich"
    )


def _withheld_sentence(own: Certificate) -> str:
    """How many; never how many for which reason, for that would speak of the size of single ones."""
    n = own["withheld"]
    if not n:
        return "Keine Zahl ist für sich zu klein."
    return f"{_whole(n)} {'Zahl bleibt' if n == 1 else 'Zahlen bleiben'} zurück: {WHY_PROTECTED}."


def _distance_sentence(own: Certificate) -> str:
    least = _persons(own["protection_interval"])
    insiders = own["insiders"]
    known = {0: "", 1: ", auch für jemanden, der die eigene Angabe kennt"}.get(
        insiders, f", auch wenn {_whole(insiders)} Betroffene ihre Angaben zusammenlegen"
    )
    return (
        f"Jede zu kleine Zahl könnte um mindestens {least} höher und ebenso viel niedriger sein, nie unter "
        f"null{known}. Jede weitere lässt sich von außen nicht auf weniger als {least} genau eingrenzen."
    )


def _persons(number: float) -> str:
    return f"{german_number(number, 0)}{NO_BREAK_SPACE}{'Person' if number == 1 else 'Personen'}"


def _whole(number: float | None) -> str:
    return "" if number is None else german_number(number, 0)


def _hash(sha256: str | None) -> str:
    return f"{sha256[:SHOWN_OF_HASH]} …" if sha256 else ""
