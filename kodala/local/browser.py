"""Find the browser of the browser tests, and start one from the private tree."""

import os
import shutil
from html import escape
from pathlib import Path

from kodala.local.private_system import library_environment, tree_of
from kodala.local.project import Project

# On a machine without fonts those of the private tree are shown; its own settings point to the wrong place.
FONT_SETTINGS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{tree}/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <include ignore_missing="yes">{tree}/usr/share/fontconfig/conf.avail/45-latin.conf</include>
  <include ignore_missing="yes">{tree}/usr/share/fontconfig/conf.avail/60-latin.conf</include>
</fontconfig>
"""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser(project: Project) -> Path | None:
    """A Chromium: the one KODALA_CHROMIUM names, else of this machine, else of the private tree."""
    named = os.environ.get("KODALA_CHROMIUM")
    if named:
        return Path(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return _start_script(project)


def _start_script(project: Project) -> Path | None:
    """A script that starts the private tree's Chromium with its own libraries and fonts.

    --no-sandbox: the sandbox needs a program with root's rights, which an unpacked one cannot have.
    """
    tree = tree_of(project, "chromium")
    program = tree / "usr" / "lib" / "chromium" / "chromium"
    if not program.exists():
        return None
    variables = {"LD_LIBRARY_PATH": library_environment(tree)["LD_LIBRARY_PATH"]}
    if not Path("/etc/fonts/fonts.conf").exists():
        variables["FONTCONFIG_FILE"] = str(_font_settings(project, tree))
    lines = ["#!/bin/sh", *(f"export {name}={_quoted(value)}" for name, value in variables.items())]
    lines.append(f'exec {_quoted(str(program))} --no-sandbox "$@"')
    script = project.system / "chromium.sh"
    script.write_text("\n".join(lines) + "\n")
    script.chmod(0o700)
    return script


def _font_settings(project: Project, tree: Path) -> Path:
    settings = project.system / "fonts.conf"
    settings.write_text(
        FONT_SETTINGS.format(tree=escape(str(tree)), cache=escape(str(project.cache / "fonts")))
    )
    return settings


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
