"""Images of a container engine on this machine: Docker or Podman run them with the real contract, where one answers."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from smstudio_ext.engine.images.contract import Command, Image, Launch

if TYPE_CHECKING:
    from smstudio_ext.engine.images.registry import ImageUri

ENGINE_VARIABLE = "SMSTUDIO_CONTAINER_ENGINE"
"""`docker`, `podman` (names or paths), or `none`; by default the first that is on PATH."""
LAUNCH = f"{__name__}:launch"
SERVING_PORT = 8080
_ANSWER_SECONDS = 10.0
_CLIENT_VARIABLES = (
    "CONTAINER_HOST", "DOCKER_CERT_PATH", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_HOST", "DOCKER_TLS_VERIFY",
    "XDG_RUNTIME_DIR",
)  # fmt: skip


def container_program() -> str | None:
    """The command of the container engine, or None."""
    wanted = os.environ.get(ENGINE_VARIABLE, "")
    if wanted == "none":
        return None
    for name in (wanted,) if wanted else ("docker", "podman"):
        found = shutil.which(name)
        if found:
            return found
    return None


def find_image(uri: ImageUri) -> Image | None:
    """The image, if the container engine answers and has it; nothing is pulled."""
    program = container_program()
    if program is None or not _has(program, uri.uri):
        return None
    facts = {"program": program, "image": uri.uri}
    return Image(name=uri.repository, version=uri.tag, uri=uri.uri, launch=LAUNCH, facts=facts)


def why_not(uri: str) -> str:
    """Why `find_image` found nothing, and what to do."""
    program = container_program()
    if program is None:
        return "neither Docker nor Podman is installed here"
    name = os.path.basename(program)
    if not _answers(program, "version"):
        return f"{name} is installed, but does not answer"
    return f"{name} does not have it: run `{name} pull {uri}` (or build it) first"


def launch(launch: Launch) -> Command:
    """The start of a container.

    Training and processing share this machine's network, so that they reach the engine and each other; a serving container
    gets a network of its own, whose port 8080 is published at SAGEMAKER_BIND_TO_PORT of the loopback interface.
    """
    program, image = launch.image.facts["program"], launch.image.facts["image"]
    name = f"smstudio-{secrets.token_hex(8)}"
    command = [program, "run", "--rm", "--init", "--name", name, "--volume", f"{launch.optml}:/opt/ml"]
    environment = dict(launch.environment)
    environment.pop("SAGEMAKER_BASE_DIR", None)  # /opt/ml is where it should be
    if launch.phase == "serve":
        port = environment.pop("SAGEMAKER_BIND_TO_PORT", str(SERVING_PORT))
        command += ["--publish", f"127.0.0.1:{port}:{SERVING_PORT}"]
    elif sys.platform == "linux":
        command += ["--network", "host"]
    if launch.cpus:
        command += ["--cpus", f"{launch.cpus:g}"]
    if launch.memory_mb:
        command += ["--memory", f"{launch.memory_mb}m"]
    if launch.host:
        command += ["--hostname", launch.host]
    for host, address in launch.addresses.items():
        command += ["--add-host", f"{host}:{address}"]
    for key, value in environment.items():
        command += ["--env", f"{key}={_inside(value, str(launch.optml))}"]
    if launch.entrypoint:
        command += ["--entrypoint", launch.entrypoint[0], image, *launch.entrypoint[1:], *launch.arguments]
    else:
        command += [
            image,
            *(launch.arguments or (launch.phase,) if launch.phase != "process" else launch.arguments),
        ]
    return Command(
        argv=tuple(command),
        env={key: os.environ[key] for key in _CLIENT_VARIABLES if key in os.environ},
        cleanup=_cleanup(program, name, image, launch),
    )


def _inside(value: str, optml: str) -> str:
    """Paths of the job's folder as the container sees them."""
    return value.replace(optml, "/opt/ml")


def _cleanup(program: str, name: str, image: str, launch: Launch) -> tuple[str, ...]:
    """Ends the container (its client may have been killed), and gives root's files to this user."""
    remove = f"{shlex.quote(program)} rm --force {name}"
    if (
        os.getuid() == 0 or os.path.basename(program) == "podman"
    ):  # podman without root maps its root to this user
        return ("/bin/sh", "-c", remove)
    owner = f"{os.getuid()}:{os.getgid()}"
    volume = shlex.quote(f"{launch.optml}:/opt/ml")
    give = f"{shlex.quote(program)} run --rm --volume {volume} --entrypoint chown {shlex.quote(image)} -R {owner} /opt/ml"
    return ("/bin/sh", "-c", f"{remove}; {give}")


def _has(program: str, uri: str) -> bool:
    return _answers(program, "image", "inspect", uri)


def _answers(program: str, *arguments: str) -> bool:
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
