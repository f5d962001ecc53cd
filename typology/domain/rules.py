"""The rules of the typology as read from its definition file: prototypes, constants, noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

N_PARTS = 3  # h, g, v: what the intensity is made of


@dataclass(frozen=True)
class Dimension:
    """One of the eight dimensions; raw = mean + sd · z."""

    code: str
    label: str
    unit: str
    weight: float
    mean: float
    sd: float


@dataclass(frozen=True)
class DebtType:
    """One type as people see it. group: index into `TypologyRules.groups`."""

    number: int
    code: str
    group: int
    label: str
    description: str
    approach: str
    is_placeholder: bool


@dataclass(frozen=True)
class Group:
    """One of the three groups of types."""

    code: str
    label: str


@dataclass(frozen=True)
class LabelRules:
    """When an area gets a label, and how sure it must be."""

    draws: int
    seed: int
    least_frequency: float
    least_share: float
    least_debtors: float
    least_cells: int


@dataclass(frozen=True, eq=False)
class TypologyRules:
    """Everything the computation needs; k types, j dimensions.

    prototypes:     (k, j) in standard units   priors: (k,) > 0   weights: (j,) >= 0
    part_constants: (3, 2) mean and sd of h, g, v
    noise:          (3 + j,) sd of the raw noise of h, g, v, then of the dimensions (intensity: 0)
    """

    version: str
    dimensions: tuple[Dimension, ...]
    types: tuple[DebtType, ...]
    groups: tuple[Group, ...]
    prototypes: Matrix
    priors: Vector
    weights: Vector
    part_constants: Matrix
    noise: Vector
    fuzziness: float
    kappa: float
    least_dimension_weight: float
    intensity_scale: float
    intensity_least_parts: int
    z_limit: float
    hard_share_limits: tuple[float, float]
    reason_floor: float
    income_eur: float
    income_year: int
    income_growth: float
    debtors_cv: float
    common_shift: float
    label: LabelRules

    @property
    def exponent(self) -> float:
        """Power of the inverse squared distance in the membership, 1 / (m - 1)."""
        return 1.0 / (self.fuzziness - 1.0)

    @property
    def group_of_type(self) -> tuple[int, ...]:
        """Index of the group of each type."""
        return tuple(kind.group for kind in self.types)

    @property
    def group_matrix(self) -> Matrix:
        """(groups, types) of 0 and 1: adds types up to groups."""
        groups = np.arange(len(self.groups))[:, None]
        return np.asarray(groups == np.array(self.group_of_type)[None, :], dtype=np.float64)

    def reference_income(self, year: int) -> float:
        """Purchasing power per inhabitant in euro that counts as ordinary in a year."""
        return self.income_eur * (1.0 + self.income_growth) ** (year - self.income_year)


def typology_rules(content: Mapping[str, Any]) -> TypologyRules:
    """Rules from the content of the definition file.

    Raises ValueError if the parts do not fit together, KeyError if one is missing.
    """
    dimensions = tuple(Dimension(**entry) for entry in content["dimension"])
    groups = tuple(Group(**entry) for entry in content["group"])
    prototypes = np.array([entry["prototype"] for entry in content["type"]], dtype=np.float64)
    types = _types(content, groups)
    if prototypes.shape != (len(types), len(dimensions)):
        raise ValueError(f"prototypes have shape {prototypes.shape}, not {len(types)} × {len(dimensions)}")
    clipping, income = content["clipping"], content["reference_income"]
    member, noise = content["membership"], content["noise"]
    return TypologyRules(
        version=content["version"],
        dimensions=dimensions,
        types=types,
        groups=groups,
        prototypes=prototypes,
        priors=_priors(member, types, groups),
        weights=np.array([dimension.weight for dimension in dimensions]),
        part_constants=np.array([[part["mean"], part["sd"]] for part in content["intensity_part"]]),
        noise=_noise(noise),
        fuzziness=member["fuzziness"],
        kappa=member["kappa"],
        least_dimension_weight=member["least_dimension_weight"],
        intensity_scale=content["intensity"]["scale"],
        intensity_least_parts=content["intensity"]["least_parts"],
        z_limit=clipping["z"],
        hard_share_limits=(clipping["hard_share"][0], clipping["hard_share"][1]),
        reason_floor=clipping["reason_floor_percent"],
        income_eur=income["eur"],
        income_year=income["year"],
        income_growth=income["growth_per_year"],
        debtors_cv=noise["debtors_cv"],
        common_shift=noise["common_shift_z"],
        label=LabelRules(**content["labelling"]),
    )


def _types(content: Mapping[str, Any], groups: tuple[Group, ...]) -> tuple[DebtType, ...]:
    place = {group.code: index for index, group in enumerate(groups)}
    return tuple(
        DebtType(
            number=entry["number"],
            code=entry["code"],
            group=place[entry["group"]],
            label=entry["label"],
            description=entry["description"],
            approach=entry["approach"],
            is_placeholder=entry["is_placeholder"],
        )
        for entry in content["type"]
    )


def _priors(member: Mapping[str, Any], types: tuple[DebtType, ...], groups: tuple[Group, ...]) -> Vector:
    lasting = member["lasting_group"]
    return np.array(
        [member["lasting_prior"] if groups[kind.group].code == lasting else 1.0 for kind in types]
    )


def _noise(noise: Mapping[str, Any]) -> Vector:
    parts = [noise["hard_logit"], noise["creditors_log"], noise["debt_income_log"]]
    reasons = [noise["reasons_clr"]] * 4
    return np.array([*parts, 0.0, noise["duration_log"], *reasons, noise["income_log"], noise["age_years"]])
