"""The file of a random cut forest: arrays of all trees one after the other; AWS's own layout is not published."""

from __future__ import annotations

import json

import numpy as np

from smstudio_ext.engine.images.randomcutforest.forest import Tree
from smstudio_ext.formats import mxnet

FORMAT = "smstudio-random-cut-forest/1"
_FIELDS = ("points", "counts", "dimension", "cut", "left", "right")


def encode(trees: list[Tree]) -> bytes:
    """The bytes of `model_algo-1`."""
    arrays = {name: np.concatenate([np.asarray(getattr(tree, name)) for tree in trees]) for name in _FIELDS}
    facts = {
        "format": FORMAT,
        "points": [len(tree.points) for tree in trees],
        "nodes": [len(tree.dimension) for tree in trees],
    }
    return mxnet.write_archive({"meta.json": json.dumps(facts).encode(), "params": mxnet.write(arrays)})


def decode(data: bytes) -> list[Tree]:
    """Reads the file.

    Raises:
        ValueError: it is of another format (such as AWS's own).
    """
    found = mxnet.read_archive(data)
    facts = found.documents.get("meta.json", {})
    if facts.get("format") != FORMAT:
        raise ValueError(f"model_algo-1 is no random cut forest of this engine ({FORMAT}).")
    trees, point, node = [], 0, 0
    for points, nodes in zip(facts["points"], facts["nodes"], strict=True):
        mine, its = slice(point, point + points), slice(node, node + nodes)
        trees.append(
            Tree(
                *(found.array(name)[mine] for name in _FIELDS[:2]),
                *(found.array(name)[its] for name in _FIELDS[2:]),
            )
        )
        point, node = point + points, node + nodes
    return trees
