"""Whose signatures the engine accepts: its own credentials and the temporary ones that STS gave out."""

from __future__ import annotations

from smstudio_ext.engine.protocol.sigv4 import Secret
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Store
from smstudio_ext.engine.store.documents import SESSIONS


class Identities:
    """Finds the secret of an access key."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._own_key = settings.access_key
        self._own = Secret(settings.secret_key)
        self._store = store
        self._sessions: dict[str, Secret] = {}

    def find(self, access_key: str) -> Secret | None:
        """The secret, or None for a key that this engine did not make."""
        if access_key == self._own_key:
            return self._own
        found = self._sessions.get(access_key)
        if found is None and access_key.startswith("ASIA"):
            document = self._store.documents.get(SESSIONS, access_key)
            if document is not None:
                found = Secret(document["SecretAccessKey"], document["SessionToken"], document["Expiration"])
                self._sessions[access_key] = found
        return found
