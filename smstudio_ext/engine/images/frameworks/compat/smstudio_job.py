"""Makes scripts of older images run on today's libraries; active only in jobs and model servers of framework images.

This file stands alone (standard library only): it is imported when a job's Python starts.
"""

from __future__ import annotations


def install() -> None:
    """Puts the changes in place; repeating it does nothing."""
