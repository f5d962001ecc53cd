"""The Python environment in var/venv with exactly the packages of requirements.lock."""

import os
import shutil
import sys

from kodala.local.children import must_succeed, run_to_end
from kodala.local.console import step
from kodala.local.errors import SetupError
from kodala.local.pip_wheel import find_pip
from kodala.local.project import Project
from kodala.local.stamps import fingerprint, is_done, set_done

NO_NETWORK = (
    "Bitte Netzverbindung, Zertifikate (PIP_CERT, SSL_CERT_FILE) und freien Platz prüfen und wiederholen."
)


def ensure_python_packages(project: Project) -> None:
    """Make the environment or bring it up to the lock file; nothing happens when it is."""
    version = "{}.{}".format(*sys.version_info)
    lock = project.root / "requirements.lock"
    # The folder's own name counts: an environment that was moved or copied points back to its old place.
    mark = fingerprint(version, str(project.venv), files=[lock])
    stamp = project.venv / "kodala-stamp"
    if project.python.exists() and is_done(stamp, mark):
        return
    if not environment_fits(project):
        with step(f"Umgebung für Python {version} wird angelegt"):
            _make(project)
    with step("Python-Pakete werden installiert (beim ersten Mal rund 300 MB)"):
        _install(project)
    set_done(stamp, mark)


def environment_fits(project: Project) -> bool:
    """Whether there is an environment made by this very Python version for this very place."""
    settings = project.venv / "pyvenv.cfg"
    libraries = project.venv / "lib" / "python{}.{}".format(*sys.version_info)
    if not (project.python.exists() and libraries.exists() and settings.exists()):
        return False
    return str(project.venv) in settings.read_text()


def _make(project: Project) -> None:
    shutil.rmtree(project.venv, ignore_errors=True)
    command = [sys.executable, "-m", "venv", "--without-pip", project.venv]
    mend = "Unter Debian und Ubuntu hilft: apt install python3-venv"
    must_succeed(run_to_end(command, os.environ), "Python kann keine Umgebung anlegen.", mend)


def _install(project: Project) -> None:
    """Install by uv, which is ten times as fast; by pip where uv does not run or reach its registry."""
    environment = _installer_environment(project)
    pip = [project.python, _pip_program(project), "install", "-q"]
    uv = project.venv / "bin" / "uv"
    if not uv.exists():
        run_to_end([*pip, "uv"], environment)
    lock = project.root / "requirements.lock"
    sync = [uv, "pip", "sync", "-q", "--require-hashes", "--python", project.python, lock]
    if uv.exists() and run_to_end(sync, environment).exit_code == 0:
        return
    outcome = run_to_end([*pip, "--require-hashes", "-r", lock], environment)
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
