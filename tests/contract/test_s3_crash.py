"""kill -9 of the engine while objects are written: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from tests.conftest import RunningEngine

MIB = 1 << 20


class Uploader:
    """Overwrites its keys with ever new versions until the engine is gone."""

    def __init__(self, client: Any, bucket: str, stem: str, size: int, enough: threading.Event) -> None:
        self._client, self._bucket, self._stem, self._size = client, bucket, stem, size
        self._enough = enough
        self.acknowledged: dict[str, bytes] = {}
        self.in_flight: tuple[str, bytes] | None = None
        self.count = 0
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while True:
            key = f"{self._stem}/{self.count % 3}"
            body = os.urandom(self._size)
            self.in_flight = (key, body)
            try:
                self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
            except (BotoCoreError, ClientError):
                return
            self.acknowledged[key] = body
            self.in_flight = None
            self.count += 1
            if self.count == 5:
                self._enough.set()


def test_acknowledged_objects_survive_kill_9(own_engine: RunningEngine) -> None:
    config = Config(retries={"max_attempts": 0, "mode": "standard"}, max_pool_connections=8)
    client = own_engine.client("s3", config=config)
    client.create_bucket(Bucket="crash")
    client.put_object(Bucket="crash", Key="multipart", Body=b"before")
    upload = client.create_multipart_upload(Bucket="crash", Key="multipart")["UploadId"]
    part = client.upload_part(
        Bucket="crash", Key="multipart", UploadId=upload, PartNumber=1, Body=b"the only part"
    )

    uploaders = []
    for n, size in enumerate((100, 100, 3 * MIB, 12 * MIB)):
        uploader = Uploader(client, "crash", f"writer-{n}", size, threading.Event())
        uploaders.append(uploader)
        uploader.thread.start()
    for uploader in uploaders:
        assert uploader._enough.wait(60)
    own_engine.kill()
    for uploader in uploaders:
        uploader.thread.join(60)

    own_engine.start()
    client = own_engine.client("s3")
    for uploader in uploaders:
        for key, body in uploader.acknowledged.items():
            found = client.get_object(Bucket="crash", Key=key)["Body"].read()
            # the write that the kill interrupted may have been made; nothing else may be there
            allowed = [body] + [data for name, data in [uploader.in_flight or ("", b"")] if name == key]
            assert found in allowed, key

    assert client.get_object(Bucket="crash", Key="multipart")["Body"].read() == b"before"
    client.complete_multipart_upload(
        Bucket="crash",
        Key="multipart",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    assert client.get_object(Bucket="crash", Key="multipart")["Body"].read() == b"the only part"

    own_engine.stop()
    own_engine.start()
    stored = own_engine.client("s3").list_objects_v2(Bucket="crash")["KeyCount"]
    own_engine.stop()  # waits for the sweep
    assert len(files(own_engine.data_dir / "blobs")) == stored


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]
