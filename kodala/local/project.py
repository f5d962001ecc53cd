"""Where the checkout lies and where it keeps what is made at run time."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """The folders of one checkout. Everything made at run time lies in `var`."""

    root: Path
    var: Path

    @property
    def venv(self) -> Path:
        return self.var / "venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def javascript(self) -> Path:
        return self.var / "js"

    @property
    def services(self) -> Path:
        return self.var / "services"

    @property
    def system(self) -> Path:
        return self.var / "system"

    @property
    def cache(self) -> Path:
        return self.var / "cache"


def open_project(root: Path, environment: Mapping[str, str] = os.environ) -> Project:
    """Name the folders of the checkout at `root`; KODALA_VAR moves `var` elsewhere."""
    var = Path(environment.get("KODALA_VAR") or root / "var").absolute()
    for folder in (var, var / "services", var / "cache"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Project(root, var)
