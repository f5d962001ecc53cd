"""Area sets from the common file forms, in any coordinate system, or a sentence that names the fault."""

from io import StringIO

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command

from microcells.demo.geography import write_areas
from microcells.models import AreaSet, ObservationArea

pytestmark = pytest.mark.django_db
M2_PER_KM2 = 1e6
UTM_SQUARES = [shapely.box(340_000 + 1000 * n, 5_672_000, 341_000 + 1000 * n, 5_673_000) for n in range(3)]


def in_degrees(shape):
    """A square near Neuss in longitude and latitude."""
    return shapely.transform(shape, lambda xy: (xy - [340_000, 5_672_000]) / 100_000 + [6.7, 51.18])


def write(path, shapes, crs, numbers=(1, 2, 3), names=("Altstadt", "Häfen", "Am Wald")):
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [
            np.array(numbers, dtype=np.int64),
            np.array(names, dtype=object),
            np.array(["1+4", "2", "3"], dtype=object),
        ],
        ["nr", "titel", "bezirke"],
        geometry_type="Polygon",
        crs=crs,
    )
    return path


def load(path, **given):
    said = StringIO()
    columns = {"number": "nr", "name": "titel", "districts": "bezirke", **given}
    call_command("load_areas", str(path), stdout=said, **columns)
    return said.getvalue()


@pytest.mark.parametrize(
    ("file_name", "crs", "shapes"),
    [
        ("gebiete.geojson", "EPSG:4326", [in_degrees(shape) for shape in UTM_SQUARES]),
        ("gebiete.gpkg", "EPSG:25832", UTM_SQUARES),
        ("gebiete.shp", "EPSG:25832", UTM_SQUARES),
        ("gebiete.gpkg", "EPSG:3857", [shapely.transform(s, lambda xy: xy * 1.0) for s in UTM_SQUARES]),
    ],
)
def test_common_forms_and_coordinate_systems_are_read(tmp_path, file_name, crs, shapes):
    said = load(write(tmp_path / file_name, shapes, crs))

    areas = ObservationArea.objects.filter(area_set__is_current=True)
    assert "3 Gebieten geladen" in said
    assert [(area.number, area.name, area.districts) for area in areas] == [
        (1, "Altstadt", [1, 4]),
        (2, "Häfen", [2]),
        (3, "Am Wald", [3]),
    ]
    assert all(area.outline.srid == 25832 for area in areas)


def test_squares_in_metres_keep_their_size(tmp_path):
    load(write(tmp_path / "gebiete.gpkg", UTM_SQUARES, "EPSG:25832"))

    assert [area.outline.area / M2_PER_KM2 for area in ObservationArea.objects.all()] == [1.0, 1.0, 1.0]


def test_the_same_outlines_again_only_become_current_again(tmp_path):
    path = write(tmp_path / "gebiete.gpkg", UTM_SQUARES, "EPSG:25832")
    load(path)
    other = write(tmp_path / "andere.gpkg", [shapely.box(0, 0, 10, 10), *UTM_SQUARES[1:]], "EPSG:25832")
    load(other)

    said = load(path)

    assert "gilt jetzt wieder" in said
    assert AreaSet.objects.count() == 2
    assert AreaSet.objects.get(is_current=True).label == "gebiete"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shapes": [UTM_SQUARES[0], UTM_SQUARES[0], UTM_SQUARES[2]]}, "Altstadt und Häfen überlappen sich"),
        ({"numbers": (1, 1, 3)}, "Die Nummer 1 kommt 2-mal vor: Altstadt, Häfen."),
        ({"shapes": [shapely.Polygon(), *UTM_SQUARES[1:]]}, "Altstadt hat keine Fläche."),
    ],
)
def test_faults_name_the_areas_and_store_nothing(tmp_path, change, sentence):
    shapes = change.pop("shapes", UTM_SQUARES)
    path = write(tmp_path / "gebiete.gpkg", shapes, "EPSG:25832", **change)

    with pytest.raises(CommandError, match="Nichts gespeichert") as caught:
        load(path)

    assert sentence in str(caught.value)
    assert not AreaSet.objects.exists()


def test_a_missing_column_is_named_with_those_that_exist(tmp_path):
    path = write(tmp_path / "gebiete.gpkg", UTM_SQUARES, "EPSG:25832")

    with pytest.raises(CommandError, match=r"„nummer“ fehlt\. Vorhanden sind: nr, titel, bezirke\."):
        load(path, number="nummer")


def test_a_file_that_is_no_area_file_is_refused(tmp_path):
    path = tmp_path / "gebiete.geojson"
    path.write_text("nummer;name\n1;Altstadt\n")

    with pytest.raises(CommandError, match="lässt sich nicht als Gebietsdatei lesen"):
        load(path)


def test_the_invented_city_has_24_areas_and_says_that_it_is_invented(tmp_path):
    path = tmp_path / "demo.geojson"
    write_areas(path)

    call_command("load_areas", str(path), districts="bezirke", invented=True, stdout=StringIO())

    area_set = AreaSet.objects.get()
    assert area_set.is_invented
    assert area_set.areas.count() == 24
    assert sorted(number for area in area_set.areas.all() for number in area.districts) == list(range(1, 29))


def test_the_real_outline_is_accepted(shared_data):
    path = shared_data / "neuss" / "neuss_beobachtungsgebiete_naeherung.geojson"

    said = load(path, number="bg_nr", name="beobachtungsgebiet", districts="bezirke", approximate=True)

    total = sum(area.outline.area for area in ObservationArea.objects.all()) / M2_PER_KM2
    assert "24 Gebieten geladen" in said
    assert total == pytest.approx(99.53, abs=0.1)
