"""Formats numbers with units, thousands separators and few digits."""

from __future__ import annotations


def number(value: int) -> str:
    """ "2,000"."""
    return f"{value:,}"


def amount(value: int, singular: str, plural: str = "") -> str:
    """ "1 clip", "2,000 clips". `plural` is the singular with an "s" unless given."""
    return f"{value:,} {singular if value == 1 else plural or singular + 's'}"


def percentage(part: int, whole: int) -> str:
    """ "25%", "0.12%", "99.95%", or "none" when `part` is 0."""
    if not part:
        return "none"
    ratio = part / whole
    return f"{ratio:.0%}" if 0.01 <= ratio <= 0.99 or ratio == 1 else f"{ratio:.2%}"


def playing_time(seconds: float) -> str:
    """A duration in its largest units: "3 h 12 min", "12 min", "4 min 5 s", "2.5 s"."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def figure(value: float) -> str:
    """A measured number with three significant digits: "0.0175", "14.0", "2,233", "0.0000260", "2.60e-07"."""
    if not value:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    text = f"{value:#.3g}"
    return (f"{value:.7f}" if "e" in text and abs(value) >= 1e-5 else text).removesuffix(".")


def data_size(count: int) -> str:
    """Bytes in the largest decimal unit: "512 bytes", "1.2 kB", "340 MB", "12 GB"."""
    if count < 1000:
        return amount(count, "byte")
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.2g} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
