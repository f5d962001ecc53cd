"""Whether a specification has the form of `table_file`; every objection is a German sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kodala.publication.domain.table_words import TableError, check_number, read_flag, read_positive

Spec = Mapping[str, Any]
NUMBERS = ("value", "records", "largest", "second_largest", "weight")
MARKS = ("unsafe", "withheld", "visible")
RULES = {"p_percent": "p", "dominance": "k", "minimum": "least", "given": None}
LARGEST_PERCENTAGE = 100.0


def check_form(spec: Spec) -> None:
    """Raise TableError if something is missing, of the wrong kind or not positive."""
    if not isinstance(spec, Mapping):
        raise TableError("Die Datei muss ein JSON-Objekt { … } mit „dimensions“ und „cells“ sein.")
    if "equations" in spec:
        _check_equations(spec)
    else:
        parts = spec.get("tables", [spec])
        if not isinstance(parts, list) or not parts or not all(isinstance(own, Mapping) for own in parts):
            raise TableError("„tables“ muss eine Liste von Objekten mit „dimensions“ und „cells“ sein.")
        for own in parts:
            _check_part(own)
    _check_rule(spec.get("rule", {"kind": "given"}))
    read_positive(spec.get("distance", 1), "Der Abstand (distance)")
    if not isinstance(spec.get("whole", False), bool):
        raise TableError("„whole“ muss true oder false sein.")


def place_of(number: int, column: str) -> str:
    """Where a value of a specification stands; number: of the row, from 1."""
    return f"Zelle {number}, „{column}“"


def _check_part(part: Spec) -> None:
    dimensions = part.get("dimensions")
    if not isinstance(dimensions, Mapping) or not dimensions:
        raise TableError("Es fehlt „dimensions“: je Dimension ihr Name und die Liste ihrer Summen.")
    for name, sums in dimensions.items():
        if name in (*NUMBERS, *MARKS):
            raise TableError(f"„{name}“ hat eine feste Bedeutung und kann keine Dimension heißen.")
        _check_sums(sums, f"Dimension „{name}“")
    for number, row in enumerate(_check_cells(part), 1):
        for name in dimensions:
            if not isinstance(row.get(name), str | int) or str(row[name]).strip() == "":
                raise TableError(f"Zelle {number} nennt nichts zur Dimension „{name}“.")


def _check_sums(sums: Any, place: str) -> None:
    if not isinstance(sums, list | tuple):
        raise TableError(f"{place}: Die Summen müssen eine Liste sein.")
    for own in sums:
        is_pair = isinstance(own, list | tuple) and len(own) == 2 and isinstance(own[1], list | tuple)
        if not is_pair or not own[1]:
            raise TableError(f"{place}: „{own}“ ist keine Summe der Form [Summe, [Teil, Teil]].")
        codes = [str(code) for code in own[1]]
        if len(set(codes)) < len(codes):
            raise TableError(f"{place}: Die Summe „{own[0]}“ nennt einen Teil doppelt.")


def _check_cells(part: Spec) -> list[Spec]:
    cells = part.get("cells")
    if not isinstance(cells, list) or not all(isinstance(row, Mapping) for row in cells):
        raise TableError("„cells“ muss eine Liste von Objekten sein, eines je Zelle.")
    if not cells:
        raise TableError("Die Tabelle hat keine Zellen.")
    for number, row in enumerate(cells, 1):
        for name in NUMBERS:
            if row.get(name) is not None:
                check_number(row[name], place_of(number, name))
        if row.get("weight") is not None:
            read_positive(row["weight"], place_of(number, "weight"))
        for name in MARKS:
            if row.get(name) is not None:
                read_flag(row[name], place_of(number, name))
    if all(row.get("value") is None for row in cells):
        raise TableError("Keine Zelle hat einen Wert (value).")
    return cells


def _check_equations(spec: Spec) -> None:
    cells = _check_cells(spec)
    for number, row in enumerate(cells, 1):
        for name in ("name", "value"):
            if row.get(name) is None:
                raise TableError(f"Zelle {number}: Es fehlt „{name}“.")
    names = [str(row["name"]) for row in cells]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            raise TableError(f"Die Zelle „{name}“ kommt doppelt vor.")
    _check_sums(spec["equations"], "equations")
    value = {str(row["name"]): float(row["value"]) for row in cells}
    for total, parts in spec["equations"]:
        for code in (total, *parts):
            if str(code) not in value:
                raise TableError(f"equations nennt „{code}“, aber keine Zelle heißt so.")
        check_sum(str(total), value[str(total)], sum(value[str(part)] for part in parts))


def check_sum(name: str, stated: float, added: float) -> None:
    """Raise TableError if a total is not what its parts add up to."""
    if abs(stated - added) > 1e-6 * max(abs(stated), abs(added), 1.0):
        raise TableError(
            f"Die Summe „{name}“ ist mit {_german(stated)} angegeben, ihre Teile ergeben {_german(added)}: "
            f"Differenz {_german(stated - added)}."
        )


def _german(value: float) -> str:
    return f"{value:.10g}".replace(".", ",").replace("-", "\N{MINUS SIGN}")


def _check_rule(rule: Any) -> None:
    kind = rule.get("kind") if isinstance(rule, Mapping) else rule
    if not isinstance(rule, Mapping) or not isinstance(kind, str) or kind not in RULES:
        raise TableError(f"Die Regel „{kind}“ ist nicht bekannt; möglich sind {', '.join(RULES)}.")
    parameter = RULES[kind]
    if parameter is not None:
        most = LARGEST_PERCENTAGE if kind == "dominance" else float("inf")
        read_positive(rule.get(parameter, ""), f"Die Zahl „{parameter}“ der Regel {kind}", most)
