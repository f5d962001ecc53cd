"""The map of the invented city: a power diagram of the districts inside a rounded outline."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from microcells.demo.facts import FOLDER, districts

Floats = NDArray[np.float64]

GRID = 1.0  # metres; all corners lie on whole metres
EPSG = 25832


@lru_cache(maxsize=1)
def district_shapes() -> dict[int, Polygon]:
    """Draw the 28 districts (EPSG:25832), which tile the outline without gap or overlap."""
    sites = pd.read_csv(FOLDER / "map_sites.csv")
    outline = Polygon(pd.read_csv(FOLDER / "outline.csv").to_numpy(np.float64))
    places, weights = sites[["x", "y"]].to_numpy(np.float64), sites["weight_m2"].to_numpy(np.float64)
    cells = [_power_cell(site, places, weights, outline) for site in range(len(sites))]
    shapes = shapely.coverage_simplify(shapely.set_precision(cells, GRID), GRID)
    if not shapely.coverage_is_valid(shapes):
        raise ValueError("the districts of the invented city do not tile its outline")
    return dict(zip(sites["number"].tolist(), shapes, strict=True))


def _power_cell(site: int, places: Floats, weights: Floats, outline: Polygon) -> Polygon:
    """Cut out the part of the outline whose power distance |p - s|² - w is least for one site.

    Source: Aurenhammer 1987, Power diagrams, SIAM J. Comput. 16.
    """
    west, south, east, north = outline.buffer(1000).bounds
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    for other in range(len(places)):
        if other != site:
            normal = 2 * (places[other] - places[site])
            limit = (places[other] ** 2).sum() - (places[site] ** 2).sum() - weights[other] + weights[site]
            corners = _clip(corners, normal, limit)
    return outline.intersection(Polygon(corners))


def _clip(corners: Floats, normal: Floats, limit: float) -> Floats:
    """Keep the part of a convex polygon where normal · p <= limit."""
    height = corners @ normal - limit
    kept: list[Floats] = []
    for here in range(len(corners)):
        before = here - 1
        if (height[here] <= 0) != (height[before] <= 0):
            part = height[before] / (height[before] - height[here])
            kept.append(corners[before] + part * (corners[here] - corners[before]))
        if height[here] <= 0:
            kept.append(corners[here])
    return np.array(kept).reshape(-1, 2)


def area_shapes() -> pd.DataFrame:
    """Join the districts to the 24 observation areas: nummer, name, bezirke ("1,3"), shape.

    The district that gave its number to the area is named first.
    """
    shapes = district_shapes()
    rows = []
    for number in sorted(set(districts()["area_number"].tolist())):
        members = districts()[districts()["area_number"] == number]
        main_first = members.iloc[np.argsort(members["number"] != number, kind="stable")]
        rows.append(
            {
                "nummer": number,
                "name": " / ".join(main_first["name"]),
                "bezirke": ",".join(str(one) for one in members["number"]),
                "shape": shapely.coverage_union_all([shapes[one] for one in members["number"]]).normalize(),
            }
        )
    return pd.DataFrame(rows)


def write_areas(path: Path) -> Path:
    """Write the 24 areas as GeoJSON in EPSG:25832 with nummer, name, bezirke."""
    features = [
        {
            "type": "Feature",
            "properties": {"nummer": row["nummer"], "name": row["name"], "bezirke": row["bezirke"]},
            "geometry": shapely.geometry.mapping(row["shape"]),
        }
        for row in area_shapes().to_dict("records")
    ]
    collection = {
        "type": "FeatureCollection",
        "name": "Beobachtungsgebiete der Demostadt, schematisch, nicht amtlich",
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{EPSG}"}},
        "features": features,
    }
    path.write_text(json.dumps(collection, ensure_ascii=False, indent=None) + "\n", encoding="utf-8")
    return path
