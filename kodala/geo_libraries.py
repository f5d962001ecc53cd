"""Where GeoDjango finds GDAL and GEOS: inside the wheels of pyogrio and shapely.

Debian's GDAL is older than Django supports, and the wheels are pinned by the lock file.
pyogrio must be imported before Django loads its library, else its own data files are not found.
"""

from pathlib import Path

import pyogrio
import shapely


def _library(package_file: str, pattern: str) -> str:
    package = Path(package_file).parent
    places = (package.parent / f"{package.name}.libs", package / ".dylibs")
    found = sorted(path for place in places for path in place.glob(pattern))
    if not found:
        raise RuntimeError(f"{package.name} was installed without {pattern}")
    return str(found[0])


GDAL_LIBRARY_PATH = _library(pyogrio.__file__, "libgdal*")
GEOS_LIBRARY_PATH = _library(shapely.__file__, "libgeos_c*")
