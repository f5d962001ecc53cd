"""German numbers, class fields and icons in templates."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kodala.core.german import german_number

register = template.Library()

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"


@register.filter
def german(value: float | str | None, digits: int = 0) -> str:
    """Write 1234.5 with one digit as "1.234,5"; a missing number is a dash, never 0."""
    if value is None or isinstance(value, str):  # templates give "" for what is not there
        return DASH
    return german_number(value, int(digits))


@register.filter
def percent(share: float | None) -> str:
    """Write a share 0 … 1 as "62 %"."""
    return DASH if share is None else f"{german(share * 100)}{NO_BREAK_SPACE}%"


@register.filter
def file_size(size: int | None) -> str:
    """Write bytes as "3,4 MB"."""
    if size is None:
        return DASH
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if size >= scale:
            return f"{german(size / scale, 1)}{NO_BREAK_SPACE}{unit}"
    return f"{german(size)}{NO_BREAK_SPACE}Byte"


@register.filter
def duration(seconds: float | None) -> str:
    """Write seconds as "0,4 s" or "3:05 min"."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{german(seconds, 1)}{NO_BREAK_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}{NO_BREAK_SPACE}min"


@register.filter
def areas(number: int) -> str:
    """Write "1 Gebiet" or "5 Gebiete"."""
    return f"{number} Gebiet" if number == 1 else f"{number} Gebiete"


@register.filter
def split_unit(text: str) -> tuple[str, str]:
    """Part "13,1 %" into ("13,1", "%"), so that the unit can be set smaller."""
    number, _, unit = text.replace(NARROW_SPACE, " ").replace(NO_BREAK_SPACE, " ").partition(" ")
    return number, unit


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of templates/parts/_icons.html; the words stand beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<use href="#icon-{}"></use></svg>',
        name,
    )


@register.inclusion_tag("parts/_class_field.html")
def class_field(code: str, letter: str, size: str = "") -> dict[str, str]:
    """Draw the field of a class: colour, letter and, for screen readers, the word."""
    return {"code": code, "letter": letter, "size": size}
