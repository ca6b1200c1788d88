"""Does sit.py compute the network of this project? Compares both flavours with the golden files of the tests.

    python benchmarks/side-by-side/check.py

One line for each comparison, the worst of all ways to compute it; exit code 1 if one of them misses the tolerance. The
error is max|a - b| / max|b|.
"""

import itertools
import pathlib
import sys

import torch
from safetensors import safe_open

from attention import FULL, Ways
from sit import Config, SiT, guided, position_embedding, sde_step, velocity_loss

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "core/src/test/resources/golden"
TOLERANCE = 1e-4
GUIDANCE = 1.5
GUIDED_CHANNELS = 3  # of four, as the golden files have it
LAST_STEP = 0.04
KEPT = (0, 5, 10, 15, 20, 25, 28, 29)  # of the states that the sampler went through


def error(a, b):
    return ((a.double() - b.double()).abs().max() / b.double().abs().max()).item()


def read(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def part(tensors, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def all_ways(best):
    """All combinations that make a difference in fp32."""
    if not best:
        return [None]
    names = [name for name in Ways.OPTIONS if name != "stream"]
    chosen = itertools.product(*(Ways.OPTIONS[name] for name in names))
    return [Ways(**dict(zip(names, options))) for options in chosen]


def network(name, count, best):
    """Forward pass, guidance, loss and gradients of one of the small networks."""
    golden, metadata = read(GOLDEN / f"{name}.safetensors")
    stored = part(golden, "model.")
    model = SiT.of(stored, metadata, best)
    worst = dict.fromkeys(("forward", "guided", "loss", "gradients"), 0.0)
    worst["position embedding"] = error(
        position_embedding(model.config.width, model.config.grid), stored["pos_embed"]
    )
    for ways in all_ways(best):
        if ways:
            model.take(ways)
        errors = {
            "forward": forward_error(model, golden, count),
            "guided": guided_error(model, golden, count),
            **training_errors(model, golden, count),
        }
        worst.update({what: max(worst[what], value) for what, value in errors.items()})
    return {f"{name}, {what}": value for what, value in worst.items()}


@torch.inference_mode()
def forward_error(model, golden, count):
    return error(model(golden["in.x"], golden["in.t"], golden["in.y"], count), golden["out.eval"])


@torch.inference_mode()
def guided_error(model, golden, count):
    half = golden["cfg.x"].shape[0] // 2
    out = guided(model, *(golden[f"cfg.{name}"][:half] for name in "xty"), count, GUIDANCE)
    return error(out[:, :GUIDED_CHANNELS], golden["cfg.out"][:half, :GUIDED_CHANNELS])


def training_errors(model, golden, count):
    model.zero_grad()
    y = golden["train.y"].masked_fill(golden["train.drop"], model.config.classes)
    loss = velocity_loss(model, golden["train.x1"], golden["train.x0"], golden["train.t"], y, count)
    loss.backward()
    wanted = part(golden, "grad.")
    gradients = max(error(parameter.grad, wanted[name]) for name, parameter in model.named_parameters())
    return {"loss": error(loss.detach(), golden["train.loss"]), "gradients": gradients}


@torch.inference_mode()
def trajectory(best):
    """The SDE sampler's way through networks of 4, 16 and 64 mediators, with the reference's noise and switches."""
    golden, metadata = read(GOLDEN / "dynamic_sit.safetensors")
    models = [SiT.of(part(golden, f"model{i}."), metadata, best) for i in (1, 2, 3)]
    counts = [model.config.mediators[0] for model in models]
    serving = golden["mae.active"].tolist()[::2]  # two calls a step
    serving = [i - min(serving) for i in serving]
    worst = 0.0
    for ways in all_ways(best):
        for model in models if ways else []:
            model.take(ways)
        states = walk(models, counts, serving, golden, 1 if best else 2)
        worst = max(worst, *(error(states[k], golden["mae.traj"][i]) for i, k in enumerate(KEPT)))
    return {"dynamic_sit, trajectory": worst}


def walk(models, counts, serving, golden, evaluations):
    x = golden["in.init"]
    noise = golden["in.noise"]
    grid = torch.linspace(0, 1 - LAST_STEP, len(noise) + 1).tolist()
    states = []
    for i, t in enumerate(grid):
        model, count = models[serving[i]], counts[serving[i]]
        last = i == len(noise)
        step = LAST_STEP if last else grid[1] - grid[0]
        random = torch.zeros_like(x) if last else noise[i]
        x = sde_step(lambda xt, at: model(xt, at, golden["in.y"], count), x, t, step, random, evaluations)
        states.append(x)
    return states


@torch.inference_mode()
def shipped():
    """No golden numbers: the flavours agree on the shipped elastic weights."""
    tensors, metadata = read(ROOT / "models/fashion-mnist.safetensors")
    tensors = {name: tensor.float() for name, tensor in tensors.items()}
    reference, best = (SiT.of(tensors, metadata, flavour) for flavour in (False, True))
    config = Config.of(tensors, metadata)
    torch.manual_seed(0)
    x = torch.randn(2, config.channels, config.input_size, config.input_size)
    t, y = torch.tensor([0.2, 0.7]), torch.tensor([3, config.classes])
    return {
        f"shipped weights, {count} mediators, against the reference": both_errors(reference, best, (x, t, y, count))
        for count in config.mediators
    }


def both_errors(reference, best, inputs):
    worst = 0.0
    for ways in all_ways(True):
        best.take(ways)
        worst = max(worst, error(best(*inputs), reference(*inputs)))
    return worst


def main():
    results = []
    for best in (False, True):
        flavour = "best" if best else "reference"
        errors = {
            **network("sit_tiny_m4_ls", 4, best),
            **network("sit_tiny_softmax_ls", FULL, best),
            **trajectory(best),
            **(shipped() if best else {}),
        }
        results += [(f"{flavour}: {what}", value) for what, value in errors.items()]
    for title, value in results:
        print(f"{'ok  ' if value <= TOLERANCE else 'MISS'} {value:.1e}  {title}")
    return int(any(not value <= TOLERANCE for _, value in results))


if __name__ == "__main__":
    sys.exit(main())
