"""Numbers and marks as people write them into tables; what could be meant in two ways is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any


class TableError(ValueError):
    """A table, pattern or parameter that is not understood; the text is a German sentence for people."""


PLAIN = re.compile(r"[+-]?\d+([eE][+-]?\d+)?")
POINT = re.compile(r"[+-]?\d+\.\d+([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?\d+,\d+")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")  # 1.234 and 1.234,5
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # 1.234 and 1,234: thousands or decimals
FLAGS = {"ja": True, "1": True, "true": True, "nein": False, "0": False, "false": False}
# τ-ARGUS numbers, then the letters of sdcTable: what is withheld and what is shown.
WITHHELD = {"3", "4", "5", "6", "7", "8", "9", "11", "12", "u", "x"}
SHOWN = {"1", "2", "10", "13", "14", "s", "z"}
STATUS = dict.fromkeys(WITHHELD, True) | dict.fromkeys(SHOWN, False)


def read_numbers(texts: Sequence[str], places: Sequence[str]) -> list[float | None]:
    """A column of numbers, with decimal comma or point as the column itself shows; empty is None.

    texts: as written; places: where each stands, for the sentence of an error
    Raises TableError for what is no number, is negative, or could be thousands or decimals.
    """
    written = [text.strip() for text in texts]
    by_comma = any(_is_clear(text, COMMA) or _is_grouped(text) for text in written)
    by_point = any(_is_clear(text, POINT) for text in written)
    return [
        _read_number(text, place, by_comma=by_comma, by_point=by_point) if text else None
        for text, place in zip(written, places, strict=True)
    ]


def _is_clear(text: str, form: re.Pattern[str]) -> bool:
    return form.fullmatch(text) is not None and TWO_WAYS.fullmatch(text) is None


def _is_grouped(text: str) -> bool:
    return GROUPED.fullmatch(text) is not None and ("," in text or text.count(".") > 1)


def _read_number(text: str, place: str, *, by_comma: bool, by_point: bool) -> float:
    if by_comma and by_point and not PLAIN.fullmatch(text):
        raise TableError(
            f"{place}: „{text}“ ist nicht eindeutig, weil die Spalte Dezimalkomma und Dezimalpunkt mischt. "
            "Bitte nur eines von beiden verwenden."
        )
    if TWO_WAYS.fullmatch(text) and not by_comma and not (by_point and "." in text):
        raise TableError(
            f"{place}: „{text}“ kann eine Zahl mit Tausendertrennung oder mit drei Nachkommastellen sein. "
            "Bitte Tausender ohne Trennzeichen schreiben und Nachkommastellen anders (2,5 statt 2,500)."
        )
    if PLAIN.fullmatch(text) or (POINT.fullmatch(text) and not by_comma):
        return check_number(float(text), place)
    if by_comma and (COMMA.fullmatch(text) or GROUPED.fullmatch(text)):
        return check_number(float(text.replace(".", "").replace(",", ".")), place)
    raise TableError(
        f"{place}: „{text}“ ist keine Zahl. Erwartet wird zum Beispiel 12 oder 3,5; eine echte Null als 0."
    )


def check_number(value: Any, place: str) -> float:
    """A finite number that is not negative. Raises TableError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TableError(
            f"{place}: „{value}“ ist keine Zahl. Bitte eine Zahl ohne Anführungszeichen schreiben."
        )
    number = float(value)
    if not math.isfinite(number) or number < 0:
        raise TableError(f"{place}: „{value}“ geht nicht; Zahlen sind endlich und nicht negativ.")
    return number


def read_positive(value: Any, name: str, most: float = math.inf) -> float:
    """A parameter above 0. Raises TableError for anything else; name: what it is called in the sentence."""
    number = read_numbers([value], [name])[0] if isinstance(value, str) else check_number(value, name)
    if number is None or not 0 < number <= most:
        limit = "" if math.isinf(most) else f" und höchstens {most:g}"
        raise TableError(f"{name} muss eine Zahl größer als 0{limit} sein, nicht „{value}“.")
    return number


def read_flag(value: Any, place: str, words: dict[str, bool] = FLAGS) -> bool:
    """Whether a cell is marked. Raises TableError for what is none of the words."""
    is_whole = isinstance(value, float) and value.is_integer()  # a 1 beside gaps has become 1.0
    word = str(int(value) if is_whole else value).strip().lower()
    if word not in words:
        raise TableError(f"{place}: „{value}“ ist nicht erlaubt; möglich sind {', '.join(words)}.")
    return words[word]
