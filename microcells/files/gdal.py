"""GDAL in the child: only the three drivers that are needed, and moving points between coordinate systems."""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np
import pyogrio  # loads the library and tells it where its tables of coordinate systems lie

from kodala.geo_libraries import GDAL_LIBRARY_PATH
from microcells.domain.rows import Bools, Floats

DRIVERS = frozenset(("GPKG", "ESRI Shapefile", "GeoJSON"))
LONGITUDE_FIRST = 0  # axis order as files hold it
DONE = 0  # OGRERR_NONE

__all__ = ["keep_needed_drivers", "pyogrio", "transform_points"]


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(GDAL_LIBRARY_PATH)
    for name in ("GDALGetDriver", "OSRNewSpatialReference", "OCTNewCoordinateTransformation"):
        getattr(library, name).restype = ctypes.c_void_p
    library.GDALGetDriverShortName.restype = ctypes.c_char_p
    return library


def keep_needed_drivers() -> None:
    """Forget every other driver: what cannot be parsed cannot be attacked."""
    library = _library()
    for number in reversed(range(library.GDALGetDriverCount())):
        driver = ctypes.c_void_p(library.GDALGetDriver(number))
        if library.GDALGetDriverShortName(driver).decode() not in DRIVERS:
            library.GDALDeregisterDriver(driver)


def transform_points(x: Floats, y: Floats, source: int, goal: int) -> tuple[Floats, Floats, Bools]:
    """Points moved from one EPSG system to another.

    x, y:    finite, of the same length; east or longitude first
    returns: new coordinates, and True where a point could not be moved
    Raises ValueError if one of the systems is unknown.
    """
    library = _library()
    ends = [_system(code) for code in (source, goal)]
    move = ctypes.c_void_p(library.OCTNewCoordinateTransformation(*ends))
    if not move:
        raise ValueError(f"no way from EPSG:{source} to EPSG:{goal}")
    new_x, new_y = (np.array(values, dtype=np.float64) for values in (x, y))
    is_moved = np.zeros(len(new_x), dtype=np.int32)
    library.OCTTransformEx(
        move,
        ctypes.c_int(len(new_x)),
        new_x.ctypes.data_as(ctypes.c_void_p),
        new_y.ctypes.data_as(ctypes.c_void_p),
        None,
        is_moved.ctypes.data_as(ctypes.c_void_p),
    )
    is_lost = (is_moved == 0) | ~np.isfinite(new_x) | ~np.isfinite(new_y)
    return new_x, new_y, is_lost


def _system(code: int) -> ctypes.c_void_p:
    library = _library()
    system = ctypes.c_void_p(library.OSRNewSpatialReference(None))
    if library.OSRImportFromEPSG(system, ctypes.c_int(code)) != DONE:
        raise ValueError(f"EPSG:{code} is unknown")
    library.OSRSetAxisMappingStrategy(system, ctypes.c_int(LONGITUDE_FIRST))
    return system
