"""Golden numbers of the networks in dev.mediator.vision, from the original Python code.

Not needed to build or test: it tells where the files in ../resources/golden/vision-*.safetensors come from. Weights and
pictures are functions of name and position (FormulaWeights and FormulaPictures in Java), so only outputs are stored.

    python vision.py inception DIRECTORY      # needs torch, torchvision, pytorch-fid, torch-fidelity
    python vision.py efficientnet DIRECTORY   # needs torch, efficientnet-lite-pytorch
    python vision.py resize DIRECTORY         # needs torch, torch-fidelity
"""

import sys

import numpy as np
import torch
from safetensors.numpy import save_file


def fnv1a(name):
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def uniform(name, count):
    """Numbers in [0, 1) with 24 bits: a 32-bit finalizer over position times an odd constant plus the name's hash."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(fnv1a(name))
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) * 2.0**-24


def value_range(name, shape):
    if name.endswith("running_var"):
        return 0.5, 1.5
    if name.endswith("running_mean"):
        return -0.2, 0.2
    if name.endswith(".bias"):
        return -0.1, 0.3
    if len(shape) == 1:
        return 0.8, 1.2
    bound = np.sqrt(6.0 / np.prod(shape[1:]))
    return -bound, bound


def fill(model):
    state = {}
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state[name] = tensor
            continue
        shape = tuple(tensor.shape)
        low, high = value_range(name, shape)
        values = low + (high - low) * uniform(name, tensor.numel())
        state[name] = torch.from_numpy(values.astype(np.float32).reshape(shape))
    model.load_state_dict(state)
    return model.eval()


def picture(index, channels, height, width):
    """Unsigned bytes [C, H, W]: slanted waves with fine texture."""
    c = np.arange(channels).reshape(-1, 1, 1)
    y = np.arange(height).reshape(1, -1, 1)
    x = np.arange(width).reshape(1, 1, -1)
    wave = x * (3 + index) + y * (5 - index) * (c + 1)
    texture = (x * y + 7 * c + 13 * index) % 31
    return ((np.abs(wave % 256 - 128) * 3 // 2 + texture) % 256).astype(np.float32)


def pictures(count, channels, height, width):
    return torch.from_numpy(np.stack([picture(i, channels, height, width) for i in range(count)]))


def error(a, b):
    return float((a.double() - b.double()).abs().max() / b.double().abs().max())


def store(path, outputs, exact, metadata):
    worst = max((error(outputs[k], exact[k]), k) for k in outputs)
    print(path, "fp32 against fp64:", worst, {k: tuple(v.shape) for k, v in exact.items()})
    metadata = dict(metadata, fp32AgainstFp64="%.1e (%s)" % worst)
    save_file({k: v.float().numpy() for k, v in exact.items()}, path, metadata)


def resize(x, size, half_pixel):
    if half_pixel:
        return torch.nn.functional.interpolate(x, size=size, mode="bilinear", align_corners=False)
    from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

    return interpolate_bilinear_2d_like_tensorflow1x(x, size=size, align_corners=False)


def inception(directory):
    from pytorch_fid import inception as original

    original.load_state_dict_from_url = lambda *_, **__: None
    load = torch.nn.Module.load_state_dict
    original.torchvision.models.Inception3.load_state_dict = lambda self, state: None
    net = original.fid_inception_v3()
    original.torchvision.models.Inception3.load_state_dict = load
    fill(net)
    seen = {}
    net.Mixed_6d.branch1x1.register_forward_hook(lambda m, i, o: seen.update(spatial=o))
    net.avgpool.register_forward_hook(lambda m, i, o: seen.update(pooled=o))

    def run(x):
        with torch.no_grad():
            logits = net(x)
        pooled = seen["pooled"].flatten(1)
        return {
            "pooled": pooled,
            "spatial": seen["spatial"][:, :7].permute(0, 2, 3, 1).flatten(1),
            "logits": logits,
            "unbiasedLogits": pooled @ net.fc.weight.T.detach(),
        }

    def variants():
        x = pictures(2, 3, 64, 64).to(net.fc.weight.dtype)
        small = {"pytorchFid." + k: v for k, v in run(resize(x / 255, (299, 299), True) * 2 - 1).items()}
        adm = run((resize(x[1:].float(), (299, 299), False).to(x.dtype) - 128) / 128)
        return small | {"adm." + k: v for k, v in adm.items() if k != "logits"}

    single = variants()
    net.double()
    store(
        directory + "/vision-inception.safetensors",
        single,
        variants(),
        {"origin": "pytorch-fid 0.3.0 and torch-fidelity 0.4.0 (resize), torch " + torch.__version__ + ", computed in fp64"},
    )


def efficientnet(directory):
    from efficientnet_lite_pytorch import EfficientNet

    net = fill(EfficientNet.from_name("efficientnet-lite0"))

    def run():
        x = (pictures(2, 3, 224, 224).to(net._fc.weight.dtype) - 127) / 128
        with torch.no_grad():
            return {"pooled": net.extract_features(x).mean((2, 3)), "logits": net(x)}

    single = run()
    net.double()
    store(
        directory + "/vision-efficientnet.safetensors",
        single,
        run(),
        {"origin": "efficientnet-lite-pytorch 0.1.0, torch " + torch.__version__ + ", computed in fp64"},
    )


def resizing(directory):
    x = pictures(1, 3, 7, 10)

    def run(y):
        out = {}
        for name, size in (("enlarged", (13, 16)), ("reduced", (4, 6))):
            out["tensorFlow1." + name] = resize(y.float(), size, False)
            out["halfPixel." + name] = resize(y, size, True)
            cubic = torch.nn.functional.interpolate(y, size=size, mode="bicubic", align_corners=False, antialias=True)
            out["bicubic." + name] = cubic.clamp(0, 255)
        return out

    store(
        directory + "/vision-resize.safetensors",
        run(x),
        run(x.double()),
        {"origin": "torch-fidelity 0.4.0, torch " + torch.__version__},
    )


if __name__ == "__main__":
    {"inception": inception, "efficientnet": efficientnet, "resize": resizing}[sys.argv[1]](sys.argv[2])
