"""What the house knows about the headings of suppliers: profiles, synonyms, and what is never taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from microcells.domain.plan import ColumnSource, ReadingPlan
from microcells.domain.schema import Schema
from microcells.domain.spelling import heading_key, plain_spelling


@dataclass(frozen=True)
class Profile:
    """The headings of one supplier and what they mean.

    name:    as people see it
    kinds:   kinds of delivery that it is for
    sources: what is made of the headings; of two for the same column the first that the file can fill counts
    unused:  further headings that are known and left aside; of a shipped profile patterns like "mps_*"
    prefix:  start of a heading that may be absent
    is_own:  whether a person of this house confirmed it; else it came with the program and is only proposed
    plan:    of an own profile, how the last file was written
    """

    name: str
    kinds: tuple[str, ...]
    sources: tuple[ColumnSource, ...]
    unused: tuple[str, ...] = ()
    prefix: str = ""
    is_own: bool = False
    plan: ReadingPlan | None = None

    def key(self, heading: str) -> str:
        """A heading as this profile compares it."""
        key = heading_key(heading)
        return key.removeprefix(self.prefix) if self.prefix else key

    def knows_all(self, headings: Iterable[str]) -> bool:
        """Whether every heading of a file is one that this profile was saved with."""
        known = {self.key(heading) for source in self.sources for heading in source.headings}
        known |= {self.key(heading) for heading in self.unused}
        return {self.key(heading) for heading in headings} <= known

    def leaves_aside(self, heading: str) -> bool:
        """Whether the profile knows the heading and has no use for it."""
        return any(fnmatchcase(self.key(heading), self.key(pattern)) for pattern in self.unused)

    def fill(self, headings: Sequence[str]) -> dict[str, ColumnSource]:
        """English name -> source in the spelling of the file, for all that its headings can fill."""
        written: dict[str, str] = {}
        for heading in headings:
            written.setdefault(self.key(heading), heading)
        found: dict[str, ColumnSource] = {}
        for source in self.sources:
            keys = [self.key(heading) for heading in source.headings]
            if source.name not in found and all(key in written for key in keys):
                found[source.name] = replace(source, headings=tuple(written[key] for key in keys))
        return found


@dataclass(frozen=True)
class NotAgreed:
    """Headings of a purpose that nobody agreed to; `pattern` as in file names, on the plain spelling."""

    pattern: str
    reason: str


@dataclass(frozen=True)
class Profiles:
    """Everything that proposing a mapping rests on; own profiles newest first."""

    own: tuple[Profile, ...] = ()
    shipped: tuple[Profile, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_agreed: tuple[NotAgreed, ...] = ()

    def of_kind(self, kind: str) -> Profiles:
        """The same for one kind of delivery."""
        own = tuple(profile for profile in self.own if kind in profile.kinds)
        shipped = tuple(profile for profile in self.shipped if kind in profile.kinds)
        return replace(self, own=own, shipped=shipped)

    def only(self, name: str) -> Profiles:
        """The same with the profile of one name alone."""
        own = tuple(profile for profile in self.own if profile.name == name)
        shipped = tuple(profile for profile in self.shipped if profile.name == name)
        return replace(self, own=own, shipped=shipped)

    def why_not(self, heading: str, schema: Schema) -> str:
        """Why a heading is never taken over, as a German phrase; "" if nothing speaks against it."""
        if heading_key(heading) in schema.by_header:
            return ""
        plain = plain_spelling(heading)
        return next((one.reason for one in self.not_agreed if fnmatchcase(plain, one.pattern)), "")

    def known_keys(self) -> frozenset[str]:
        """All headings of profiles in small letters, to tell a file with headings from one without."""
        profiles = (*self.own, *self.shipped)
        return frozenset(
            key
            for profile in profiles
            for source in profile.sources
            for heading in source.headings
            for key in (profile.key(heading), profile.prefix + profile.key(heading))
        )


def read_profiles(content: Mapping[str, Any]) -> Profiles:
    """The shipped profiles and words of the signed definition file.

    Raises ValueError if a source has no heading.
    """
    return Profiles(
        shipped=tuple(_profile(entry) for entry in content["profiles"]),
        synonyms={name: tuple(words) for name, words in content["synonyms"].items()},
        not_agreed=tuple(NotAgreed(**entry) for entry in content["not_agreed"]),
    )


def _profile(entry: Mapping[str, Any]) -> Profile:
    sources = tuple(
        ColumnSource(**{**source, "headings": tuple(source["headings"])}) for source in entry["columns"]
    )
    if any(not source.headings for source in sources):
        raise ValueError(f"profile {entry['name']} has a column without headings")
    return Profile(
        entry["name"], tuple(entry["kinds"]), sources, tuple(entry["unused"]), entry.get("prefix", "")
    )


def own_profile(name: str, kind: str, plan: ReadingPlan) -> Profile:
    """The profile that a confirmed plan is remembered as."""
    return Profile(name, (kind,), plan.columns, plan.unused, is_own=True, plan=plan)
