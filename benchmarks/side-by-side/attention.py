"""Softmax attention and attention through mediators in PyTorch, in the two flavours that sit.py tells of."""

import dataclasses
import math

import torch
import torch.nn.functional as F
from torch import nn

FULL = "full"
MAP = 7  # side of the stored position maps


@dataclasses.dataclass(frozen=True)
class Ways:
    """Which of PyTorch's ways to compute the same the ``best`` flavour takes.

    read: mediators read the tokens, "sdpa" or "written" out; write: tokens read the mediators, also "transposed"
    (written out with the softmax along a middle axis); convolution: "channels_last" or "contiguous"; pooling:
    "adaptive" or "mean" over a view; products: "linear", or "convolution" of 1x1, which PyTorch computes by oneDNN where
    it computes linear layers in fp32 by MKL; stream: type of what blocks add to under autocast.
    """

    products: str = "linear"
    read: str = "sdpa"
    write: str = "sdpa"
    convolution: str = "channels_last"
    pooling: str = "adaptive"
    stream: str = "fp32"

    OPTIONS = {
        "products": ("linear", "convolution"),
        "read": ("sdpa", "written"),
        "write": ("sdpa", "written", "transposed"),
        "convolution": ("channels_last", "contiguous"),
        "pooling": ("adaptive", "mean"),
        "stream": ("fp32", "bf16"),
    }


class Linear(nn.Linear):
    """A linear layer of tokens [B, N, D]."""

    ways = None  # of the best flavour

    def forward(self, x):
        if self.ways is None or self.ways.products == "linear":
            return super().forward(x)
        convolved = F.conv2d(as_map(x, math.isqrt(x.shape[1])), self.weight[:, :, None, None], self.bias)
        return convolved.permute(0, 2, 3, 1).flatten(1, 2)


def split_heads(x, heads):
    """[B, N, D] to [B, M, N, K], a view."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def merge_heads(x):
    """[B, M, N, K] to [B, N, D]."""
    return x.transpose(1, 2).flatten(2)


def as_map(x, grid):
    """[B, N, D] to [B, D, h, w], a view."""
    return x.unflatten(1, (grid, grid)).permute(0, 3, 1, 2)


def as_tokens(x):
    """[B, D, h, w] to [B, N, D]."""
    return x.flatten(2).transpose(1, 2)


class PositionBias(nn.Module):
    """The stored maps of one mediator count, and what is made of them."""

    def __init__(self, heads, count, grid):
        super().__init__()
        self.an_bias = nn.Parameter(torch.empty(heads, count, MAP, MAP))
        self.na_bias = nn.Parameter(torch.empty(heads, count, MAP, MAP))
        self.ah_bias = nn.Parameter(torch.empty(1, heads, count, grid, 1))
        self.aw_bias = nn.Parameter(torch.empty(1, heads, count, 1, grid))
        self.ha_bias = nn.Parameter(torch.empty(1, heads, grid, 1, count))
        self.wa_bias = nn.Parameter(torch.empty(1, heads, 1, grid, count))
        for parameter in self.parameters():
            nn.init.trunc_normal_(parameter, std=0.02)


def read_bias(maps, grid):
    """b_read [1, M, n, N]."""
    resized = F.interpolate(maps.an_bias, size=(grid, grid), mode="bilinear", align_corners=False)
    return resized.flatten(2).unsqueeze(0) + (maps.ah_bias + maps.aw_bias).flatten(3)


def write_bias(maps, grid):
    """b_write [1, M, N, n]."""
    resized = F.interpolate(maps.na_bias, size=(grid, grid), mode="bilinear", align_corners=False)
    return resized.flatten(2).transpose(1, 2).unsqueeze(0) + (maps.ha_bias + maps.wa_bias).flatten(2, 3)


class Attention(nn.Module):
    """Softmax attention; the weights that both kinds have."""

    def __init__(self, config):
        super().__init__()
        self.heads = config.heads
        self.qkv = Linear(config.width, 3 * config.width)
        self.proj = Linear(config.width, config.width)

    def forward(self, x, count):
        return self.proj(self.all_pairs(*self.qkv(x).chunk(3, dim=2)))

    def all_pairs(self, q, k, v):
        """Maps [B, N, D] to o [B, N, D]."""
        q, k, v = (split_heads(part, self.heads) for part in (q, k, v))
        return merge_heads(F.scaled_dot_product_attention(q, k, v))


class MediatorAttention(Attention):
    """Attention through mediators as published: everything written out, biases made at every call.

    One count has its maps under the published names, several counts have theirs under ``mediators.n.``.
    """

    def __init__(self, config):
        super().__init__(config)
        self.grid = config.grid
        self.dwc = nn.Conv2d(config.width, config.width, 3, padding=1, groups=config.width)
        counts = [count for count in config.mediators if count != FULL]
        self.single = len(config.mediators) == 1
        sets = {str(count): PositionBias(config.heads, count, config.grid) for count in counts}
        if self.single:
            for name, parameter in sets[str(counts[0])].named_parameters():
                self.register_parameter(name, parameter)
        else:
            self.mediators = nn.ModuleDict(sets)

    def maps(self, count):
        return self if self.single else self.mediators[str(count)]

    def forward(self, x, count):
        q, k, v = self.qkv(x).chunk(3, dim=2)
        o = self.all_pairs(q, k, v) if count == FULL else self.mediated(q, k, v, count)
        return self.proj(o + as_tokens(self.dwc(as_map(v, self.grid))))

    def mediated(self, q, k, v, count):
        side = math.isqrt(count)
        tokens = as_tokens(F.adaptive_avg_pool2d(as_map(q, self.grid), side))
        q, k, v, tokens = (split_heads(part, self.heads) for part in (q, k, v, tokens))
        scale = q.shape[3] ** -0.5
        maps = self.maps(count)
        reading = (scale * tokens @ k.transpose(2, 3) + read_bias(maps, self.grid)).softmax(dim=3)
        values = reading @ v  # [B, M, n, K]
        writing = (scale * q @ tokens.transpose(2, 3) + write_bias(maps, self.grid)).softmax(dim=3)
        return merge_heads(writing @ values)


class BestMediatorAttention(MediatorAttention):
    """The same, as fast as eager PyTorch does it."""

    ways = Ways()

    def __init__(self, config):
        super().__init__(config)
        self.made = {}  # biases by count and type, where no gradients are wanted

    def forward(self, x, count):
        q, k, v = self.qkv(x).chunk(3, dim=2)
        o = self.all_pairs(q, k, v) if count == FULL else self.mediated(q, k, v, count)
        local = self.convolved(v)
        return self.proj(o + local if torch.is_grad_enabled() else o.add_(local))

    def convolved(self, v):
        if self.ways.convolution == "contiguous":
            return as_tokens(self.dwc(as_map(v, self.grid).contiguous()))
        return self.dwc(as_map(v, self.grid)).permute(0, 2, 3, 1).flatten(1, 2)

    def pooled(self, q, side):
        """[B, N, D] to mediator tokens [B, n, D]."""
        cell, rest = divmod(self.grid, side)
        if self.ways.pooling == "mean" and rest == 0:
            return q.view(q.shape[0], side, cell, side, cell, -1).mean(dim=(2, 4)).flatten(1, 2)
        return F.adaptive_avg_pool2d(as_map(q, self.grid), side).permute(0, 2, 3, 1).flatten(1, 2)

    def biases(self, count, dtype):
        if torch.is_grad_enabled():
            return self.make_biases(count, dtype)
        if (count, dtype) not in self.made:
            self.made[count, dtype] = self.make_biases(count, dtype)
        return self.made[count, dtype]

    def make_biases(self, count, dtype):
        maps = self.maps(count)
        write = write_bias(maps, self.grid).to(dtype)
        if self.ways.write == "transposed":
            write = write.transpose(2, 3)
        return read_bias(maps, self.grid).to(dtype).contiguous(), write.contiguous()

    def mediated(self, q, k, v, count):
        tokens = self.pooled(q, math.isqrt(count))
        q, k, v, tokens = (split_heads(part, self.heads) for part in (q, k, v, tokens))
        scale = q.shape[3] ** -0.5
        tokens = tokens * scale  # once, for both products
        read, write = self.biases(count, q.dtype)
        if self.ways.read == "sdpa":
            values = F.scaled_dot_product_attention(tokens, k, v, attn_mask=read, scale=1.0)
        else:
            values = (tokens @ k.transpose(2, 3)).add_(read).softmax(dim=3) @ v
        if self.ways.write == "sdpa":
            o = F.scaled_dot_product_attention(q, tokens, values, attn_mask=write, scale=1.0)
        elif self.ways.write == "written":
            o = (q @ tokens.transpose(2, 3)).add_(write).softmax(dim=3) @ values
        else:
            o = (tokens @ q.transpose(2, 3)).add_(write).softmax(dim=2).transpose(2, 3) @ values
        return merge_heads(o)
