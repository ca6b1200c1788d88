"""Writes weights beside values that contain themselves or nest deep, and tensors of kinds that are not read: python make_beside.py FOLDER."""

import sys
import torch


def beside():
    circle = [1]
    circle.append(circle)
    ring = {"a": 1}
    ring["self"] = ring
    branches = []
    branches.extend([branches] * 3)
    deep = []
    for _ in range(200):
        deep = [deep]
    numbers = torch.arange(4.0)
    refused = {
        "float8": numbers.to(torch.float8_e4m3fn),
        "uint16": numbers.to(torch.uint16),
        "complex": torch.complex(numbers, numbers),
        "conjugated": torch.complex(numbers, numbers).conj(),
        "negated": torch._neg_view(numbers),
        "quantised": torch.quantize_per_tensor(numbers, 0.1, 0, torch.qint8),
        "sparse": numbers.to_sparse(),
        "nested": torch.nested.nested_tensor([numbers, numbers[:2]]),
        "meta": numbers.to("meta"),
        "parameter": torch.nn.Parameter(numbers.to(torch.float8_e4m3fn), requires_grad=False),
    }
    return {
        "model": {"w": numbers, "scale": numbers.to(torch.float8_e5m2)},
        "opt": refused,
        "args": {"circle": circle, "ring": ring, "branches": branches, "deep": deep, "depth": 2},
    }


torch.save(beside(), sys.argv[1] + "/beside.pt")
torch.save(beside(), sys.argv[1] + "/beside-legacy.pt", _use_new_zipfile_serialization=False)

names = ("x_embedder.proj.weight", "x_embedder.proj.bias")
trained = {name: torch.ones(2) for name in names}
average = {name: torch.ones(2).to(torch.float8_e4m3fn) for name in names}
torch.save({"model": trained, "ema": average}, sys.argv[1] + "/float8-average.pt")
