"""Whether a set of outlines can divide a city: valid, numbered once, no overlap, no hole between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from kodala.core.errors import Finding, InputError, Severity

SLIVER_M = 1.5  # overlaps and gaps narrower than twice this come from digitising; points may lie 50 m off


def check_areas(numbers: Sequence[int], names: Sequence[str], outlines: NDArray[np.object_]) -> None:
    """Refuse outlines that cannot serve as observation areas.

    numbers, names: one per area
    outlines:       shapely geometries in metres (EPSG:25832)

    Raises InputError with one finding for every fault; the sentences name the areas.
    """
    findings = [*_check_numbers(numbers, names), *_check_shapes(names, outlines)]
    if not findings:
        findings = [*_check_overlaps(names, outlines), *_check_holes(names, outlines)]
    if findings:
        raise InputError(findings)


def _finding(code: str, text: str, suggestion: str) -> Finding:
    return Finding(0, "", code, Severity.CONTRACT, text, suggestion)


def _check_numbers(numbers: Sequence[int], names: Sequence[str]) -> list[Finding]:
    findings = []
    if not numbers:
        findings.append(
            _finding("E-LEER", "Die Datei enthält kein Gebiet.", "Bitte die richtige Ebene angeben.")
        )
    for number, times in sorted(Counter(numbers).items()):
        if times > 1:
            whose = ", ".join(name for name, own in zip(names, numbers, strict=True) if own == number)
            findings.append(
                _finding(
                    "E-NUMMER-DOPPELT",
                    f"Die Nummer {number} kommt {times}-mal vor: {whose}.",
                    "Bitte jedem Gebiet eine eigene Nummer geben oder Teilflächen vorher vereinigen.",
                )
            )
    return findings


def _check_shapes(names: Sequence[str], outlines: NDArray[np.object_]) -> list[Finding]:
    findings = []
    for name, outline in zip(names, outlines, strict=True):
        if outline is None or shapely.is_empty(outline):
            findings.append(
                _finding("E-LEERE-FLÄCHE", f"{name} hat keine Fläche.", "Bitte die Geometrie ergänzen.")
            )
        elif outline.geom_type not in ("Polygon", "MultiPolygon"):
            findings.append(
                _finding(
                    "E-KEINE-FLÄCHE",
                    f"{name} ist keine Fläche.",
                    "Bitte Polygone statt Punkten oder Linien liefern.",
                )
            )
        elif not shapely.is_valid(outline):
            findings.append(
                _finding(
                    "E-UNGÜLTIG",
                    f"Der Umriss von {name} ist ungültig, zum Beispiel weil er sich selbst schneidet.",
                    "Bitte die Geometrie im GIS reparieren („Geometrien reparieren“) und neu laden.",
                )
            )
    return findings


def _check_overlaps(names: Sequence[str], outlines: NDArray[np.object_]) -> list[Finding]:
    tree = shapely.STRtree(outlines)
    left, right = tree.query(outlines, predicate="intersects")
    pairs = [(i, j) for i, j in zip(left.tolist(), right.tolist(), strict=True) if i < j]
    findings = []
    for i, j in sorted(pairs):
        shared = shapely.intersection(outlines[i], outlines[j])
        if not shapely.is_empty(shapely.buffer(shared, -SLIVER_M)):
            findings.append(
                _finding(
                    "E-ÜBERLAPPUNG",
                    f"{names[i]} und {names[j]} überlappen sich auf {shapely.area(shared):,.0f} m².".replace(
                        ",", "."
                    ),
                    "Bitte die gemeinsame Grenze bereinigen.",
                )
            )
    return findings


def _check_holes(names: Sequence[str], outlines: NDArray[np.object_]) -> list[Finding]:
    # Growing and shrinking by the sliver closes hair cracks, so that only real holes are left.
    grown = shapely.union_all(shapely.buffer(outlines, SLIVER_M, join_style="mitre"))
    city = shapely.buffer(grown, -SLIVER_M, join_style="mitre")
    findings = []
    for part in shapely.get_parts(city):
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            if shapely.is_empty(shapely.buffer(hole, -SLIVER_M)):
                continue
            beside = [
                name
                for name, outline in zip(names, outlines, strict=True)
                if shapely.dwithin(outline, hole, 3 * SLIVER_M)
            ]
            where = f"{'Zwischen' if len(beside) > 1 else 'In'} {', '.join(beside)}"
            size = f"{hole.area:,.0f}".replace(",", ".")
            findings.append(
                _finding(
                    "E-LÜCKE",
                    f"{where} liegt eine Lücke von {size} m².",
                    "Bitte die Lücke einem Gebiet zuordnen.",
                )
            )
    return findings
