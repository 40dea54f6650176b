"""Finds families of numeric columns: alike measurements whose names share a word, such as Day Charge and Eve Charge.

Their sum, extremes and spread often matter more than any one of them, and trees need many splits to approximate a sum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from smstudio_ext.engine.autopilot.columns import Column

SMALLEST, LARGEST = 3, 16
_LIMIT = 12
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")


def find_families(columns: Sequence[Column]) -> dict[str, list[str]]:
    """Groups of numeric columns by a shared word of their names.

    Groups of two-valued columns (one-hot columns, mostly) are left out, as their sum is a constant or a count of little use.

    Returns:
        Family name -> column names in file order, at most 12 families.
    """
    groups: dict[str, list[str]] = {}
    for column in columns:
        if column.kind != "numeric" or column.unique <= 2:
            continue
        for word in dict.fromkeys(_WORD.findall(column.name)):
            if len(word) > 1:
                groups.setdefault(word.lower(), []).append(column.name)
    found: dict[str, list[str]] = {}
    for word, names in groups.items():
        if SMALLEST <= len(names) <= LARGEST and names not in found.values():
            found[word] = names
    return dict(sorted(found.items(), key=lambda item: -len(item[1]))[:_LIMIT])
