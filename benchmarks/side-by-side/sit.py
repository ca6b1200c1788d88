"""SiT with softmax or mediator attention in PyTorch: the other side of the comparison.

Written from the description in docs/method.md and from the papers (SiT, arXiv 2401.08740; DiT, arXiv 2212.09748;
attention mediators, arXiv 2408.05710). Parameter names are those of the checkpoints.

Letters: B batch, C channels, N = h*w tokens, D width, M heads, K = D/M head width, n mediators.

Two flavours compute the same:

``reference``
    what published implementations do: the position biases are resized and summed at every call, attention through
    mediators is written out, softmax attention is ``F.scaled_dot_product_attention``.
``best``
    eager PyTorch written as well as one can: biases are made once for inference, additions and products are one pass
    over memory, and where PyTorch offers several ways, ``Ways`` says which is taken; ``torch_bench.py`` measures them.
"""

import dataclasses
import json
import math

import numpy
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import nn

from attention import FULL, Attention, BestMediatorAttention, Linear, MediatorAttention, as_tokens

PRESETS = {"Ti": (6, 192, 3), "S": (12, 384, 6), "B": (12, 768, 12), "L": (24, 1024, 16), "XL": (28, 1152, 16)}
FREQUENCIES = 128


@dataclasses.dataclass(frozen=True)
class Config:
    """What a network is; ``mediators`` holds counts and perhaps ``FULL``."""

    input_size: int
    patch_size: int
    channels: int
    width: int
    depth: int
    heads: int
    classes: int
    learn_sigma: bool = False
    mediators: tuple = (FULL,)
    mediator_blocks: tuple | None = None
    mlp_ratio: float = 4.0

    @property
    def grid(self):
        return self.input_size // self.patch_size

    def mediates(self, block):
        counts = any(count != FULL for count in self.mediators)
        return counts and (self.mediator_blocks is None or block in self.mediator_blocks)

    @staticmethod
    def preset(name, input_size, channels, mediators, classes=10):
        size, patch = name.removeprefix("SiT-").split("/")
        depth, width, heads = PRESETS[size]
        return Config(input_size, int(patch), channels, width, depth, heads, classes, mediators=(mediators,))

    @staticmethod
    def of(tensors, metadata):
        """From the metadata of a checkpoint, or from the shapes of its tensors where there are none."""
        if "config" in (metadata or {}):
            said = json.loads(metadata["config"])
            blocks = said.get("mediatorBlocks")
            return Config(
                said["inputSize"],
                said["patchSize"],
                said["inChannels"],
                said["width"],
                said["depth"],
                said["heads"],
                said["numClasses"],
                said["learnSigma"],
                tuple(said["mediators"]),
                None if blocks is None else tuple(blocks),
                said["mlpRatio"],
            )
        return Config._of_shapes({name: tuple(tensor.shape) for name, tensor in tensors.items()}, metadata or {})

    @staticmethod
    def _of_shapes(shapes, metadata):
        width, channels, patch, _ = shapes["x_embedder.proj.weight"]
        depth = 1 + max(int(name.split(".")[1]) for name in shapes if name.startswith("blocks."))
        maps = {name: shape for name, shape in shapes.items() if name.endswith("an_bias")}
        if "pos_embed" in shapes:
            grid = math.isqrt(shapes["pos_embed"][1])
        else:
            grid = next(shape[3] for name, shape in shapes.items() if name.endswith("ah_bias"))
        counts = tuple(sorted({shape[1] for shape in maps.values()})) or (FULL,)
        blocks = tuple(sorted({int(name.split(".")[1]) for name in maps}))
        known = {(d, w): h for d, w, h in PRESETS.values()}
        if maps:
            heads = next(iter(maps.values()))[0]
        else:
            heads = int(metadata["num_heads"]) if "num_heads" in metadata else known[(depth, width)]
        return Config(
            grid * patch,
            patch,
            channels,
            width,
            depth,
            heads,
            shapes["y_embedder.embedding_table.weight"][0] - 1,
            shapes["final_layer.linear.weight"][0] == 2 * channels * patch * patch,
            counts,
            None if len(blocks) in (0, depth) else blocks,
            shapes["blocks.0.mlp.fc1.weight"][0] / width,
        )


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = Linear(width, hidden)
        self.fc2 = Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


def modulated(x, shift, scale):
    """The norm of x [B, N, D], shifted and scaled by [B, D]."""
    return F.layer_norm(x, x.shape[2:], eps=1e-6) * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


def modulated_at_once(x, shift, scale):
    return torch.addcmul(shift.unsqueeze(1), F.layer_norm(x, x.shape[2:], eps=1e-6), 1 + scale.unsqueeze(1))


class Block(nn.Module):
    def __init__(self, config, attention):
        super().__init__()
        self.attn = attention
        self.mlp = Mlp(config.width, int(config.width * config.mlp_ratio))
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(config.width, 6 * config.width))

    def forward(self, x, c, count):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.adaLN_modulation(c).chunk(6, dim=1)
        x = x + gate1.unsqueeze(1) * self.attn(modulated(x, shift1, scale1), count)
        return x + gate2.unsqueeze(1) * self.mlp(modulated(x, shift2, scale2))


class BestBlock(Block):
    def forward(self, x, c, count):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.adaLN_modulation(c).chunk(6, dim=1)
        x = torch.addcmul(x, gate1.unsqueeze(1), self.attn(modulated_at_once(x, shift1, scale1), count))
        return torch.addcmul(x, gate2.unsqueeze(1), self.mlp(modulated_at_once(x, shift2, scale2)))


class FinalLayer(nn.Module):
    def __init__(self, width, out):
        super().__init__()
        self.linear = nn.Linear(width, out)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))

    def forward(self, x, c):
        return self.linear(modulated(x, *self.adaLN_modulation(c).chunk(2, dim=1)))


class PatchEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.proj = nn.Conv2d(config.channels, config.width, config.patch_size, stride=config.patch_size)

    def forward(self, x):
        return as_tokens(self.proj(x))


class TimeEmbedding(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(2 * FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, t):
        rates = torch.exp(-math.log(10000) * torch.arange(FREQUENCIES, dtype=torch.float32, device=t.device) / FREQUENCIES)
        angles = t.float().unsqueeze(1) * rates
        return self.mlp(torch.cat([angles.cos(), angles.sin()], dim=1).to(self.mlp[0].weight.dtype))


class LabelEmbedding(nn.Module):
    """The last row is the label "none"."""

    def __init__(self, classes, width):
        super().__init__()
        self.embedding_table = nn.Embedding(classes + 1, width)

    def forward(self, y):
        return self.embedding_table(y)


def position_embedding(width, grid):
    """[1, N, D]: sines and cosines of the column, then of the row; in float64."""
    rates = 10000.0 ** (-numpy.arange(width // 4, dtype=numpy.float64) / (width / 4))
    angles = numpy.outer(numpy.arange(grid, dtype=numpy.float64), rates)
    line = numpy.concatenate([numpy.sin(angles), numpy.cos(angles)], axis=1)  # [grid, D/2]
    table = numpy.concatenate([numpy.tile(line, (grid, 1)), numpy.repeat(line, grid, axis=0)], axis=1)
    return torch.from_numpy(table).float().unsqueeze(0)


class SiT(nn.Module):
    def __init__(self, config, best):
        super().__init__()
        self.config = config
        self.best = best
        self.stream = None  # type of what blocks add to, None for whatever comes
        self.x_embedder = PatchEmbedding(config)
        self.t_embedder = TimeEmbedding(config.width)
        self.y_embedder = LabelEmbedding(config.classes, config.width)
        self.register_buffer("pos_embed", position_embedding(config.width, config.grid))
        block = BestBlock if best else Block
        mediator = BestMediatorAttention if best else MediatorAttention
        self.blocks = nn.ModuleList(
            block(config, (mediator if config.mediates(i) else Attention)(config)) for i in range(config.depth)
        )
        out = config.channels * (2 if config.learn_sigma else 1)
        self.final_layer = FinalLayer(config.width, config.patch_size**2 * out)
        self.initialise()

    def initialise(self):
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        embedding = self.x_embedder.proj
        nn.init.xavier_uniform_(embedding.weight.data.flatten(1))
        nn.init.zeros_(embedding.bias)
        for weight in (self.y_embedder.embedding_table.weight, self.t_embedder.mlp[0].weight, self.t_embedder.mlp[2].weight):
            nn.init.normal_(weight, std=0.02)
        for layer in [*self.blocks, self.final_layer]:
            nn.init.zeros_(layer.adaLN_modulation[1].weight)
        nn.init.zeros_(self.final_layer.linear.weight)

    def take(self, ways):
        """Computes these ways from now on."""
        if not self.best:
            raise ValueError("the reference has one way only")
        self.stream = torch.bfloat16 if ways.stream == "bf16" else None
        for module in self.modules():
            if isinstance(module, (Linear, BestMediatorAttention)):
                module.ways = ways
            if isinstance(module, BestMediatorAttention):
                module.made.clear()

    def forward(self, x, t, y, count):
        """Images [B, C, H, W], times [B], labels [B] to predictions [B, C, H, W]."""
        x = self.x_embedder(x.to(self.x_embedder.proj.weight.dtype)) + self.pos_embed
        if self.stream is not None:
            x = x.to(self.stream)
        c = self.t_embedder(t) + self.y_embedder(y)
        for block in self.blocks:
            x = block(x, c, count)
        return self.image(self.final_layer(x, c))

    def image(self, tokens):
        """[B, N, p*p*C_out] to [B, C, H, W]; of learned sigmas nothing is kept."""
        patch, grid = self.config.patch_size, self.config.grid
        parts = tokens.unflatten(2, (patch, patch, -1)).unflatten(1, (grid, grid))  # [B, h, w, p, p, C_out]
        image = parts.permute(0, 5, 1, 3, 2, 4).flatten(4, 5).flatten(2, 3)
        return image[:, : self.config.channels]

    @staticmethod
    def load(path, best, prefix=""):
        """A checkpoint of this project; tensors whose name starts with ``prefix``, without it."""
        with safe_open(path, "pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]
            tensors = {name.removeprefix(prefix): file.get_tensor(name).float() for name in names}
            return SiT.of(tensors, file.metadata(), best)

    @staticmethod
    def of(tensors, metadata, best):
        config = Config.of(tensors, metadata)
        model = SiT(config, best)
        missing = model.load_state_dict(tensors, strict=False)
        absent = [name for name in missing.missing_keys if name != "pos_embed"]
        if absent or missing.unexpected_keys:
            raise ValueError(f"missing {absent}, without a place {missing.unexpected_keys}")
        return model.eval()


# ----------------------------------------------------------------------------------------- sampling and training


def guided(model, x, t, y, count, scale):
    """v_null + scale (v_y - v_null), both from one call."""
    null = torch.full_like(y, model.config.classes)
    both = model(torch.cat([x, x]), torch.cat([t, t]), torch.cat([y, null]), count)
    of_class, of_none = both.chunk(2)
    return of_none + scale * (of_class - of_none)


def score(v, x, t):
    """Score from the velocity on the linear path, where alpha = t and sigma = 1 - t."""
    alpha, sigma = t, 1 - t
    return (alpha * v - x) / (sigma**2 + alpha * sigma)


def sde_step(network, x, t, dt, noise, evaluations):
    """One step of Euler and Maruyama with w = sigma; the score from the drift's evaluation, or from one of its own."""
    times = torch.full((x.shape[0],), t, device=x.device)
    v = network(x, times).float()
    s = score(v if evaluations == 1 else network(x, times).float(), x, torch.tensor(t))
    w = 1 - t
    return x + (v + w * s) * dt + math.sqrt(2 * w * dt) * noise


def velocity_loss(model, x1, x0, t, y, count):
    """Mean of (v - (x1 - x0))^2 on the linear path."""
    at = t.view(-1, 1, 1, 1)
    v = model(at * x1 + (1 - at) * x0, t, y, count)
    return F.mse_loss(v.float(), x1 - x0)
