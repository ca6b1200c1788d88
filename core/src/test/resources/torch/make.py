"""Writes the PyTorch files of this folder, and beside them what is in their tensors.

Run once with each version of PyTorch: python make.py. README.md tells which versions these were.
"""

import argparse
import collections
import json
import struct
import types

import numpy
import torch

VERSION = ".".join(torch.__version__.split("+")[0].split("a")[0].split(".")[:2])
NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}


def raw(tensor):
    """Row-major little-endian bytes."""
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:  # NumPy has no such type; the upper half of a float32 is one
        return b"".join(b[2:] for b in [struct.pack("<f", v) for v in tensor.float().reshape(-1).tolist()])
    return tensor.numpy().tobytes()


def write_expected(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        end = len(data) + len(raw(tensor))
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), end]}
        data += raw(tensor)
    header = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header + data)


def flatten(path, value, found):
    if isinstance(value, torch.Tensor):
        found[path] = value
    elif isinstance(value, dict):
        for k, v in value.items():
            flatten(path + "." + str(k) if path else str(k), v, found)
    elif isinstance(value, (list, tuple)):
        for i, v in enumerate(value):
            flatten(path + "." + str(i), v, found)
    return found


def dtypes():
    values = torch.tensor([0.0, 1.0, 3.0, 100.0, 0.5, 7.0])
    tensors = {NAMES[d]: values.to(d).view(2, 3) for d in NAMES}
    tensors["special"] = torch.tensor([float("inf"), -float("inf"), -0.0, 1e-45, 3.4028234663852886e38])
    tensors["minimum"] = torch.tensor([-(2 ** 63), 2 ** 63 - 1])
    tensors["negative"] = torch.tensor([-128, 127], dtype=torch.int8)
    return tensors


def views():
    base = torch.arange(24, dtype=torch.float32)
    wide = torch.randn(4, 6).double()
    return {
        "base": base,
        "reshaped": base.view(2, 3, 4),
        "transposed": base.view(4, 6).t(),
        "permuted": base.view(2, 3, 4).permute(2, 0, 1),
        "offset": base[5:11],
        "stepped": base[1::3],
        "column": wide[:, 2],
        "block": wide[1:3, 2:5],
        "expanded": torch.tensor([[1.5], [2.5]]).expand(2, 5),
        "one": base[7],
        "zero_dim": torch.tensor(2.25),
        "empty": torch.zeros(0),
        "hole": torch.zeros(3, 0, 2, dtype=torch.int64),
        "diagonal": wide.diagonal(),
        "channels_last": torch.randn(1, 3, 2, 2).contiguous(memory_format=torch.channels_last),
    }


def values():
    counts = collections.defaultdict(list)
    counts["a"].append(1)
    return {
        "args": argparse.Namespace(model="SiT-S/2", lr=1e-4, steps=400000, amp=False, resume=None, sizes=[1, 2]),
        "simple": types.SimpleNamespace(x=1),
        "integers": [0, 1, -1, 255, 256, 65535, 65536, -2 ** 31, 2 ** 31, 2 ** 63 - 1, -2 ** 63, 2 ** 70],
        "floats": [0.1, -1e300, float("inf")],
        "flags": (True, False, None),
        "text": "Größe „α“ 🙂\n",
        "long_text": "x" * 300,
        "bytes": b"\x00\xff\x80",
        "no_bytes": b"",
        "bytearray": bytearray(b"ab"),
        "set": {3},
        "frozenset": frozenset([4]),
        "empties": [[], (), {}],
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "default": counts,
        "counter": collections.Counter("aab"),
        "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16,
        "device": torch.device("cuda", 1),
        "keys": {1: "int", True: "bool", None: "none", 2.5: "float", (1, "a"): "tuple"},
        "numpy": {
            "f8": numpy.float64(0.1), "f4": numpy.float32(0.1), "f2": numpy.float16(0.1), "i8": numpy.int64(-5),
            "u8": numpy.uint64(2 ** 64 - 1), "u1": numpy.uint8(200), "b1": numpy.bool_(True),
            "array": numpy.arange(6, dtype=numpy.float64).reshape(2, 3),
            "columns": numpy.asfortranarray(numpy.arange(6, dtype=numpy.int16).reshape(2, 3)),
            "big_endian": numpy.array([1, 2], dtype=">i4"),
            "random": numpy.random.RandomState(0).get_state()[1][:3],
        },
        "deep": [[[[{"k": [1, (2, [3])]}]]]],
    }


def training():
    torch.manual_seed(1)
    net = torch.nn.Sequential(
        collections.OrderedDict(fc=torch.nn.Linear(3, 2), norm=torch.nn.BatchNorm1d(2)))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)
    net(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    model = net.state_dict()
    ema = collections.OrderedDict((k, v.clone() * 0.5 if v.is_floating_point() else v) for k, v in model.items())
    return {"model": model, "ema": ema, "opt": optimizer.state_dict(), "args": argparse.Namespace(depth=2)}


def everything():
    torch.manual_seed(0)
    shared = torch.arange(10, dtype=torch.int32)
    parameter = torch.nn.Parameter(torch.randn(2, 2))
    return {
        "dtypes": dtypes(), "views": views(), "values": values(),
        "shared": [shared, shared[3:], shared], "parameter": parameter,
    }


def save(name, value, expected=None, **options):
    torch.save(value, name + ".pt", **options)
    write_expected((expected or name) + ".safetensors", flatten("", value, {}))


def main():
    for kind, is_zip in (("zip", True), ("legacy", False)):
        name = "everything-%s-%s" % (VERSION, kind)
        save(name, everything(), "everything", _use_new_zipfile_serialization=is_zip)
    if int(VERSION.split(".")[0]) < 2:
        return
    for protocol in (3, 4, 5):
        name = "everything-%s-protocol%d" % (VERSION, protocol)
        save(name, everything(), "everything", pickle_protocol=protocol)
    save("training", training())
    save("bare", training()["model"])
    save("wrapped", {"state_dict": {"module." + k: v for k, v in training()["model"].items()}, "epoch": 3})
    save("tensor", torch.arange(3))
    torch.save({"x": torch.zeros(2).to(torch.float8_e4m3fn)}, "float8.pt")
    torch.save({"x": torch.zeros(2, dtype=torch.complex64)}, "complex.pt")
    torch.save({"x": torch.zeros(2).to(torch.uint16)}, "uint16.pt")
    torch.save({"net": torch.nn.Linear(2, 2)}, "module.pt")


main()
