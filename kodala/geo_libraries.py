"""Where GeoDjango finds GDAL and GEOS: inside the wheels of pyogrio and shapely.

Debian's GDAL is older than Django supports, and the wheels are pinned by the lock file. The packages
are only located, not imported: pyogrio would load pandas into every process.
"""

from importlib.util import find_spec
from pathlib import Path


def _library(package: str, pattern: str) -> str:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{package} is not installed")
    folder = Path(spec.origin).parent
    places = (folder.parent / f"{package}.libs", folder / ".dylibs")
    found = sorted(path for place in places for path in place.glob(pattern))
    if not found:
        raise RuntimeError(f"{package} was installed without {pattern}")
    return str(found[0])


GDAL_LIBRARY_PATH = _library("pyogrio", "libgdal*")
GEOS_LIBRARY_PATH = _library("shapely", "libgeos_c*")
