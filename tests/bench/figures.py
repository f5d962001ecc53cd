"""Figures of a measurement, their goals, and the lines in which they are printed."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One measured value; `at_most` says on which side of the goal it should lie."""

    name: str
    value: float
    goal: float
    at_most: bool = True

    @property
    def verdict(self) -> Literal["ok", "short"]:
        """Whether the goal is reached."""
        reached = self.value <= self.goal if self.at_most else self.value >= self.goal
        return "ok" if reached else "short"

    def line(self) -> str:
        """name<TAB>value<TAB>goal<TAB>ok|short"""
        return f"{self.name}\t{_plain(self.value)}\t{_plain(self.goal)}\t{self.verdict}"


@dataclass(frozen=True)
class Report:
    """What a bench found: its figures, and where the time went (label, seconds)."""

    figures: Sequence[Figure]
    parts: Sequence[tuple[str, float]]


def _plain(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def seconds_of(work: Callable[[], object]) -> float:
    """How long `work` takes, by the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def middle(seconds: Sequence[float]) -> float:
    """The median of several runs."""
    return statistics.median(seconds)


def peak_memory_mb() -> float:
    """The most memory this process or one of its ended children held, in MB (the database has its own)."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # Linux counts in KiB, macOS in bytes.
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
