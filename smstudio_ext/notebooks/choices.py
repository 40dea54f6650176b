"""Which environment somebody chose for a notebook whose kernel has not started yet; kept in the server's memory."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass

_KEPT = 1000
"""Choices that are remembered; the oldest go."""


@dataclass(frozen=True)
class Choice:
    """What a session's next kernel gets.

    Attributes:
        kernel: name of the kernelspec.
        instance_type: None for a kernel that is on no instance.
        startup_script: ARN of the lifecycle configuration; None for "No script".
    """

    kernel: str
    instance_type: str | None
    startup_script: str | None = None


class Choices:
    """Choices by session; safe to use from many threads."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._choices: OrderedDict[str, Choice] = OrderedDict()
        self._lock = threading.Lock()

    def choose(self, session_name: str, choice: Choice) -> None:
        """Remembers the choice for a session's kernels from now on.

        Args:
            session_name: absolute path of the notebook, or of the console's made-up file, as in `JPY_SESSION_NAME`.
        """
        key = os.path.normpath(session_name)
        with self._lock:
            self._choices[key] = choice
            self._choices.move_to_end(key)
            while len(self._choices) > self._kept:
                self._choices.popitem(last=False)

    def chosen(self, session_name: str) -> Choice | None:
        """The choice for a session; None when nobody chose since the server started."""
        with self._lock:
            return self._choices.get(os.path.normpath(session_name))


CHOICES = Choices()
"""Those of this server: the route `PUT environments/chosen` writes them, the kernel provisioner reads them."""
