"""Writes the files of this folder: networks as the trainings of SiT and others save them, with random weights."""
import argparse
import collections
import json

import numpy
import torch

WIDTH, HEADS, CHANNELS, PATCH, GRID, CLASSES, MEDIATORS = 16, 2, 1, 2, 4, 3, 4


def positions():
    omega = 10000.0 ** -(numpy.arange(WIDTH // 4) / (WIDTH / 4))

    def encode(values):
        angles = values.reshape(-1, 1) * omega
        return numpy.concatenate([numpy.sin(angles), numpy.cos(angles)], 1)

    row, column = numpy.mgrid[0:GRID, 0:GRID].astype(numpy.float64)
    return torch.from_numpy(numpy.concatenate([encode(column), encode(row)], 1)).float()[None]


def network(seed, mediators):
    torch.manual_seed(seed)
    d, hidden = WIDTH, 4 * WIDTH
    shapes = collections.OrderedDict()

    def linear(name, outputs, inputs):
        shapes[name + ".weight"] = (outputs, inputs)
        shapes[name + ".bias"] = (outputs,)

    shapes["x_embedder.proj.weight"] = (d, CHANNELS, PATCH, PATCH)
    shapes["x_embedder.proj.bias"] = (d,)
    linear("t_embedder.mlp.0", d, 256)
    linear("t_embedder.mlp.2", d, d)
    shapes["y_embedder.embedding_table.weight"] = (CLASSES + 1, d)
    if mediators:
        n = mediators
        for name in ("an", "na"):
            shapes["blocks.0.attn.%s_bias" % name] = (HEADS, n, 7, 7)
        shapes["blocks.0.attn.ah_bias"] = (1, HEADS, n, GRID, 1)
        shapes["blocks.0.attn.aw_bias"] = (1, HEADS, n, 1, GRID)
        shapes["blocks.0.attn.ha_bias"] = (1, HEADS, GRID, 1, n)
        shapes["blocks.0.attn.wa_bias"] = (1, HEADS, 1, GRID, n)
        shapes["blocks.0.attn.dwc.weight"] = (d, 1, 3, 3)
        shapes["blocks.0.attn.dwc.bias"] = (d,)
    linear("blocks.0.attn.qkv", 3 * d, d)
    linear("blocks.0.attn.proj", d, d)
    linear("blocks.0.mlp.fc1", hidden, d)
    linear("blocks.0.mlp.fc2", d, hidden)
    linear("blocks.0.adaLN_modulation.1", 6 * d, d)
    linear("final_layer.linear", PATCH * PATCH * 2 * CHANNELS, d)
    linear("final_layer.adaLN_modulation.1", 2 * d, d)
    state = collections.OrderedDict(pos_embed=positions())
    for name, shape in shapes.items():
        state[name] = 0.2 * torch.randn(shape)
    return state


def prefixed(prefix, state):
    return collections.OrderedDict((prefix + name, tensor) for name, tensor in state.items())


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def main():
    model, ema, softmax = network(1, MEDIATORS), network(2, MEDIATORS), network(3, 0)
    args = argparse.Namespace(model="SiT", image_size=8, num_classes=CLASSES, path_type="GVP", prediction="noise",
                              loss_weight=None, sample_eps=None, train_eps=None)
    torch.save({"model": prefixed("module.", model), "ema": ema, "opt": {"state": {}, "param_groups": []}, "args": args},
               "training.pt")
    torch.save({"state_dict": prefixed("model._orig_mod.", softmax), "epoch": 3}, "wrapped.pt",
               _use_new_zipfile_serialization=False)
    for name, state in ("model", model), ("ema", ema), ("softmax", softmax):
        write_safetensors(name + ".safetensors", state)


main()
