"""How numbers are written in German; the one place that does it."""

MINUS = "\N{MINUS SIGN}"
DIGITS_THAT_COUNT = "123456789"


def german_number(value: float, decimals: int = 0) -> str:
    """1234.5 -> "1.234,5"; a minus is a real minus sign, and what rounds to 0 has none."""
    text = f"{abs(value):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    is_negative = value < 0 and any(digit in text for digit in DIGITS_THAT_COUNT)
    return f"{MINUS}{text}" if is_negative else text


def remaining_words(seconds: float) -> str:
    """130 -> "noch etwa 2 Minuten"; as rough as such an estimate is."""
    minutes = round(seconds / 60)
    if seconds < 10:
        return "noch wenige Sekunden"
    if seconds < 55:
        return f"noch etwa {max(round(seconds / 10), 1) * 10} Sekunden"
    if minutes < 60:
        return "noch etwa 1 Minute" if minutes <= 1 else f"noch etwa {minutes} Minuten"
    hours, rest = divmod(round(seconds / 600) * 10, 60)
    words = "noch etwa 1 Stunde" if hours == 1 else f"noch etwa {hours} Stunden"
    return f"{words} {rest} Minuten" if rest else words
