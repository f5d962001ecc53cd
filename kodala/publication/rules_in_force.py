"""Under which rules a Datenstand was protected, and whether that is still enough.

The signed file is the law. A Datenstand keeps the rules it was protected under; where the file asks for more,
it is not shown until the worker has protected it again. A file that asks for less needs two signatures.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from kodala.core.errors import StateError
from kodala.publication.definitions import rules_definition
from kodala.publication.domain.strictness import (
    checksum,
    is_signed_by_two,
    list_impossible,
    list_looser,
    rulebook,
)
from kodala.publication.models import Datenstand

UNSIGNED = (
    "Die Regeln der Geheimhaltung wurden gelockert ({names}), aber nur von einer Person unterschrieben. Es "
    "entsteht kein Datenstand. Bitte die bisherigen Werte wiederherstellen, oder eine zweite Person prüft "
    "die Regeln und trägt danach in der Definitionsdatei ihren Namen als „checked_by“ und diese Prüfsumme "
    "als „checked_sha256“ ein: {checksum}"
)
IMPOSSIBLE = (
    "Die Regeln der Geheimhaltung sind so nicht möglich: {names} fehlt oder hat keinen sinnvollen Wert. Es "
    "entsteht kein Datenstand. Bitte die Definitionsdatei berichtigen; nötig sind Zahlen über 0, bei "
    "„share_band“ zwei aufsteigende Anteile von 0 bis 1."
)
STALE = (
    "Die Regeln der Geheimhaltung wurden verschärft. Dieser Datenstand wird gerade neu geprüft und kann erst "
    "danach freigegeben werden. Bitte in wenigen Minuten noch einmal versuchen. Bleibt es dabei, konnte er "
    "nicht neu geschützt werden; bitte wenden Sie sich dann an die Datenpflege."
)
PROTECTED_AGAIN = "wird neu geprüft"  # the state of a Datenstand that is hidden until then


def rules_for_certificate() -> dict[str, Any]:
    """What a certificate keeps of the rules; public, like the file itself."""
    own = rules_definition()
    return {"rules": own.version, "rules_sha256": own.sha256, "rulebook": rulebook(own.content)}


def is_stale(certificate: dict[str, Any]) -> bool:
    """Whether the file asks for more than a Datenstand with this certificate was protected by."""
    own = rules_definition()
    if certificate.get("rules_sha256") == own.sha256:
        return False
    kept = certificate.get("rulebook")
    return kept is None or bool(list_looser(rulebook(own.content), kept))


def refuse_unsigned_loosening() -> None:
    """Raise StateError if one person alone made the file looser than the newest Datenstand's rules.

    Also if a number in it is missing or impossible, whoever signed.
    """
    own = rules_definition().content
    if impossible := list_impossible(own):
        raise StateError(IMPOSSIBLE.format(names=", ".join(impossible)))
    newest = Datenstand.objects.filter(certificate__has_key="rulebook").order_by("-version").first()
    looser = list_looser(newest.certificate["rulebook"], rulebook(own)) if newest else []
    if looser and not is_signed_by_two(own):
        raise StateError(UNSIGNED.format(names=", ".join(looser), checksum=checksum(own)))


def list_stale() -> list[int]:
    """Waiting and released Datenstände that must be protected again, the oldest first."""
    standing = Datenstand.objects.filter(state__in=[Datenstand.State.AUDITED, Datenstand.State.RELEASED])
    # Nearly always all are of the rules in force; only of the others the certificates are read.
    same = Q(certificate__has_key="rules_sha256", certificate__rules_sha256=rules_definition().sha256)
    others = standing.exclude(same)
    rows = others.order_by("version").values_list("pk", "certificate")
    return [pk for pk, certificate in rows if is_stale(certificate)]
