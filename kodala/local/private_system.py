"""The private trees of Debian packages in var/system, for users who may not install programs."""

import os
from collections.abc import Mapping
from pathlib import Path

from kodala.local.project import Project


def tree_of(project: Project, package: str) -> Path:
    """The folder that stands for `/` in the private tree of one package; may not exist."""
    return project.system / package


def server_environment(project: Project, program: Path) -> dict[str, str]:
    """The environment in which a server from `program`'s place finds its libraries.

    Only programs of a private tree get its library path; Python must not see it.
    """
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    environment.pop("LANGUAGE", None)
    if program.is_relative_to(project.system):
        package = program.relative_to(project.system).parts[0]
        environment.update(library_environment(tree_of(project, package)))
    return environment


def library_environment(tree: Path) -> Mapping[str, str]:
    """Variables that show a program the libraries and the map projections of its private tree."""
    folders = []
    for libraries in sorted(tree.glob("usr/lib/*-linux-gnu")):
        folders += [libraries, libraries / "blas", libraries / "lapack", libraries / "pulseaudio"]
        folders.append(tree / "lib" / libraries.name)
    folders.append(tree / "usr" / "lib")
    projections = str(tree / "usr" / "share" / "proj")
    return {
        "LD_LIBRARY_PATH": ":".join(map(str, folders)),
        "PROJ_DATA": projections,
        "PROJ_LIB": projections,
    }
