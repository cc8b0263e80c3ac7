"""How many segments a text takes as a text message (3GPP TS 23.038, 6.2.1). Pure."""

from __future__ import annotations

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Characters that count twice."""


def fits_one_segment(text: str) -> bool:
    """Say whether a text has 160 septets of the GSM alphabet at most, or 70 UTF-16 code units with other characters."""
    if set(text) <= BASIC | EXTENSION:
        return len(text) + sum(character in EXTENSION for character in text) <= 160
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 <= 70
