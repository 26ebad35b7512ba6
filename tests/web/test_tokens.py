"""The colours of the states: the values agreed on, and that they can be read."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[2] / "api" / "web" / "static" / "pages.css"

LIGHT = {
    "out-fill": "#7d0b1c",
    "out-mark": "#7d0b1c",
    "out-text": "#ffffff",
    "degraded-fill": "#ffb86b",
    "degraded-mark": "#a83600",
    "degraded-text": "#4a1700",
    "at_risk-fill": "#fff1b3",
    "at_risk-mark": "#a87e00",
    "at_risk-text": "#4d3a00",
    "ok-mark": "#0b7a75",
    "unknown-fill": "#e6e0fb",
    "unknown-mark": "#6146b8",
    "unknown-text": "#3f2b87",
    "ink": "#17212f",
    "ink-2": "#465163",
    "ink-3": "#606b7a",
    "line": "#d9dee6",
    "edge": "#8590a0",
    "page": "#f5f6f8",
    "card": "#ffffff",
    "accent": "#1b5cc4",
}
DARK = {
    "out-fill": "#ff9c94",
    "out-mark": "#ff9c94",
    "out-text": "#2b0306",
    "degraded-fill": "#7c3f00",
    "degraded-mark": "#f08a1d",
    "degraded-text": "#ffeeda",
    "at_risk-fill": "#3a3206",
    "at_risk-mark": "#f5e27a",
    "at_risk-text": "#f8eba0",
    "ok-mark": "#5ed3c5",
    "unknown-fill": "#2f2750",
    "unknown-mark": "#b8a6ff",
    "unknown-text": "#d9d0ff",
    "ink": "#e6ebf2",
    "ink-2": "#b3bdca",
    "ink-3": "#94a0b0",
    "line": "#2c3847",
    "edge": "#66758a",
    "page": "#0f161f",
    "card": "#18212d",
    "accent": "#7fb2ff",
}
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
CHIPS = ("out", "degraded", "at_risk", "unknown")


def luminance(colour: str) -> float:
    """The relative luminance, as WCAG 2.2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_says() -> None:
    """Black on white is 21, a colour on itself 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


def test_the_style_sheet_holds_the_agreed_values() -> None:
    """Light first, then the same names for dark."""
    found = re.findall(r"--([a-z_0-9-]+): (#[0-9a-f]{6});", STYLES.read_text(encoding="utf-8"))
    half = next(at for at, (name, _) in enumerate(found) if at and name == "out-fill")
    light = {name: value for name, value in found[:half] if name in LIGHT}
    dark = {name: value for name, value in found[half:] if name in DARK}

    assert light == LIGHT
    assert dark == DARK


@THEMES
@pytest.mark.parametrize("state", CHIPS)
def test_the_words_on_a_chip_can_be_read(theme: dict[str, str], state: str) -> None:
    """At least 7 : 1."""
    assert contrast(theme[f"{state}-text"], theme[f"{state}-fill"]) >= 7


@THEMES
@pytest.mark.parametrize("state", [*CHIPS, "ok"])
def test_a_mark_can_be_seen_on_a_card(theme: dict[str, str], state: str) -> None:
    """At least 3 : 1."""
    assert contrast(theme[f"{state}-mark"], theme["card"]) >= 3


@THEMES
@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "accent"])
@pytest.mark.parametrize("paper", ["card", "page"])
def test_ink_can_be_read(theme: dict[str, str], ink: str, paper: str) -> None:
    """At least 4.5 : 1 on card and page."""
    assert contrast(theme[ink], theme[paper]) >= 4.5


@THEMES
def test_the_border_of_a_control_can_be_seen(theme: dict[str, str]) -> None:
    """At least 3 : 1 on the card."""
    assert contrast(theme["edge"], theme["card"]) >= 3
