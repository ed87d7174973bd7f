"""Converted clicks as NumPy arrays: shards are read as docs/native-format.md has them."""

import glob
import json
import struct

import numpy as np


def page(size):
    return -(-size // 4096) * 4096


def shard(file):
    data = open(file, "rb").read()
    size = struct.unpack_from("<I", data, 12)[0]
    head = json.loads(data[64 : 64 + size])
    start = page(64 + size) + page(head["schema"]["bytes"])
    width = 1 + head["dense"] + head["fields"]
    records = np.frombuffer(data, "<i4", head["rows"] * width, start).reshape(-1, width)
    return records[:, 0], records[:, 1 : 1 + head["dense"]].copy().view("<f4"), records[:, 1 + head["dense"] :]


def splits(folder):
    """Labels, dense values and ids (rows of the joined table) of each split that the folder has."""
    found = {}
    for name in ("train", "validation", "test"):
        shards = [shard(file) for file in sorted(glob.glob(f"{folder}/{name}-*.lockstep"))]
        if shards:
            found[name] = [np.concatenate(parts) for parts in zip(*shards)]
    return found
