"""A Jupyter server extension for tests: time stands in, so that botocore's pauses between two attempts take none.

What is tried, how often and in which order stays as it is.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.contract.routes.quick_waits"}]


def _load_jupyter_server_extension(app: Any) -> None:
    import botocore.endpoint
    from botocore.retries import bucket

    vars(botocore.endpoint)["time"] = SimpleNamespace(sleep=lambda seconds: None)
    setattr(bucket.TokenBucket, "acquire", lambda self, amount=1, block=True: True)  # noqa: B010 - a method
