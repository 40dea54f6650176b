"""Images of one's own without a container engine: folders with `train` and `serve` programs, registered under a name.

`smstudio images register NAME FOLDER` writes `<data directory>/images/NAME.json` (`{"name": ..., "folder": ...}`; slashes of the
name are `__`); a file of that form made by any other means does the same. The folder is read when a job starts.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.contract import ClientError, Command, Image, Launch

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageUri

PROGRAMS = ("train", "serve", "process")
LAUNCH = f"{__name__}:launch"


class OwnImages:
    """The registered folders of one data directory; looked up anew each time, so that no restart is needed.

    Args:
        directory: folder of the registrations; None has none.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def names(self) -> list[str]:
        """Registered names, sorted."""
        if self._directory is None or not self._directory.is_dir():
            return []
        return sorted(path.stem.replace("__", "/") for path in self._directory.glob("*.json"))

    def find(self, uri: ImageUri) -> Image | None:
        """The image that is registered under the repository's name, or None.

        Raises:
            ValidationException: it is registered, but its folder is gone or holds no program.
        """
        if self._directory is None:
            return None
        place = self._directory / f"{uri.repository.replace('/', '__')}.json"
        try:
            folder = Path(json.loads(place.read_text())["folder"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValidationException(
                f"The registration of image '{uri.repository}' cannot be read: {place}."
            ) from error
        if not any((folder / name).is_file() for name in PROGRAMS):
            raise ValidationException(
                f"The image '{uri.repository}' is registered for the folder {folder}, which has no program "
                f"({', '.join(PROGRAMS)})."
            )
        return Image(
            name=uri.repository, version=uri.tag, uri=uri.uri, launch=LAUNCH, facts={"folder": str(folder)}
        )


def launch(launch: Launch) -> Command:
    """The start of a program of the folder, as `docker run IMAGE train` would: it is found on PATH, and called without shell.

    Raises:
        ClientError: the folder does not have the program, or it may not be executed.
    """
    folder = Path(launch.image.facts["folder"])
    given = launch.environment.get("PATH") or os.environ.get("PATH") or os.defpath
    path = os.pathsep.join([str(folder), str(Path(sys.executable).parent), given])
    if launch.entrypoint:
        return Command(argv=(*launch.entrypoint, *launch.arguments), env={"PATH": path}, cwd=str(folder))
    program = folder / launch.phase
    if not program.is_file():
        raise ClientError(f"The image {launch.image.uri} has no program '{launch.phase}' (folder {folder}).")
    if not os.access(program, os.X_OK):
        raise ClientError(
            f"The program {program} of image {launch.image.uri} may not be executed: chmod +x it."
        )
    return Command(argv=(str(program), *launch.arguments), env={"PATH": path}, cwd=str(folder))
