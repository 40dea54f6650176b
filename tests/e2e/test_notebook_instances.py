"""Notebook instances as a user has them: opened by a link, with kernels, scripts, a kept folder, limits and crashes."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.exceptions
import pytest

from tests.conftest import RunningEngine, eventually

ROLE = "arn:aws:iam::000000000000:role/service-role/MyNotebookRole"
GROUP = "/aws/sagemaker/NotebookInstances"


def encoded(script: str) -> list[dict[str, str]]:
    return [{"Content": base64.b64encode(script.encode()).decode()}]


def create(engine: RunningEngine, name: str, **more: Any) -> None:
    engine.client("sagemaker").create_notebook_instance(
        NotebookInstanceName=name, RoleArn=ROLE, **{"InstanceType": "ml.t2.medium", **more}
    )


def status(engine: RunningEngine, name: str) -> str:
    listed = engine.client("sagemaker").list_notebook_instances(NameContains=name)["NotebookInstances"]
    found = [item["NotebookInstanceStatus"] for item in listed if item["NotebookInstanceName"] == name]
    return str(found[0]) if found else "Gone"


def wait(engine: RunningEngine, name: str, wanted: str) -> None:
    eventually(lambda: status(engine, name) == wanted, timeout=180, what=f"{name} {wanted}")


def log(engine: RunningEngine, stream: str) -> list[str]:
    answer = engine.client("logs").get_log_events(
        logGroupName=GROUP, logStreamName=stream, startFromHead=True
    )
    return [event["message"] for event in answer["events"]]


class Browser:
    """What a browser does with an instance: follows a link, keeps cookies, calls Jupyter's API."""

    def __init__(self, url: str, source: str = "127.0.0.1") -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.host, self.port = parts.hostname, parts.port
        self.source = source
        self.cookies: dict[str, str] = {}
        self.status, _, self.page = self.call("GET", f"{parts.path}?{parts.query}")

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any, str]:
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=60, source_address=(self.source, 0)
        )
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if "_xsrf" in self.cookies:
            headers["X-XSRFToken"] = self.cookies["_xsrf"]
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, dict(answer.getheaders()), text

    def run(self, kernel: str, code: str) -> str:
        """Runs code in a kernel; answers what it printed, or that the kernel died."""
        import websocket

        channel = websocket.create_connection(
            f"ws://{self.host}:{self.port}/api/kernels/{kernel}/channels",
            header=[f"Cookie: {'; '.join(f'{name}={value}' for name, value in self.cookies.items())}"],
            origin=f"http://{self.host}:{self.port}",
            timeout=90,
        )
        identity = secrets.token_hex(8)
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        header = {"msg_id": identity, "msg_type": "execute_request", "username": "", "session": identity, "version": "5.3"}  # fmt: skip
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        channel.send(json.dumps(message))
        printed = ""
        while True:
            answer = json.loads(channel.recv())
            kind, told = answer["msg_type"], answer["content"]
            if kind == "status" and told["execution_state"] in ("restarting", "dead", "autorestarting"):
                channel.close()
                return printed + "DIED"
            if answer["parent_header"].get("msg_id") != identity:
                continue
            if kind == "stream":
                printed += told["text"]
            elif kind == "error":
                printed += "\n".join(told["traceback"])
            elif kind == "status" and told["execution_state"] == "idle":
                channel.close()
                return printed


def opened(engine: RunningEngine, name: str, **more: Any) -> Browser:
    answer = engine.client("sagemaker").create_presigned_notebook_instance_url(
        NotebookInstanceName=name, **more
    )
    browser = Browser(answer["AuthorizedUrl"])
    assert browser.status == 302
    assert browser.call("GET", "/lab")[0] == 200
    return browser


USE = """
import boto3, os
from pathlib import Path
print(Path.cwd(), Path.home())
print(boto3.client("sts").get_caller_identity()["Account"])
print(Path("/opt/ml/metadata/resource-metadata.json").exists() or "no namespaces")
Path("kept.txt").write_text("kept")
(Path.home() / "lost.txt").write_text("lost")
"""
BOMB = "held = []\nwhile True:\n    held.append(bytearray(64 * 1024 * 1024))"


def test_an_instance_is_opened_used_killed_stopped_and_started_again(own_engine: RunningEngine) -> None:
    engine, name = own_engine, "walk"
    create(engine, name)
    engine.kill()  # in the middle of its creation: the next engine takes it up
    engine.start()
    wait(engine, name, "InService")
    sagemaker = engine.client("sagemaker")
    url = sagemaker.create_presigned_notebook_instance_url(NotebookInstanceName=name)["AuthorizedUrl"]
    first = Browser(url)
    assert first.status == 302
    again = Browser(url)
    assert (again.status, "has been used" in again.page) == (403, True)
    stranger = Browser(url.partition("?")[0])
    assert (stranger.status, "There is no session" in stranger.page) == (403, True)
    assert stranger.call("GET", "/api/contents")[0] == 403
    assert stranger.call("GET", "/lab")[0] in (302, 403)

    browser = opened(engine, name)
    kernels = set(json.loads(browser.call("GET", "/api/kernelspecs")[2])["kernelspecs"])
    assert {"python3", "conda_python3"} <= kernels
    assert not any(kernel.startswith("python3-") for kernel in kernels)  # those are Studio's
    assert browser.call("GET", "/smstudio/api/status")[0] == 404  # the panel is that of the user's own server
    page = json.loads(
        browser.call("GET", "/lab")[2].partition('type="application/json">')[2].partition("</script>")[0]
    )
    assert "smstudio-ext" in page["disabledExtensions"]
    kernel = json.loads(browser.call("POST", "/api/kernels", {"name": "conda_python3"})[2])["id"]
    printed = browser.run(kernel, USE).splitlines()
    assert printed[0].split()[0].endswith("/SageMaker")
    assert printed[1:] == ["000000000000", printed[2]]

    # kill -9 of the engine: the server serves on, the session holds, the next engine finds it
    engine.kill()
    assert browser.run(kernel, "print(6 * 7)") == "42\n"
    engine.start()
    assert status(engine, name) == "InService"
    assert log(engine, f"{name}/progress").count("Starting the Jupyter server") == 1
    assert opened(engine, name).call("GET", "/api/contents/kept.txt")[0] == 200

    # kernels that start from now on reach the engine at its new address
    def reaches() -> bool:
        fresh = json.loads(browser.call("POST", "/api/kernels", {"name": "python3"})[2])["id"]
        told = browser.run(fresh, "import os; print(os.environ['AWS_ENDPOINT_URL'])").strip()
        browser.call("DELETE", f"/api/kernels/{fresh}")
        return told == engine.url

    eventually(reaches, timeout=60)

    engine.client("sagemaker").stop_notebook_instance(NotebookInstanceName=name)
    wait(engine, name, "Stopped")
    with pytest.raises(OSError):
        browser.call("GET", "/api/status")
    engine.client("sagemaker").start_notebook_instance(NotebookInstanceName=name)
    wait(engine, name, "InService")
    browser = opened(engine, name)
    assert browser.call("GET", "/api/contents/kept.txt")[0] == 200
    homes = list((engine.data_dir / "notebook-instances").glob(f"*/{name}-*/home"))
    assert [(home / "lost.txt").exists() for home in homes] == [False]


def test_a_memory_bomb_ends_the_kernel_not_the_instance(own_engine: RunningEngine) -> None:
    engine, name = own_engine, "bomb"
    create(engine, name)
    wait(engine, name, "InService")
    record = next((engine.data_dir / "notebook-instances").glob(f"*/{name}-*/runs/1/process.json"))
    process = json.loads(record.read_text())
    if process["cgroup"] is None:
        pytest.skip("this user may not make control groups")
    limit = next(
        path
        for file in ("memory.limit_in_bytes", "memory.max")
        if (path := Path(process["cgroup"]) / file).exists()
    )
    assert int(limit.read_text()) == 4 * 1024**3  # what an ml.t2.medium has
    if process["pids_cgroup"] is not None:  # where a fork bomb ends
        assert (Path(process["pids_cgroup"]) / "pids.max").read_text().strip() == "4096"
    browser = opened(engine, name)
    kernel = json.loads(browser.call("POST", "/api/kernels", {"name": "python3"})[2])["id"]
    assert browser.run(kernel, "print('ready')") == "ready\n"
    limit.write_text(str(700 * 1024**2))  # 4 GiB take a minute to fill
    assert "DIED" in browser.run(kernel, BOMB)
    assert browser.call("GET", "/api/status")[0] == 200
    assert status(engine, name) == "InService"
    # a process killed from outside is started again, on its own
    os.killpg(process["pid"], signal.SIGKILL)
    eventually(lambda: (record.parent.parent / "2" / "process.json").exists(), timeout=60)
    wait(engine, name, "InService")


def test_only_allowed_addresses_open_an_instance(engine: RunningEngine) -> None:
    name, sagemaker = f"addresses-{secrets.token_hex(3)}", engine.client("sagemaker")
    create(engine, name, Tags=[{"Key": "smstudio:AllowedSourceIps", "Value": "127.0.0.1/32"}])
    wait(engine, name, "InService")
    url = sagemaker.create_presigned_notebook_instance_url(NotebookInstanceName=name)["AuthorizedUrl"]
    elsewhere = Browser(url, source="127.0.0.2")
    assert (elsewhere.status, "Your address is not among" in elsewhere.page) == (403, True)
    assert Browser(url).status == 302
    arn = sagemaker.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "smstudio:AllowedSourceIps", "Value": "10.0.0.0/8"}])
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDeniedException"):
        sagemaker.create_presigned_notebook_instance_url(NotebookInstanceName=name)
    sagemaker.stop_notebook_instance(NotebookInstanceName=name)
    wait(engine, name, "Stopped")
    sagemaker.delete_notebook_instance(NotebookInstanceName=name)
    wait(engine, name, "Gone")
    assert not list((engine.data_dir / "notebook-instances").glob(f"*/{name}-*"))


def test_a_script_that_fails_fails_the_instance_and_can_be_mended(engine: RunningEngine) -> None:
    name, sagemaker = f"scripts-{secrets.token_hex(3)}", engine.client("sagemaker")
    sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name,
        OnCreate=encoded("#!/bin/bash\nenv\necho once >> /home/ec2-user/SageMaker/runs.txt\n"),
        OnStart=encoded("#!/bin/bash\necho wrong; exit 3\n"),
    )
    create(engine, name, LifecycleConfigName=name)
    wait(engine, name, "Failed")
    described = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    assert "failed with exit code 3 in OnStart" in described["FailureReason"]
    assert f"notebook-instance-lifecycle-config/{name}" in described["FailureReason"]
    assert log(engine, f"{name}/LifecycleConfigOnStart") == ["wrong"]
    printed = "\n".join(log(engine, f"{name}/LifecycleConfigOnCreate"))
    assert "AWS_SECRET_ACCESS_KEY=****" in printed
    assert engine.info.secret_key not in printed

    sagemaker.update_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name,
        OnStart=encoded("echo start >> /home/ec2-user/SageMaker/runs.txt"),
    )
    sagemaker.start_notebook_instance(NotebookInstanceName=name)
    wait(engine, name, "InService")
    volume = next((engine.data_dir / "notebook-instances").glob(f"*/{name}-*/home/SageMaker"))
    runs = Path(volume / "runs.txt")
    assert not runs.exists() or runs.read_text().split() == ["once", "start"]
    sagemaker.stop_notebook_instance(NotebookInstanceName=name)
    wait(engine, name, "Stopped")
    sagemaker.delete_notebook_instance(NotebookInstanceName=name)


def test_repositories_are_cloned_and_a_missing_one_fails_the_instance(
    engine: RunningEngine, tmp_path: Path
) -> None:
    sagemaker, token = engine.client("sagemaker"), secrets.token_hex(3)
    sagemaker.create_code_repository(
        CodeRepositoryName=f"repo-{token}",
        GitConfig={"RepositoryUrl": "https://127.0.0.1:9/team/missing.git", "Branch": "main"},
    )
    listed = sagemaker.list_code_repositories(NameContains=f"repo-{token}")["CodeRepositorySummaryList"]
    assert listed[0]["GitConfig"]["Branch"] == "main"
    create(engine, f"clone-{token}", DefaultCodeRepository=f"repo-{token}")
    wait(engine, f"clone-{token}", "Failed")
    reason = sagemaker.describe_notebook_instance(NotebookInstanceName=f"clone-{token}")["FailureReason"]
    assert "https://127.0.0.1:9/team/missing.git was not cloned" in reason
    assert any("127.0.0.1" in line for line in log(engine, f"clone-{token}/git.log"))
    sagemaker.delete_notebook_instance(NotebookInstanceName=f"clone-{token}")
    with pytest.raises(botocore.exceptions.ClientError, match="Cannot find CodeRepository"):
        create(engine, f"none-{token}", DefaultCodeRepository=f"none-{token}")
