"""Supplier profiles: those that ship with the program and those that people of this house confirmed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from kodala.core.definitions import Definition, read_definition
from microcells.domain.plan_check import parse_plan
from microcells.domain.profiles import Profile, Profiles, own_profile, read_profiles
from microcells.models import SupplierProfile


def profiles_definition() -> Definition:
    """The signed file with shipped profiles, synonyms and what is never taken over."""
    return read_definition(Path(__file__).parent / "profiles.toml")


@lru_cache(maxsize=1)
def _shipped() -> Profiles:
    return read_profiles(profiles_definition().content)


def load_profiles(kind: str) -> Profiles:
    """Everything known about headings for one kind of delivery; of two own profiles of a name the newer."""
    rows = SupplierProfile.objects.filter(kind=kind).order_by("-pk")
    newest: dict[str, Profile] = {}
    for row in rows:
        newest.setdefault(row.name, own_profile(row.name, kind, parse_plan(row.plan)))
    return replace(_shipped(), own=tuple(newest.values())).of_kind(kind)


def list_profile_names(kind: str) -> list[str]:
    """The names of the own profiles of a kind, newest first."""
    names = SupplierProfile.objects.filter(kind=kind).order_by("-pk").values_list("name", flat=True)
    return list(dict.fromkeys(names))
