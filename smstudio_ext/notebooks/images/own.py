"""Images of the user's own: what the domain offers beside the package's, read from the local engine and kept in a file."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks.home import local_engine, notebooks_dir, read_json, sagemaker_client, write_json
from smstudio_ext.notebooks.images import specs
from smstudio_ext.notebooks.images.recipes import Kernel, Recipe

_FRESH_SECONDS = 1.0
_asked: dict[str, float] = {}
_lock = threading.Lock()


def own_recipes() -> list[Recipe]:
    """The user's images as the engine told them last, by name."""
    found = [_recipe(each) for each in read_json(_file()).get("images") or ()]
    return sorted((each for each in found if each is not None), key=lambda each: each.name.lower())


def refresh() -> None:
    """Asks the engine which images the domain offers; what is known stays when it does not answer."""
    place = str(_file())
    with _lock:
        now = time.monotonic()
        if now - _asked.get(place, -_FRESH_SECONDS) < _FRESH_SECONDS:
            return
        found = _ask()
        _asked[place] = time.monotonic()
        if found is None or found == (read_json(_file()).get("images") or []):
            return
        before = {each.id: each for each in own_recipes()}
        write_json(_file(), {"images": found})
        after = {each.id: each for each in own_recipes()}
        for each in before.values():
            if each.id not in after or after[each.id].kernels != each.kernels:
                specs.remove_specs(each)
        for each in after.values():
            if each.kind in ("interpreter", "kernelspec"):
                specs.write_specs(each)


def _ask() -> list[dict[str, Any]] | None:
    from botocore.exceptions import BotoCoreError, ClientError

    engine = local_engine()
    if engine is None:
        return None
    sagemaker = sagemaker_client(engine)
    try:
        domains = sagemaker.list_domains()["Domains"]
        if not domains:
            return []
        described = sagemaker.describe_domain(DomainId=domains[0]["DomainId"])
        part = (described.get("DefaultUserSettings") or {}).get("KernelGatewayAppSettings") or {}
        return [_describe(sagemaker, custom) for custom in part.get("CustomImages") or ()]
    except (ClientError, BotoCoreError):
        return None


def _describe(sagemaker: Any, custom: dict[str, Any]) -> dict[str, Any]:
    name = custom["ImageName"]
    number = custom.get("ImageVersionNumber")
    version = sagemaker.describe_image_version(ImageName=name, **({"Version": number} if number else {}))
    image = sagemaker.describe_image(ImageName=name)
    config = sagemaker.describe_app_image_config(AppImageConfigName=custom["AppImageConfigName"])
    kernels = (config.get("KernelGatewayImageConfig") or {}).get("KernelSpecs") or [{"Name": "python3"}]
    return {
        "id": name,
        "name": image.get("DisplayName") or name,
        "description": image.get("Description") or "",
        "source": version.get("ContainerImage") or "",
        "status": version["ImageVersionStatus"],
        "reason": version.get("FailureReason") or "",
        "kernels": [[each["Name"], each.get("DisplayName") or each["Name"]] for each in kernels],
    }


def _recipe(said: Any) -> Recipe | None:
    try:
        source = Path(said["source"])
        made = Recipe(
            id=said["id"],
            name=said["name"],
            kind="own",
            kernels=tuple(
                Kernel(kernel_name(name, said["id"]), display) for name, display in said["kernels"]
            ),
            source="own",
            description=said["description"],
        )
    except (KeyError, TypeError, ValueError):
        return None
    if said["status"] != "CREATED":
        return replace(made, lacks=_Lack(said["reason"] or "Its newest version failed."))
    return _of_source(made, source)


def _of_source(made: Recipe, source: Path) -> Recipe:
    if (source / "kernel.json").is_file():
        return replace(made, kind="kernelspec", kernelspec=str(source), kernels=_kernels_of(made, source))
    if source.suffix in (".yml", ".yaml"):
        return replace(made, kind="conda", file=source)
    if source.suffix == ".txt":
        return replace(made, file=source)
    for name in ("bin/python", "python.exe"):
        if (source / name).exists():
            return replace(made, kind="interpreter", python=str(source / name))
    return replace(made, lacks=_Lack(f"{source} is gone."))


def _kernels_of(made: Recipe, folder: Path) -> tuple[Kernel, ...]:
    try:
        language = str(json.loads((folder / "kernel.json").read_text()).get("language") or "python")
    except (OSError, ValueError, AttributeError):
        language = "python"
    return tuple(replace(each, language=language) for each in made.kernels[:1])


def kernel_name(name: str, image_id: str) -> str:
    """The kernelspec of a kernel of an own image: the kernel's name in the image, and the image's."""
    return "".join(char if char.isalnum() or char in "._-" else "-" for char in f"{name}-{image_id}").lower()


class _Lack:
    """A fixed answer to what an image lacks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Lack) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


def _file() -> Path:
    return notebooks_dir() / "own-images.json"
