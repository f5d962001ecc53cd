"""The certificates of a delivery's cells and of a Datenstand's protection in templates."""

from __future__ import annotations

from typing import Any

from django import template

from kodala.dashboard import proof
from kodala.dashboard.certificate import Line, certificate_lines, is_bundling

register = template.Library()


@register.inclusion_tag("deliveries/_certificate_lines.html")
def certificate_table(certificate: dict[str, Any]) -> dict[str, Any]:
    """Draw all facts of a certificate with their verdicts."""
    lines: list[Line] = certificate_lines(certificate)
    broken = sum(line.is_kept is False for line in lines)
    return {"lines": lines, "n_broken": broken, "is_bundling": is_bundling(certificate)}


@register.filter
def proof_lines(certificate: dict[str, Any]) -> list[Line]:
    """All facts of the proof of a Datenstand."""
    return proof.proof_lines(certificate)


@register.filter
def proof_sentences(certificate: dict[str, Any]) -> list[str]:
    """What the proof found in plain German; [] for one that knows too little."""
    return proof.long_words(certificate)


@register.filter
def proof_in_short(certificate: dict[str, Any]) -> str:
    """The proof of a Datenstand in one sentence."""
    return proof.short_words(certificate)


@register.filter
def choice_in_words(certificate: dict[str, Any]) -> str:
    """Whether the proof says that no safe choice would withhold less."""
    return proof.choice_words(certificate)


@register.filter
def has_audit(certificate: dict[str, Any]) -> bool:
    """Whether all figures of a Datenstand were audited together."""
    return proof.is_audited(certificate)
