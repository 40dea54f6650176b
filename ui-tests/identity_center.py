"""An AWS account and an IAM Identity Center for the browser tests: moto, and the small server of the Python tests.

Usage: python identity_center.py CONFIG_FILE. Writes the AWS configuration, prints a line, then obeys lines on its input:
`confirm`, `refuse`, `wait`. Ends with its input.
"""

import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from moto.server import ThreadedMotoServer

from tests.identity_center import CONFIG, identity_center

ANSWERS = {"confirm": None, "refuse": "AccessDeniedException", "wait": "AuthorizationPendingException"}

logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
moto = ThreadedMotoServer(port=0, verbose=False)
moto.start()
host, port = moto.get_host_and_port()
with identity_center() as center:
    Path(sys.argv[1]).write_text(CONFIG.format(moto=f"http://{host}:{port}", center=center.url))
    print("ready", flush=True)
    for line in sys.stdin:
        center.answer = ANSWERS[line.strip()]
        print(line.strip(), flush=True)
moto.stop()
