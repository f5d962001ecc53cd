"""The streets of the invented city: wavy lines through each district, with houses on both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from microcells.demo.facts import city, stream
from microcells.demo.solving import largest_remainder

Floats = NDArray[np.float64]

FRONTAGE = (22.0, -7.0)  # metres of street per house and side = a + b·density; only where there is room
SHORTEST = 40.0  # metres; shorter pieces of street stay without houses
INSET = 25.0  # metres between the outermost street and the border of the district


def place_houses(number: int, shape: Polygon, density: float, n_houses: int) -> pd.DataFrame:
    """Place the houses of one district along its streets.

    returns: n_houses rows: district_number, section (0, 1, …), house_number, street_side, x, y (EPSG:25832)
    """
    rng = stream(f"streets {number}")
    sections = _sections(shape, density, n_houses, rng)
    counts = largest_remainder(np.array([line.length for line in sections]), n_houses)
    rows = [_along(line, count, rng) for line, count in zip(sections, counts.tolist(), strict=True)]
    houses = pd.concat([row.assign(section=place) for place, row in enumerate(rows)], ignore_index=True)
    return houses.assign(district_number=number)


def _sections(shape: Polygon, density: float, n_houses: int, rng: np.random.Generator) -> list[LineString]:
    """Lay out streets whose length fits the number of houses, cut into sections."""
    lines = _wavy_lines(shape, density, rng)
    greens = shapely.union_all([_green(shape, rng) for _ in range(4)])
    wished = n_houses * (FRONTAGE[0] + FRONTAGE[1] * density) / 2
    size = 1.0
    for _ in range(8):
        region = affinity.scale(shape, size, size, origin="centroid").intersection(shape.buffer(-INSET))
        pieces = _pieces(lines, region.difference(greens))
        length = sum(piece.length for piece in pieces)
        size *= min(1.0, float(np.sqrt(wished / max(length, 1.0))))
        if length <= 1.1 * wished:
            break
    longest = float(city()["houses"]["section_length"])
    return [part for piece in pieces for part in _cut(piece, longest)]


def _wavy_lines(shape: Polygon, density: float, rng: np.random.Generator) -> list[LineString]:
    """Draw parallel wavy lines over a district, in a random direction."""
    spacing = city()["houses"]["line_spacing"]
    gap = spacing[0] + spacing[1] * density
    centre = shape.centroid
    reach = Point(centre).hausdorff_distance(shape) + gap
    angle, wave, phase = rng.uniform(0, 180), rng.uniform(400, 800), rng.uniform(0, 2 * np.pi)
    along = np.arange(-reach, reach + 25, 25)
    bend = 12 * np.sin(2 * np.pi * along / wave + phase)
    offsets = np.arange(-reach, reach + gap, gap)
    lines = [LineString(np.column_stack([along, offset + bend])) for offset in offsets]
    return [affinity.translate(affinity.rotate(line, angle, (0, 0)), centre.x, centre.y) for line in lines]


def _green(shape: Polygon, rng: np.random.Generator) -> Polygon:
    """Keep a disc inside the district free of houses."""
    west, south, east, north = shape.bounds
    centre = Point(rng.uniform(west, east), rng.uniform(south, north))
    return centre.buffer(rng.uniform(0.05, 0.11) * np.sqrt(shape.area))


def _pieces(lines: list[LineString], region: BaseGeometry) -> list[LineString]:
    """Keep the parts of the lines inside the region that are long enough for houses; at least one."""
    parts = shapely.get_parts(shapely.intersection(lines, region))
    lengths = shapely.length(parts)
    keep = lengths >= min(SHORTEST, float(lengths.max()))
    return list(parts[keep])


def _cut(line: LineString, longest: float) -> list[LineString]:
    """Cut a line into equal sections of at most the given length."""
    n_parts = max(1, int(np.ceil(line.length / longest)))
    marks = np.linspace(0, line.length, n_parts + 1)
    return [substring(line, marks[k], marks[k + 1]) for k in range(n_parts)]


def _along(line: LineString, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Place houses alternately left (odd) and right (even) of a section."""
    number = np.arange(1, count + 1)
    step = line.length / max(count, 1)
    place = np.clip((number - 0.5) * step + rng.uniform(-1.5, 1.5, count), 0, line.length)
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, place))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(place + 1, line.length)))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(place - 1, 0)))
    direction = ahead - behind
    direction /= np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-9)[:, None]
    is_left = number % 2 == 1
    setback = np.where(is_left, 1.0, -1.0)[:, None] * float(city()["houses"]["setback"])
    spots = here + setback * np.column_stack([-direction[:, 1], direction[:, 0]])
    return pd.DataFrame(
        {
            "house_number": number,
            "street_side": np.where(is_left, "l", "r"),
            "x": spots[:, 0].round(1),
            "y": spots[:, 1].round(1),
        }
    )
