"""Notebooks that come from others or go to them: trust, outputs, names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smstudio_ext.studio.notebook_documents import (
    MAX_BYTES,
    check_size,
    notebook_name,
    read_document,
    untrusted,
    without_output,
)
from smstudio_ext.studio.problems import BadInput, Conflict


def document() -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"signature": "x", "widgets": {"state": 1}, "instance_type": "ml.t3.medium"},
        "cells": [
            {
                "cell_type": "code",
                "source": "1",
                "execution_count": 4,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "secret"}],
                "metadata": {"trusted": True, "execution": {"iopub.status.busy": "now"}, "tags": ["a"]},
            },
            {"cell_type": "markdown", "source": "# a", "metadata": {"trusted": True}},
        ],
    }


def test_trust_of_others_is_not_taken_over() -> None:
    given = document()
    found = untrusted(given)
    assert "trusted" not in json.dumps(found)
    assert "signature" not in found["metadata"]
    assert found["cells"][0]["outputs"] == given["cells"][0]["outputs"]
    assert given == document(), "the given notebook is left as it is"


def test_what_was_computed_goes_with_the_outputs() -> None:
    found = without_output(document())
    assert "secret" not in json.dumps(found)
    assert found["metadata"] == {"signature": "x", "instance_type": "ml.t3.medium"}
    cell = found["cells"][0]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert cell["metadata"] == {"trusted": True, "tags": ["a"]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"nbformat": 3, "worksheets": []}',
        b'{"nbformat": 4, "metadata": 1, "cells": []}',
        b'{"nbformat": 4, "cells": [1]}',
        b'{"nbformat": 4, "cells": {}}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
    ids=["empty", "html", "list", "old", "metadata", "cell", "cells", "deep", "bytes"],
)
def test_what_is_no_notebook_is_refused(content: bytes) -> None:
    with pytest.raises(Conflict, match="is no notebook of format 4"):
        read_document(content, "a.ipynb")


def test_large_notebooks_are_refused() -> None:
    check_size(MAX_BYTES, "a.ipynb")
    with pytest.raises(BadInput, match="67,108,865 bytes"):
        check_size(MAX_BYTES + 1, "a.ipynb")


def test_names_get_their_ending() -> None:
    assert notebook_name(" my copy ") == "my copy.ipynb"
    assert notebook_name("報告.ipynb") == "報告.ipynb"


@pytest.mark.parametrize(
    "name",
    ["", "  ", ".ipynb", ".hidden", "../up", "a/b", "a\\b", "a\nb", "a\0b", "x" * 250],
    ids=["empty", "blank", "ending", "hidden", "up", "slash", "backslash", "line", "null", "long"],
)
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(BadInput) as found:
        notebook_name(name)
    assert found.value.fields[0][0] == "file_name"
