"""The user's source: fetched from S3, a folder or an archive into /opt/ml/code."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from enum import Enum
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.toolkit.environment import OPT_ML, base_dir
from smstudio_ext.engine.images.toolkit.failures import UserError


class EntryPoint(Enum):
    """How an entry point is run."""

    PACKAGE = "python -m"
    PROGRAM = "python"
    COMMAND = "/bin/sh -c"


def entry_point_kind(folder: Path, name: str) -> EntryPoint:
    """A shell script, a package with `setup.py`, a Python script, or any other program."""
    if name.endswith(".sh"):
        return EntryPoint.COMMAND
    if (folder / "setup.py").exists():
        return EntryPoint.PACKAGE
    return EntryPoint.PROGRAM if name.endswith(".py") else EntryPoint.COMMAND


def fetch_source(uri: str, folder: Path) -> None:
    """Puts the source into `folder` unless something is there already.

    Args:
        uri: `s3://bucket/key` of a tar file, `file://` or the path of a tar file, of a folder or of a single file.

    Raises:
        UserError: it is not there, or no archive that can be unpacked here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    if uri.startswith(f"{OPT_ML}/"):  # what a channel brought, for one
        uri = str(base_dir()) + uri[len(str(OPT_ML)) :]
    if uri.startswith("s3://"):
        with tempfile.TemporaryDirectory() as scratch:
            archive = Path(scratch) / "sourcedir.tar.gz"
            download(uri, archive)
            unpack(archive, folder, uri)
        return
    path = Path(
        urllib.request.url2pathname(urllib.parse.urlparse(uri).path) if uri.startswith("file://") else uri
    )
    if path.is_dir():
        if path.samefile(folder):
            return
        shutil.copytree(path, folder, dirs_exist_ok=True)
    elif path.is_file() and tarfile.is_tarfile(path):
        unpack(path, folder, uri)
    elif path.is_file():
        shutil.copy2(path, folder)
    else:
        raise UserError(f"The source directory '{uri}' (sagemaker_submit_directory) does not exist.")


def unpack(archive: Path, folder: Path, uri: str) -> None:
    """Unpacks a tar file of the user's; nothing of it may leave `folder`.

    Raises:
        UserError: it is no tar file, or holds names such as `../x`.
    """
    try:
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                place = os.path.normpath(member.name)
                if os.path.isabs(place) or place.split(os.sep)[0] == "..":
                    raise UserError(f"The source archive '{uri}' holds the unsafe path '{member.name}'.")
            if hasattr(tarfile, "data_filter"):
                tar.extractall(folder, filter="tar")
            else:  # Python before 3.10.12 and 3.11.4
                tar.extractall(folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UserError(f"The source archive '{uri}' cannot be unpacked: {error}") from error


def download(uri: str, target: Path) -> None:
    """Downloads an object with the job's own credentials.

    Raises:
        UserError: it cannot be had.
    """
    # Signing alone: importing boto3 costs more than most of these downloads.
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    parts = urllib.parse.urlparse(uri)
    region = os.environ.get("AWS_REGION") or "us-east-1"
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    key = urllib.parse.quote(parts.path.lstrip("/"), safe="/~")
    place = f"{(endpoint or f'https://s3.{region}.amazonaws.com').rstrip('/')}/{parts.netloc}/{key}"
    signed = AWSRequest("GET", place)
    keys: dict[str, Any] = {
        "access_key": os.environ.get("AWS_ACCESS_KEY_ID", ""),
        "secret_key": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        "token": os.environ.get("AWS_SESSION_TOKEN"),
    }
    S3SigV4Auth(Credentials(**keys), "s3", region).add_auth(signed)
    request = urllib.request.Request(place, headers=dict(signed.headers.items()))
    direct = (
        urllib.request.build_opener(urllib.request.ProxyHandler({}))
        if endpoint
        else urllib.request.build_opener()
    )
    try:
        with direct.open(request, timeout=600) as answer, target.open("wb") as sink:
            shutil.copyfileobj(answer, sink, 1 << 20)
    except urllib.error.HTTPError as error:
        raise UserError(
            f"The source '{uri}' (sagemaker_submit_directory) cannot be downloaded: {error.code} {error.reason}"
        ) from error
    except OSError as error:
        raise UserError(
            f"The source '{uri}' (sagemaker_submit_directory) cannot be downloaded: {error}"
        ) from error
