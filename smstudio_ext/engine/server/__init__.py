"""HTTP front door: signatures, dispatch, held calls, events, and the engine's life."""
