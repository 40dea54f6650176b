"""An authorizer that lets users look but not touch."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth import Authorizer


class ReadOnly(Authorizer):  # type: ignore[misc]
    """Allows reading everything and changing nothing of the pages."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Whether the user may do this."""
        return resource != "smstudio" or action == "read"
