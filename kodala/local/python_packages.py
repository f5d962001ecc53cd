"""The Python environments in var, each with exactly the packages of its lock file."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from kodala.local.children import must_succeed, run_to_end
from kodala.local.console import step
from kodala.local.errors import SetupError
from kodala.local.pip_wheel import find_pip
from kodala.local.project import Project
from kodala.local.stamps import fingerprint, is_done, set_done

NO_NETWORK = (
    "Bitte Netzverbindung, Zertifikate (PIP_CERT, SSL_CERT_FILE) und freien Platz prüfen und wiederholen."
)


@dataclass(frozen=True)
class PythonEnvironment:
    """A folder with a Python of its own, and the lock file that says what is in it."""

    folder: Path
    lock: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


def ensure_python_packages(project: Project) -> None:
    """Make the environment or bring it up to the lock file; nothing happens when it is."""
    own = PythonEnvironment(project.venv, project.root / "requirements.lock")
    _ensure(project, own, "Python-Pakete werden installiert (beim ersten Mal rund 360 MB)")


def ensure_bench_packages(project: Project) -> Path:
    """Make the environment with what is only measured against; gives its Python."""
    own = PythonEnvironment(project.var / "bench-venv", project.root / "requirements.bench.lock")
    _ensure(project, own, "Pakete, gegen die gemessen wird, werden installiert (beim ersten Mal rund 400 MB)")
    return own.python


def _ensure(project: Project, own: PythonEnvironment, label: str) -> None:
    version = "{}.{}".format(*sys.version_info)
    # The folder's own name counts: an environment that was moved or copied points back to its old place.
    mark = fingerprint(version, str(own.folder), files=[own.lock])
    stamp = own.folder / "kodala-stamp"
    if own.python.exists() and is_done(stamp, mark):
        return
    if not _fits(own):
        with step(f"Umgebung für Python {version} wird angelegt"):
            _make(own)
    with step(label):
        _install(project, own)
    set_done(stamp, mark)


def environment_fits(project: Project) -> bool:
    """Whether there is an environment made by this very Python version for this very place."""
    return _fits(PythonEnvironment(project.venv, project.root / "requirements.lock"))


def _fits(own: PythonEnvironment) -> bool:
    settings = own.folder / "pyvenv.cfg"
    libraries = own.folder / "lib" / "python{}.{}".format(*sys.version_info)
    if not (own.python.exists() and libraries.exists() and settings.exists()):
        return False
    return str(own.folder) in settings.read_text()


def _make(own: PythonEnvironment) -> None:
    shutil.rmtree(own.folder, ignore_errors=True)
    command = [sys.executable, "-m", "venv", "--without-pip", own.folder]
    mend = "Unter Debian und Ubuntu hilft: apt install python3-venv"
    must_succeed(run_to_end(command, os.environ), "Python kann keine Umgebung anlegen.", mend)


def _install(project: Project, own: PythonEnvironment) -> None:
    """Install by uv, which is ten times as fast; by pip where uv does not run or reach its registry."""
    environment = _installer_environment(project)
    pip = [own.python, _pip_program(project), "install", "-q"]
    uv = own.folder / "bin" / "uv"
    if not uv.exists():
        run_to_end([*pip, "uv"], environment)
    sync = [uv, "pip", "sync", "-q", "--require-hashes", "--python", own.python, own.lock]
    if uv.exists() and run_to_end(sync, environment).exit_code == 0:
        return
    outcome = run_to_end([*pip, "--require-hashes", "-r", own.lock], environment)
    must_succeed(outcome, "Die Python-Pakete ließen sich nicht installieren.", NO_NETWORK)


def _pip_program(project: Project) -> str:
    wheel = find_pip(project)
    if wheel is None:
        raise SetupError("pip fehlt.", "Unter Debian und Ubuntu hilft: apt install python3-pip-whl")
    return f"{wheel}/pip"


def _installer_environment(project: Project) -> dict[str, str]:
    """uv shall trust the system's certificates, keep its cache in var and use the index pip is given."""
    environment = os.environ | {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    environment.setdefault("UV_CACHE_DIR", str(project.cache / "uv"))
    environment.setdefault("PIP_CACHE_DIR", str(project.cache / "pip"))
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    return environment
