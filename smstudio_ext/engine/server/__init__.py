"""HTTP front door: signature check, dispatch, event stream, life of the engine process."""
