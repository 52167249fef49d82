"""How the page looks inside another application: its name, colour, logo and own texts, checked before they are kept.

A colour that people could not read is refused (WCAG 2.2, 1.4.3: 4.5 to 1), and a logo is nothing but a PNG.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from import_pipeline.errors import MisuseError

LONGEST_LOGO = 100_000
"""Most characters of a logo: a PNG of some 70 KB."""
_PNG = "data:image/png;base64,"
_PNG_BYTES = b"\x89PNG\r\n\x1a\n"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_READABLE = 4.5
_WHITE = "#ffffff"
_BLACK = "#000000"
_STEPS = 50


@dataclass(frozen=True)
class _Screen:
    """A light or dark screen.

    Attributes:
        ground: The ground nearest to its text on which the page writes with its accent.
        surface: What a hint of the accent is laid on.
        hint: How much of it.
    """

    ground: str
    surface: str
    hint: float

    def soft(self, accent: str) -> str:
        """A surface with a hint of the accent."""
        return _mixed(self.surface, accent, self.hint)

    def contrast(self, accent: str) -> float:
        """The least contrast that the accent has on anything."""
        return min(_contrast(accent, self.ground), _contrast(accent, self.soft(accent)))

    def until_readable(self, accent: str, towards: str) -> str:
        """The first colour on the way to another that can be read."""
        mixed = (_mixed(accent, towards, step / _STEPS) for step in range(_STEPS + 1))
        return next(one for one in mixed if self.contrast(one) >= _READABLE)


_LIGHT = _Screen("#f6f7f7", "#ffffff", 0.1)
_DARK = _Screen("#22282a", "#1a1e1f", 0.15)


def checked_brand(given: Mapping[str, Any]) -> dict[str, Any]:
    """A brand that can be shown: with `accent_dark` for dark screens and `accent_soft` for grounds, made of `accent`.

    Args:
        given: `name`, `accent`, `logo` and `texts`, each of them or none.

    Raises:
        MisuseError: A colour that cannot be read, or a logo that is no PNG.
    """
    brand = {name: value for name, value in given.items() if value}
    if "accent" in brand:
        accent = _checked_accent(brand["accent"])
        dark = _DARK.until_readable(accent, _WHITE)
        brand |= {"accent": accent, "accent_soft": _LIGHT.soft(accent)}
        brand |= {"accent_dark": dark, "accent_soft_dark": _DARK.soft(dark)}
    if "logo" in brand:
        logo_bytes(brand["logo"])
    return brand


def logo_bytes(logo: str) -> bytes:
    """The PNG of a brand's logo.

    Raises:
        MisuseError: It is none.
    """
    told = f"A logo is a PNG, written as {_PNG}… with at most {LONGEST_LOGO:,} characters."
    if not logo.startswith(_PNG) or len(logo) > LONGEST_LOGO:
        raise MisuseError(told)
    try:
        content = base64.b64decode(logo.removeprefix(_PNG), validate=True)
    except binascii.Error:
        raise MisuseError(told) from None
    if not content.startswith(_PNG_BYTES):
        raise MisuseError(told)
    return content


def _checked_accent(given: str) -> str:
    accent = given.lower()
    if not _COLOUR.fullmatch(accent):
        raise MisuseError(f"{given[:40]!r} is no colour. Write it as #rrggbb, for example #0b6470.")
    contrast = _LIGHT.contrast(accent)
    if contrast < _READABLE:
        raise MisuseError(
            f"The colour {accent} has a contrast of {contrast:.1f} to the page; {_READABLE} is the least that can be "
            f"read. The nearest that can be read is {_LIGHT.until_readable(accent, _BLACK)}.",
            accent=accent,
        )
    return accent


def _mixed(colour: str, other: str, part: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(_rgb(colour), _rgb(other), strict=True))


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio, from 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in _rgb(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
