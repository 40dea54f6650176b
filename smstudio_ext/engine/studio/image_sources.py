"""What an own image can be made of on this machine: files and environments, named in CreateImageVersion's BaseImage."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

Kind = Literal["requirements", "conda", "environment", "kernelspec"]

_LARGEST = 1024 * 1024
FORMS = (
    "the absolute path of a requirements.txt, of a conda environment.yml, of a folder with a virtual or conda "
    "environment, or of a kernelspec's folder"
)


class NoImageSource(Exception):
    """A base image that no kernel can come from here; the message says why."""


@dataclass(frozen=True)
class ImageSource:
    """What an image version is made of.

    Attributes:
        path: the file or folder.
        frozen: it is copied, so that the version does not change with it.
    """

    kind: Kind
    path: Path
    frozen: bool


def find_source(base_image: str) -> ImageSource:
    """The source that a base image names.

    Raises:
        NoImageSource: it is a container image, or nothing that kernels can come from.
    """
    path = _path(base_image)
    if path is None:
        raise NoImageSource(
            f"'{base_image}' is a container image; this engine runs kernels without containers. Offered: {FORMS}."
        )
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise NoImageSource(f"There is no file or folder {path}.")
    if path.stat().st_size > _LARGEST:
        raise NoImageSource(f"{path} is larger than 1 MiB.")
    if path.suffix in (".yml", ".yaml"):
        return ImageSource("conda", path, frozen=True)
    if path.name == "kernel.json":
        return _folder(path.parent)
    if path.suffix in (".txt", ".in", ".lock"):
        return ImageSource("requirements", path, frozen=True)
    raise NoImageSource(f"{path} is none of the offered forms: {FORMS}.")


def freeze(source: ImageSource, folder: Path) -> Path:
    """The path that stays as it is: a copy of the file in `folder`, or the environment's own folder."""
    if not source.frozen:
        return source.path
    folder.mkdir(parents=True, exist_ok=True)
    name = "environment.yml" if source.kind == "conda" else "requirements.txt"
    shutil.copyfile(source.path, folder / name)
    return folder / name


def _path(base_image: str) -> Path | None:
    if base_image.startswith("file:"):
        return Path(unquote(urlsplit(base_image).path))
    if base_image.startswith(("/", "~")):
        return Path(base_image).expanduser()
    return None


def _folder(path: Path) -> ImageSource:
    if (path / "kernel.json").is_file():
        try:
            command = json.loads((path / "kernel.json").read_text())["argv"]
        except (OSError, ValueError, KeyError, TypeError):
            command = None
        if not isinstance(command, list) or not command:
            raise NoImageSource(f"{path / 'kernel.json'} is not a kernelspec: it has no argv.")
        return ImageSource("kernelspec", path, frozen=False)
    if (path / "bin" / "python").exists() or (path / "python.exe").exists():
        return ImageSource("environment", path, frozen=False)
    raise NoImageSource(f"{path} holds neither bin/python nor a kernel.json. Offered: {FORMS}.")
