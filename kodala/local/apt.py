"""Install Debian packages: into the system as root, or unpacked into var/system as anybody."""

import os
import re
import shutil
from pathlib import Path

from kodala.local.children import must_succeed, run_to_end
from kodala.local.private_system import tree_of
from kodala.local.project import Project

NO_NETWORK = (
    "Bitte Netzverbindung, Paketquellen (/etc/apt) und freien Platz prüfen und den Befehl wiederholen."
)
ROOT_OPTIONS = ("-o", "DPkg::Lock::Timeout=180")
INSTALL = ("install", "-y", "--no-install-recommends")


def install_as_root(packages: list[str]) -> None:
    """Install by apt.

    If that fails, the lists are missing or old, or a former run was cut off: mend that and repeat.
    """
    command = ["apt-get", *ROOT_OPTIONS, *INSTALL, *packages]
    environment = _quiet_environment()
    if run_to_end(command, environment).exit_code == 0:
        return
    run_to_end(["dpkg", "--configure", "-a"], environment)
    _must(["apt-get", *ROOT_OPTIONS, "update"], "apt erreicht die Paketquellen nicht.")
    _must(command, f"apt konnte {', '.join(packages)} nicht installieren.")


def install_privately(project: Project, packages: list[str]) -> None:
    """Download packages with what they need and unpack each into a tree of its own, without any right."""
    state = project.system / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    options = ["-o", f"Dir::State={state}/state", "-o", "Dir::State::status=/var/lib/dpkg/status"]
    options += ["-o", f"Dir::Cache={state}/cache", "-o", "Debug::NoLocking=1"]
    _must(["apt-get", *options, "update"], "apt erreicht die Paketquellen nicht.")
    for package in packages:
        _download(package, options)
        unpack(state / "cache" / "archives", tree_of(project, package))
    shutil.rmtree(state)


def _download(package: str, options: list[str]) -> None:
    """Fetch a package and what it needs.

    --reinstall: also the parts the machine has, so that the tree is whole.
    """
    names = parts_of_postgis(options) if package == "postgresql-postgis" else [package]
    command = ["apt-get", *options, *INSTALL, "--download-only", "--reinstall", *names]
    _must(command, f"apt konnte {package} nicht herunterladen.")


def parts_of_postgis(options: list[str]) -> list[str]:
    """The real packages behind the name without a version."""
    command = ["apt-cache", *options, "depends", "postgresql-postgis"]
    listing = _must(command, "apt kennt PostGIS nicht.")
    found = re.search(r"postgresql-(\d+)-postgis-(\d+)", listing)
    if found is None:
        return ["postgresql-postgis"]
    server, postgis = found.groups()
    names = [f"postgresql-{server}", f"postgresql-client-{server}", f"postgresql-{server}-postgis-{postgis}"]
    return [*names, f"postgresql-{server}-postgis-{postgis}-scripts"]


def unpack(archives: Path, tree: Path) -> None:
    """Unpack beside the tree and move it there at the end, so that a half one never counts."""
    beside = tree.with_name(f"{tree.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for archive in sorted(archives.glob("*.deb")):
        _must(["dpkg", "-x", str(archive), str(beside)], f"{archive.name} ließ sich nicht entpacken.")
        archive.unlink()
    link_versions(beside)
    shutil.rmtree(tree, ignore_errors=True)
    beside.rename(tree)


def link_versions(tree: Path) -> None:
    """Do what Debian's alternatives would: `postgis.control` points to `postgis-3.control`."""
    for versioned in tree.glob("usr/share/postgresql/*/extension/*-[0-9].control"):
        plain = versioned.with_name(re.sub(r"-\d\.control$", ".control", versioned.name))
        if not plain.is_symlink() and not plain.exists():
            plain.symlink_to(versioned.name)


def _must(command: list[str], reason: str) -> str:
    return must_succeed(run_to_end(command, _quiet_environment()), reason, NO_NETWORK)


def _quiet_environment() -> dict[str, str]:
    return os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
