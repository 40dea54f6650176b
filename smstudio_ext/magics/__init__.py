"""IPython magics, importable without the server (their own issue fills this room)."""
