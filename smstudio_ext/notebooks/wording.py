"""What kernels' readers are told: in English, with what pages need to say it in their language, and in Lab's own."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LOCALES = Path(__file__).parent.parent / "locale"

TEXTS = {
    "memory": (
        "The kernel was ended because the memory of its instance %1 was used up (%2 GiB, shared by all kernels on it). "
        "Its variables are lost. Choose a larger instance type, shut down other kernels of the instance, or work with "
        "less data at a time."
    ),
    "machine-memory": (
        "The kernel was ended because the memory of its instance %1 was used up (%2 GiB, shared by all kernels on it; "
        "this machine has no more for it). Its variables are lost. Shut down other kernels of the instance, or work "
        "with less data at a time."
    ),
    "processes": (
        "The kernel was ended because it had %1 processes and threads, the most that a kernel on %2 may have here, and "
        "went on making more. Its variables are lost."
    ),
    "script": (
        "The default start-up script of this image’s app failed, so the kernel runs without what it does. Its log is on "
        "the page Domain, tab Apps. Choose another script, or No script, in Change environment. %1"
    ),
    "gateway-gone": (
        "The kernel is not on the gateway %1 any more: it was shut down there (by somebody, or because it was idle), or "
        "the gateway was started again. Its variables are lost."
    ),
    "gateway-died": "The kernel ended by itself on the gateway %1. Its variables are lost.",
    "gateway-restarted": (
        "The kernel ended by itself on the gateway %1 and was started again there. Its variables are lost."
    ),
    "gateway-lost": (
        "The connection to the gateway %1 was lost and did not come back within %2 s. The kernel may still run there."
    ),
    "gateway-broke": "The connection to the gateway %1 broke; connecting again. The kernel there goes on.",
    "gateway-back": "Connected to the gateway %1 again.",
    "gateway-answer": (
        "The answer was lost with the connection to the gateway %1. The cell may have run there."
    ),
    "gateway-interrupt": "The cell was not interrupted on the gateway %1. %2",
}
"""Texts by code, as `src/features/kernelends` has them: one catalogue serves both."""


@dataclass(frozen=True)
class Said:
    """A message.

    Attributes:
        code: one of `TEXTS`.
        values: what stands for `%1`, `%2`...
    """

    code: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, locale: str) -> str:
        """The message in a language of the catalogues (`ja_JP`, `ko_KR`), else in English."""
        text = TEXTS[self.code]
        text = _catalogue(locale).get(text, [text])[0]
        return re.sub(r"%(\d)", lambda found: self.values[int(found[1]) - 1], text)

    def details(self) -> dict[str, str]:
        """What a page says it from: `code`, and the values as `1`, `2`..."""
        return {"code": self.code, **{str(place): value for place, value in enumerate(self.values, 1)}}


def lab_locale() -> str:
    """The language that JupyterLab showed last in this server; English where there is no Lab."""
    utils = sys.modules.get("jupyterlab_server.translation_utils")
    # Lab's server sets it with each reading of the settings, and has no other way to ask for it.
    return str(getattr(getattr(utils, "translator", None), "_LOCALE", "") or "en")


@lru_cache(maxsize=4)
def _catalogue(locale: str) -> dict[str, list[str]]:
    name = re.sub(r"[^A-Za-z_]", "_", locale)
    try:
        content = json.loads((LOCALES / name / "LC_MESSAGES" / "smstudio_ext.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in content.items() if isinstance(value, list) and value}
