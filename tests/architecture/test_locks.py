"""The lock files: the image gets the very versions the tests ran with, and nothing names a registry."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.node import ROOT

PIN = re.compile(r"^([a-z0-9-]+)==(\S+?)(?: ; ([^\\]+?))? \\$", re.MULTILINE)


def pins(lock: str) -> list[tuple[str, str]]:
    """Name and version of every pin of a lock file."""
    return [(name, version) for name, version, _ in PIN.findall((ROOT / lock).read_text())]


def package_name(requirement: str) -> str:
    return re.match(r"[a-z0-9-]+", requirement).group()


def test_the_image_gets_the_very_versions_the_tests_ran_with():
    image, tested = pins("requirements.runtime.lock"), pins("requirements.lock")

    assert len(image) > 40
    assert set(image) <= set(tested)


def test_the_image_gets_all_that_the_product_needs_and_no_tool():
    image = {name for name, _ in pins("requirements.runtime.lock")}
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {package_name(line) for line in declared["project"]["dependencies"]}
    tools = {package_name(line) for line in declared["dependency-groups"]["dev"]}

    assert needed <= image
    assert not tools & image


def test_measuring_against_others_adds_packages_and_changes_none():
    measured, image = pins("requirements.bench.lock"), pins("requirements.runtime.lock")

    assert set(image) <= set(measured)
    assert {name for name, _ in measured} - {name for name, _ in image} >= {"spopt", "libpysal"}


@pytest.mark.parametrize("kind", ["", ".runtime", ".bench"])
def test_a_lock_file_names_no_host_and_gives_every_pin_its_hash(kind):
    text = (ROOT / f"requirements{kind}.lock").read_text()

    assert "://" not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", text.strip()))
