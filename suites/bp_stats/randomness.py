"""Do tokens count up? Looks at a series of them in the order of issue. Pure."""

from __future__ import annotations

from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ENOUGH_BITS = 64
"""Chance that must stand beside a time in front of a token."""


def counting_part(tokens: Sequence[str]) -> str | None:
    """Say which part of the tokens only grows, or None.

    A part is a run of characters at one place. A time in front of the token may grow, if what follows it carries at
    least ENOUGH_BITS (as in ULID, and UUID version 7). A random part grows by chance in one of n! series of n tokens.
    """
    length = min(map(len, tokens))
    clock = next((end for end in range(1, length + 1) if _grows(tokens, 0, end)), 0)
    if clock and (bits := _bits([token[clock:] for token in tokens])) < ENOUGH_BITS:
        return f"the first {clock} characters grow, and the rest carries {bits:.0f} bits"
    for start in range(clock, length):
        for end in range(start + 1, length + 1):
            if _grows(tokens, start, end):
                return f"characters {start + 1} to {end} grow from each token to the next"
    return None


def _grows(tokens: Sequence[str], start: int, end: int) -> bool:
    return all(one[start:end] < other[start:end] for one, other in pairwise(tokens))


def _bits(texts: Sequence[str]) -> float:
    """Estimate the bits of chance: the places that change, times what one character of the alphabet in use carries."""
    alphabet = set().union(*texts)
    changing = sum(len(set(place)) > 1 for place in zip(*texts, strict=False))
    return changing * log2(len(alphabet)) if alphabet else 0.0
