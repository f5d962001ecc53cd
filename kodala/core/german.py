"""How numbers are written in German; the one place that does it."""

MINUS = "\N{MINUS SIGN}"
DIGITS_THAT_COUNT = "123456789"


def german_number(value: float, decimals: int = 0) -> str:
    """1234.5 -> "1.234,5"; a minus is a real minus sign, and what rounds to 0 has none."""
    text = f"{abs(value):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    is_negative = value < 0 and any(digit in text for digit in DIGITS_THAT_COUNT)
    return f"{MINUS}{text}" if is_negative else text
