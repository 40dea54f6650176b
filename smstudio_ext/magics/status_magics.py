"""`%smstudio`: where the magics work, and the switch between the local engine and AWS."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from smstudio_ext.magics.failure import plain_errors
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.show import Shown, Table


@magics_class
class StatusMagics(Magics):
    """The target."""

    @magic_arguments()
    @argument(
        "target",
        nargs="?",
        choices=["local", "aws"],
        help="Switch to this target; none shows the one in use.",
    )
    @argument("--profile", help="Profile of the AWS configuration; the default chain otherwise.")
    @argument("--region", help="Region; the profile's, or us-east-1 locally.")
    @argument("--role", help="ARN of the execution role of new jobs.")
    @line_magic
    @plain_errors
    def smstudio(self, line: str) -> Shown:
        """Show or switch the target of the magics: the local engine or an AWS account."""
        given: Any = parse_argstring(self.smstudio, line)
        if given.target:
            PLACE.choose(given.target, profile=given.profile, region=given.region, role_arn=given.role)
        elif given.profile or given.region or given.role:
            PLACE.choose(PLACE.kind, profile=given.profile, region=given.region, role_arn=given.role)
        target = PLACE.target()
        identity = target.identity()
        rows = [
            ["Target", target.title],
            ["Region", target.region],
            ["Account", identity["Account"]],
            ["Identity", identity["Arn"]],
            ["Execution role", target.role_arn() or "none found: name one with --role"],
        ]
        return Table(["", "SageMaker Studio"], rows)
