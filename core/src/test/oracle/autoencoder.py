"""Golden autoencoders, written by diffusers itself.

Not needed to build or test: it tells where the folders in ../resources/golden/autoencoder come from. Each holds a
config.json, weights as diffusers stores them, and expected.safetensors: inputs with the moments and images that the
original network computes for them in fp64.

    python autoencoder.py DIRECTORY      # needs torch, diffusers (seen with 0.27.2 on torch 1.13), safetensors
"""

import sys
from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

# The names of attention's tensors before diffusers 0.15, which published files still have.
OLD_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def network(widths, layers, groups, latents, channels):
    torch.manual_seed(0)
    net = AutoencoderKL(
        in_channels=channels,
        out_channels=channels,
        down_block_types=["DownEncoderBlock2D"] * len(widths),
        up_block_types=["UpDecoderBlock2D"] * len(widths),
        block_out_channels=widths,
        layers_per_block=layers,
        latent_channels=latents,
        norm_num_groups=groups,
        sample_size=32,
        scaling_factor=0.18215 if latents == 4 else 0.5,
    ).eval()
    with torch.no_grad():
        for name, p in net.named_parameters():
            if "norm" in name:  # fresh ones are 1 and 0, which would hide mistakes
                p.add_(0.2 * torch.randn_like(p))
    return net


def old_name(name):
    for new, old in OLD_NAMES.items():
        name = name.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
    return name


def write(folder, net, image_shape):
    folder.mkdir(parents=True, exist_ok=True)
    net.save_config(folder)
    torch.manual_seed(1)
    image = torch.rand(image_shape) * 2 - 1
    with torch.no_grad():
        fp32 = net.encode(image).latent_dist
        exact = net.double()
        posterior = exact.encode(image.double()).latent_dist
        # Left and right differ in scale, so that statistics of a part are not those of the whole.
        latents = torch.randn(posterior.mean.shape) * torch.linspace(0.1, 2, posterior.mean.shape[3])
        decoded = exact.decode(latents.double()).sample
        exact.float()
        error = {
            "mean": relative(fp32.mean, posterior.mean),
            "decoded": relative(exact.decode(latents).sample, decoded),
        }
    save_file(
        {
            "image": image,
            "mean": posterior.mean.float().contiguous(),
            "std": posterior.std.float().contiguous(),
            "latents": latents,
            "decoded": decoded.float(),
        },
        folder / "expected.safetensors",
        {
            "origin": f"diffusers {diffusers.__version__} on torch {torch.__version__}, fp64, random weights",
            "fp32Error": str(error),
        },
    )


def relative(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


def main():
    out = Path(sys.argv[1])
    two = network([8, 16], 1, 4, 3, 1)
    write(out / "two-levels", two, [2, 1, 16, 16])
    torch.save({old_name(k): v for k, v in two.state_dict().items()}, out / "two-levels/diffusion_pytorch_model.bin")
    four = network([4, 4, 8, 8], 2, 4, 4, 3)
    write(out / "four-levels", four, [1, 3, 32, 64])
    save_file(four.state_dict(), out / "four-levels/diffusion_pytorch_model.safetensors", {"format": "pt"})


main()
