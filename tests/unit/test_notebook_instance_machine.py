"""The first program of a notebook instance: scripts with their limit, masked logs, shims of AWS's habits."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path

from smstudio_ext.engine.notebook_instances.lines import MASK, StampedLog
from smstudio_ext.engine.notebook_instances.machine import SCRIPT_SECONDS, run_limited
from smstudio_ext.engine.notebook_instances.shims import make_shims
from smstudio_ext.engine.runtime.joblogs import read_forward
from tests.conftest import eventually


def messages(path: Path) -> list[str]:
    return [event.message for event in read_forward(path).events]


def test_a_script_that_hangs_is_ended_after_five_minutes(tmp_path: Path) -> None:
    moments = iter([0.0, 1.0, 299.0, 300.0, 300.1])
    log = StampedLog(tmp_path / "script.log")
    ended = run_limited(
        ["/bin/bash", "-c", "echo $$; trap '' TERM; while :; do sleep 100; done"],
        SCRIPT_SECONDS,
        log,
        now=lambda: next(moments),
        pause=lambda: eventually(lambda: messages(tmp_path / "script.log")) and None,
    )
    assert ended.late
    assert ended.code == -signal.SIGKILL
    pid = int(messages(tmp_path / "script.log")[0])
    assert not Path(f"/proc/{pid}").exists()


def test_what_a_script_leaves_in_the_background_goes_on(tmp_path: Path) -> None:
    """`nohup ... &` is how AWS says long installations are done."""
    log = StampedLog(tmp_path / "script.log")
    done, flag = tmp_path / "done", tmp_path / "flag"
    script = f"nohup bash -c 'while [ ! -e {flag} ]; do sleep 0.02; done; touch {done}' >/dev/null 2>&1 & echo left"
    ended = run_limited(["/bin/bash", "-c", script], 60, log)
    assert (ended.code, ended.late) == (0, False)
    assert messages(tmp_path / "script.log") == ["left"]
    flag.touch()
    eventually(done.exists)


def test_the_exit_code_of_a_script_is_told(tmp_path: Path) -> None:
    ended = run_limited(["/bin/bash", "-c", "echo gone >&2; exit 7"], 60, StampedLog(tmp_path / "log"))
    assert (ended.code, ended.late) == (7, False)
    assert messages(tmp_path / "log") == ["gone"]


def test_secrets_do_not_get_into_a_log(tmp_path: Path) -> None:
    secret = "s3cr3t/With+Signs=and-more"
    log = StampedLog(tmp_path / "log", [secret, ""])
    for prefix in ("", "a", "ab"):
        log.write(base64.b64encode(f"{prefix}{secret}".encode()))
    log.write(f"AWS_SECRET_ACCESS_KEY={secret} again {secret}".encode())
    log.write(b"https://host/?key=s3cr3t%2FWith%2BSigns%3Dand-more")
    text = "\n".join(messages(tmp_path / "log"))
    assert f"AWS_SECRET_ACCESS_KEY={MASK} again {MASK}" in text
    assert text.count(MASK) == 6
    assert "cr3t" not in text


def test_scripts_written_for_aws_find_sudo_and_activate(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shims = make_shims(home, tmp_path / "scratch", sys.executable)
    script = f"""
sudo -u ec2-user -i <<'EOF'
source {home}/anaconda3/bin/activate python3
python -c 'import sys; print(sys.prefix)'
source deactivate 2>/dev/null || deactivate
EOF
sudo -H -u ec2-user NAME=value sh -c 'echo $NAME $HOME'
sudo echo plain
"""
    environment = {**os.environ, "PATH": f"{shims}:{os.environ['PATH']}", "HOME": str(home)}
    answer = subprocess.run(
        ["/bin/bash", "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines() == [sys.prefix, f"value {home}", "plain"]


def test_without_control_groups_the_largest_process_is_ended_never_the_program(tmp_path: Path) -> None:
    from smstudio_ext.engine.runtime.supervisor import _Supervised

    hold = "import sys; held = bytearray(b'x') * (int(sys.argv[1]) << 20); print('ready', flush=True); sys.stdin.read()"
    held = [
        subprocess.Popen(
            [sys.executable, "-c", hold, str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for size in (60, 5, 30)
    ]
    try:
        for process in held:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        supervised = _Supervised(tmp_path, {})
        supervised.child = held[0].pid  # the program itself, the largest of all
        supervised._end_largest({process.pid for process in held})
        assert held[2].wait(120) == -signal.SIGKILL
        assert [process.poll() for process in held[:2]] == [None, None]
    finally:
        for process in held:
            process.kill()
            process.communicate()
