"""Vector tiles of display cells: who gets them, what stands in them, and what never does."""

import math

import numpy as np
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.urls import reverse

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.dashboard.tiles import HALF_WORLD_M, _box_in_utm, is_drawn, tile_envelope
from kodala.publication.models import ClassScheme, Datenstand, DisplayCellFigure
from tests import builders
from tests.web import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def datenstand(area_set, people):
    datenstand = published.make_released(area_set, people[ADMIN], people[PLANNER])
    published.add_display_cells(datenstand)
    return datenstand


@pytest.fixture
def planner(client, people):
    client.force_login(people[PLANNER])
    return client


def address(zxy=builders.TILE, code="debt_rate", version=1):
    return reverse("tile", args=[version, code, *zxy])


def read(tile, folder, zxy=builders.TILE):
    """Display cell number -> class and shape (EPSG:3857), as GDAL reads the tile; and the fields' names."""
    z, x, y = zxy
    path = folder / str(z) / str(x) / f"{y}.pbf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tile)
    meta, _, shapes, fields = pyogrio.raw.read(path)
    columns = dict(zip(meta["fields"], fields, strict=True))
    rows = zip(columns["number"], columns["class"], shapely.from_wkb(shapes), strict=True)
    return {int(number): (code, shape) for number, code, shape in rows}, set(columns) - {"mvt_id"}


def test_a_tile_holds_class_and_number_of_every_display_cell_in_it(planner, datenstand, tmp_path):
    answer = planner.get(address())

    found, names = read(answer.content, tmp_path)
    figures = DisplayCellFigure.objects.filter(datenstand=datenstand, indicator="debt_rate")
    stored = dict(figures.values_list("display_cell__number", "class_code"))
    assert names == {"class", "number"}
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert len(found) > 20
    assert {number: code for number, (code, _) in found.items()} == {n: stored[n] for n in found}
    assert {"protected", "b"} <= {code for code, _ in found.values()}


def test_shapes_lie_where_the_outlines_lie(planner, datenstand, tmp_path):
    found, _ = read(planner.get(address()).content, tmp_path)

    square = shapely.from_wkt(tile_envelope(*builders.TILE).wkt)
    for figure in DisplayCellFigure.objects.filter(indicator="debt_rate").select_related("display_cell"):
        outline = figure.display_cell.outline.transform(3857, clone=True)
        inside = shapely.from_wkb(bytes(outline.wkb)).intersection(square)
        drawn = found.get(figure.display_cell.number)
        if inside.area < 1:
            continue
        assert drawn[1].intersection(square).symmetric_difference(inside).area < 0.02 * square.area


def test_tiles_beside_the_city_are_empty(planner, datenstand):
    for zxy in ((14, 8800, 5373), (8, 0, 0), (18, 2**18 - 1, 2**18 - 1), (8, 129, 84)):
        answer = planner.get(address(zxy))
        assert (answer.status_code, answer.content) == (200, b""), zxy


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"version": 99_999_999_999},
        {"code": "households"},
        {"code": "unknown"},
        {"zxy": (7, 66, 42)},
        {"zxy": (19, 0, 0)},
        {"zxy": (8, 256, 0)},
        {"zxy": (8, 0, 256)},
    ],
)
def test_there_is_no_tile_of_anything_else(planner, datenstand, wrong):
    assert planner.get(address(**wrong)).status_code == 404


def test_a_draft_has_no_tiles_before_its_release(planner, datenstand):
    Datenstand.objects.filter(pk=datenstand.pk).update(state=Datenstand.State.AUDITED)

    assert planner.get(address()).status_code == 404


def test_classes_of_old_limits_are_shown_no_more(planner, datenstand):
    ClassScheme.objects.filter(indicator="debt_rate").update(limits=[1.0])

    assert planner.get(address()).status_code == 404


def test_envelopes_are_those_of_postgis():
    for zxy in (builders.TILE, (8, 132, 85), (18, 135_000, 87_000)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT ST_AsBinary(ST_TileEnvelope(%s, %s, %s))", zxy)
            theirs = GEOSGeometry(memoryview(cursor.fetchone()[0]), srid=3857)
        assert tile_envelope(*zxy).extent == pytest.approx(theirs.extent, abs=1e-6)


def test_the_box_in_utm_holds_the_whole_tile():
    for zxy in ((8, 132, 85), builders.TILE):
        square = tile_envelope(*zxy)
        left, bottom, right, top = square.extent
        grid = [(x, y) for x in np.linspace(left, right, 65) for y in np.linspace(bottom, top, 65)]
        points = GEOSGeometry(shapely.multipoints(grid).wkt, srid=3857).transform(25832, clone=True)

        west, south, east, north = _box_in_utm(square).extent

        slack = (right - left) * 1e-3
        inner = points.extent
        assert west - slack <= inner[0]
        assert south - slack <= inner[1]
        assert inner[2] <= east + slack
        assert inner[3] <= north + slack


def test_only_addresses_of_the_grid_are_drawn():
    assert is_drawn(8, 255, 255)
    assert not is_drawn(8, 255, -1)
    assert math.isclose(tile_envelope(0, 0, 0).extent[2], HALF_WORLD_M)


def test_the_query_of_a_tile_uses_the_index_of_the_outlines(planner, datenstand):
    plans = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT ST_AsMVT("):
            with connection.cursor() as cursor:
                for way in ("seqscan", "nestloop", "mergejoin"):  # tables as small as these need no index
                    cursor.execute(f"SET LOCAL enable_{way} = off")
                cursor.execute(f"EXPLAIN {sql}", params)
                plans.extend(row[0] for row in cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        planner.get(address())

    assert any("microcells_displaycell_outline" in line for line in plans), plans


def test_a_tile_is_one_query(planner, datenstand, django_assert_max_num_queries):
    with django_assert_max_num_queries(8) as queries:
        planner.get(address())

    assert sum("ST_AsMVT(" in query["sql"] for query in queries) == 1


def test_a_tile_kept_by_a_browser_is_asked_for_again_and_falls_with_its_cells(planner, datenstand):
    first = planner.get(address())
    again = planner.get(address(), headers={"if-none-match": first["ETag"]})
    DisplayCellFigure.objects.filter(datenstand=datenstand).update(state="protected", class_code="protected")
    stricter = planner.get(address(), headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert stricter.status_code == 200
    assert stricter.content != first.content
