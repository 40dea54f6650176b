"""Jupyter server of the browser tests: no token, a root folder of its own, the extension switched on."""

import os
import sys
from pathlib import Path

from jupyterlab.galata import configure_jupyter_server

# The tests also run in a source tree that is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

configure_jupyter_server(c)  # noqa: F821
c.ServerApp.jpserver_extensions = {"jupyterlab": True, "smstudio_ext": True}  # noqa: F821
c.ServerApp.allow_root = True  # noqa: F821
c.ServerApp.port = int(os.environ.get("SMSTUDIO_TEST_PORT", "8899"))  # noqa: F821
c.ServerApp.port_retries = 0  # noqa: F821
