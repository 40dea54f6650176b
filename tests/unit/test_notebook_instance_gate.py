"""Links, sessions and addresses of notebook instances: what opens one, and what does not."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.notebook_instances.links import sign
from smstudio_ext.notebooks.instance_server.access import Gate, LinkRefused

SECRET = "6b" * 32


class At:
    """A clock that the test turns."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def claims(clock: At, **changes: Any) -> dict[str, Any]:
    return {"instance": "abc", "expires": clock() + 300, "session": 43200, "nonce": "1f" * 16, **changes}


def gate(control: Path, clock: At) -> Gate:
    return Gate("abc", SECRET, control, now=clock)


def test_a_link_opens_one_session_and_no_second(tmp_path: Path) -> None:
    clock = At()
    token = sign(SECRET, claims(clock))
    assert gate(tmp_path, clock).redeem(token) == clock() + 43200
    with pytest.raises(LinkRefused, match="has been used"):
        gate(tmp_path, clock).redeem(token)  # also by a server that was started anew


def test_a_link_is_valid_for_five_minutes(tmp_path: Path) -> None:
    clock = At()
    first, second = (sign(SECRET, claims(clock, nonce=nonce)) for nonce in ("aa", "bb"))
    clock.now += 299
    gate(tmp_path, clock).redeem(first)
    clock.now += 2
    with pytest.raises(LinkRefused, match="expired"):
        gate(tmp_path, clock).redeem(second)


def forged(token: str) -> list[str]:
    body, _, signature = token.partition(".")
    later = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    later["expires"] += 3600
    changed = base64.urlsafe_b64encode(json.dumps(later).encode()).decode().rstrip("=")
    return [f"{changed}.{signature}", f"{body}.", f".{signature}", "", "x", "é.é", sign("00" * 32, later)]


@pytest.mark.parametrize("number", range(7))
def test_a_forged_link_opens_nothing(tmp_path: Path, number: int) -> None:
    clock = At()
    token = forged(sign(SECRET, claims(clock)))[number]
    with pytest.raises(LinkRefused, match="not made by the engine"):
        gate(tmp_path, clock).redeem(token)
    assert not (tmp_path / "used").exists()


def test_a_link_for_another_instance_opens_nothing(tmp_path: Path) -> None:
    clock = At()
    with pytest.raises(LinkRefused, match="another notebook instance"):
        gate(tmp_path, clock).redeem(sign(SECRET, claims(clock, instance="other")))


def test_sessions_end(tmp_path: Path) -> None:
    clock = At()
    opened = gate(tmp_path, clock)
    end = opened.redeem(sign(SECRET, claims(clock, session=1800)))
    clock.now += 1799
    assert not opened.is_over(end)
    clock.now += 2
    assert opened.is_over(end)


@pytest.mark.parametrize(
    ("allowed", "address", "admitted"),
    [
        ([], "192.168.0.9", True),
        (["127.0.0.1"], "127.0.0.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["10.0.0.0/8", "127.0.0.0/24"], "127.0.0.77", True),
        (["10.0.0.0/8"], "11.0.0.1", False),
        (["::1"], "::1", True),
        (["::1"], "127.0.0.1", False),
        (["nonsense"], "127.0.0.1", False),
        (["127.0.0.1"], "", False),
    ],
)
def test_only_addresses_of_the_list_are_admitted(
    tmp_path: Path, allowed: list[str], address: str, admitted: bool
) -> None:
    (tmp_path / "access.json").write_text(json.dumps({"allowed": allowed}))
    assert gate(tmp_path, At()).admits(address) is admitted


def test_without_a_list_everybody_is_admitted_and_a_new_list_holds_at_once(tmp_path: Path) -> None:
    import os

    opened = gate(tmp_path, At())
    assert opened.admits("127.0.0.9")
    path = tmp_path / "access.json"
    for number, (allowed, admitted) in enumerate(([["127.0.0.1"], False], [["127.0.0.9"], True], [[], True])):
        path.write_text(json.dumps({"allowed": allowed}))
        os.utime(path, (number, number))
        assert opened.admits("127.0.0.9") is admitted
