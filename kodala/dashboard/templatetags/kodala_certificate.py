"""The certificate of a delivery's cells in templates."""

from __future__ import annotations

from typing import Any

from django import template

from kodala.dashboard.certificate import Line, certificate_lines, is_bundling

register = template.Library()


@register.inclusion_tag("deliveries/_certificate_lines.html")
def certificate_table(certificate: dict[str, Any]) -> dict[str, Any]:
    """Draw all facts of a certificate with their verdicts."""
    lines: list[Line] = certificate_lines(certificate)
    broken = sum(line.is_kept is False for line in lines)
    return {"lines": lines, "n_broken": broken, "is_bundling": is_bundling(certificate)}
