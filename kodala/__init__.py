"""KoDaLa: from deliveries of anonymised microcells to protected figures of a city's areas."""

__version__ = "0.1.0"
