"""Find a pip to begin with: every Python brings it as a wheel, Debian's only with a package."""

import re
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from kodala.local.private_system import tree_of
from kodala.local.project import Project


def find_pip(project: Project) -> Path | None:
    """The newest pip wheel on this machine or in the private tree; it runs as it is."""
    folders = [Path("/usr/share/python-wheels")]
    folders.append(tree_of(project, "python3-pip-whl") / "usr" / "share" / "python-wheels")
    named_by_python = sysconfig.get_config_var("WHEEL_PKG_DIR")
    if named_by_python:
        folders.append(Path(named_by_python))
    bundled = find_spec("ensurepip")
    if bundled and bundled.origin:
        folders.append(Path(bundled.origin).parent / "_bundled")
    wheels = [wheel for folder in folders for wheel in folder.glob("pip-*.whl")]
    return max(wheels, key=_version, default=None)


def _version(wheel: Path) -> tuple[int, ...]:
    """pip-23.0.1-py3-none-any.whl -> (23, 0, 1)"""
    return tuple(int(number) for number in re.findall(r"\d+", wheel.name.split("-")[1]))
