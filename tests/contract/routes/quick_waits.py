"""A Jupyter server extension for tests: time stands in, so that what would wait for AWS goes on at once.

botocore's pauses between attempts take no time, and an answer that does not come is given up after four seconds. What is
tried, how often and in which order stays as it is.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

SLOW_SECONDS = 4.0
"""After which an answer of AWS is given up."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.contract.routes.quick_waits"}]


def _load_jupyter_server_extension(app: Any) -> None:
    import botocore.endpoint
    from botocore.retries import bucket

    from smstudio_ext import target

    vars(botocore.endpoint)["time"] = SimpleNamespace(sleep=lambda seconds: None)
    vars(target)["_READ_TIMEOUT"] = SLOW_SECONDS
    setattr(bucket.TokenBucket, "acquire", lambda self, amount=1, block=True: True)  # noqa: B010 - a method
