"""`python -m smstudio_ext.engine.server`: runs one engine."""

from __future__ import annotations

from smstudio_ext.engine.server.main import main

main()
