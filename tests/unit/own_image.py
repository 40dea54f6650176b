"""Makes images of one's own for tests: a folder with programs, registered in a data directory."""

from __future__ import annotations

import json
import sys

from tests.unit.job_stand import ACCOUNT, JobStand


def own_image(stand: JobStand, name: str, **programs: str) -> dict[str, str]:
    """Registers Python programs (`train=...`) as an image; returns an AlgorithmSpecification of it."""
    folder = stand.data_dir.parent / f"image-{name}"
    folder.mkdir()
    for program, text in programs.items():
        path = folder / program
        path.write_text(text if text.startswith("#!") else f"#!{sys.executable}\n{text}")
        path.chmod(0o755)
    registrations = stand.data_dir / "images"
    registrations.mkdir(exist_ok=True)
    (registrations / f"{name}.json").write_text(json.dumps({"name": name, "folder": str(folder)}))
    return {"TrainingImage": f"{ACCOUNT}/{name}:latest", "TrainingInputMode": "File"}
