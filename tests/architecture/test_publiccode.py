"""publiccode.yml keeps to its standard, version 0.4."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.architecture.node import ROOT, read_yaml


@pytest.fixture(scope="module")
def publiccode() -> dict[str, Any]:
    return read_yaml(ROOT / "publiccode.yml")


def test_publiccode_holds_what_its_standard_demands(publiccode):
    demanded = {
        "publiccodeYmlVersion", "name", "url", "releaseDate", "platforms", "categories", "developmentStatus",
        "softwareType", "description", "legal", "maintenance", "localisation",
    }  # fmt: skip

    assert demanded <= set(publiccode)
    assert publiccode["publiccodeYmlVersion"] == "0.4"
    assert publiccode["maintenance"]["contacts"][0]["name"]
    assert publiccode["localisation"] == {"localisationReady": False, "availableLanguages": ["de"]}


@pytest.mark.parametrize("language", ["de", "en"])
def test_descriptions_keep_the_lengths_of_the_standard(publiccode, language):
    own = publiccode["description"][language]

    assert len(own["genericName"]) <= 35
    assert len(own["shortDescription"]) <= 150
    assert 500 <= len(own["longDescription"]) <= 10_000
    assert all(len(feature) <= 100 for feature in own["features"])


def test_publiccode_and_pyproject_name_the_same_licence_and_version(publiccode):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert publiccode["legal"]["license"] == project["license"] == "EUPL-1.2"
    assert publiccode["softwareVersion"] == project["version"]
