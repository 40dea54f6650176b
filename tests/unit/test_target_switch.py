"""The chosen target: kept in a file without secrets, and let go when the server's configuration changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smstudio_ext.aws.account import RoleToAssume
from smstudio_ext.target import LocalEngine, UnknownProfile
from smstudio_ext.target_switch import Choice, TargetMemory, TargetSwitch


def nobody() -> LocalEngine | None:
    return None


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config"
    path.write_text(
        "[profile work]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = hidden\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return path


def test_a_choice_is_found_again(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "studio" / "target.json"
    first = TargetSwitch(nobody, memory=TargetMemory(file, Choice()))
    assert first.kind == "local"
    first.choose("aws", "work", role_arn="arn:aws:iam::111122223333:role/Jobs", read_only=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "hidden" not in file.read_text()
    second = TargetSwitch(nobody, memory=TargetMemory(file, Choice()))
    assert second.choice == first.choice
    assert second.effective_region() == "eu-west-1"


def test_a_changed_configuration_of_the_server_goes_before_an_old_choice(
    config: Path, tmp_path: Path
) -> None:
    file = tmp_path / "target.json"
    TargetSwitch(nobody, memory=TargetMemory(file, Choice())).choose("aws", "work")
    configured = Choice("aws", region="us-west-2")
    assert TargetSwitch(nobody, memory=TargetMemory(file, configured)).choice == configured


def test_protection_by_configuration_comes_back_at_each_start(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "target.json"
    configured = Choice("aws", "work", read_only=True)
    switch = TargetSwitch(nobody, memory=TargetMemory(file, configured))
    switch.choose("aws", "work", region="us-west-2", read_only=False)
    assert not switch.read_only
    again = TargetSwitch(nobody, memory=TargetMemory(file, configured))
    assert (again.region, again.read_only) == ("us-west-2", True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"configured": {}}', '{"configured": null, "chosen": {"kind": "mars"}}'],
    ids=["empty", "half", "list", "lacking", "mars"],
)
def test_a_spoilt_file_is_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "target.json"
    file.write_text(text)
    assert TargetMemory(file, Choice()).load() == Choice()


def test_a_kept_kind_that_is_none_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "target.json"
    memory = TargetMemory(file, Choice())
    memory.save(Choice("aws", "work", assume=RoleToAssume("arn:aws:iam::111122223333:role/R")))
    assert memory.load().assume == RoleToAssume("arn:aws:iam::111122223333:role/R")
    document = json.loads(file.read_text())
    document["chosen"]["kind"] = "mars"
    file.write_text(json.dumps(document))
    assert memory.load() == Choice()


def test_credentials_are_read_again_when_their_file_changes(config: Path) -> None:
    switch = TargetSwitch(nobody)
    switch.choose("aws", "work")
    first = switch.current()
    assert switch.current() is first
    assert first.client("sts")._request_signer._credentials.access_key == "a"
    config.write_text(config.read_text().replace("= a\n", "= b\n"))
    second = switch.current()
    assert second is not first
    assert second.client("sts")._request_signer._credentials.access_key == "b"


def test_a_profile_that_is_not_there_changes_nothing(config: Path) -> None:
    switch = TargetSwitch(nobody)
    with pytest.raises(UnknownProfile):
        switch.choose("aws", "nobody")
    assert switch.kind == "local"
