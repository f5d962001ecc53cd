"""Texts that mean "not delivered": those that are usual, and those that a person names."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What people and programs write for "not delivered" into columns of numbers.
MISSING_CODES = (
    *(
        ".",
        "..",
        "...",
        "-",
        "--",
        "\N{EN DASH}",
        "\N{EM DASH}",
        "/",
        "x",
        "X",
        "\N{BULLET}",
        "\N{HORIZONTAL ELLIPSIS}",
    ),
    *("NA", "N/A", "n/a", "na", "NULL", "null", "None", "k.A.", "k. A.", "#NV", "#N/A", "fehlt"),
)


def split_codes(text: str, shown: Sequence[str] = ()) -> tuple[str, ...]:
    """The codes in what a person wrote, each once: "k. A.; x" gives "k. A." and "x".

    shown: the codes that the person had before the eyes

    Without a semicolon blanks separate, too, but not within a usual code or one that was shown.
    """
    if ";" in text:
        parts = [part.strip() for part in text.split(";")]
    else:
        with_blank = [re.escape(code) for code in (*shown, *MISSING_CODES) if " " in code]
        whole = rf"(?<!\S)(?:{'|'.join(with_blank)})(?!\S)"
        parts = re.findall(rf"{whole}|\S+", text)
    return tuple(dict.fromkeys(part for part in parts if part))
