"""Times works of the network in PyTorch and prints one JSON object for each, a line of its own.

    python benchmarks/side-by-side/torch_bench.py --work forward --mediators 64 --batch 4 --dtype fp32
    python benchmarks/side-by-side/torch_bench.py --device cuda --work forward,training --batch 64 --dtype bf16

Of the ways in which the "best" flavour can compute the same, the fastest is found by trying each on the whole work before
anything counts; ``--ways`` gives those of an earlier process.
"""

import argparse
import dataclasses
import gc
import json
import math
import os
import pathlib
import statistics
import sys
import time

# What ./mediator sets for itself; glibc reads them when a process starts, hence the second start.
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
}
WARM_UPS = 3
TRIES = 6
TRY_SECONDS = 5  # no further try after this long
TRY_BATCH = 4  # on the CPU which way is fastest hardly depends on the batch, how long it takes to find out does
CARD_WARM_UPS = 20  # as ./mediator bench has them,
CARD_WARM_UP_SECONDS = 2  # or fewer after this long
CARD_TRY_SECONDS = 1
GUIDANCE = 4
SDE_TIME = 0.5
SDE_STEP = 1 / 250
DTYPES = ("fp32", "bf16")
DEVICES = ("cpu", "cuda")
WORKS = ("forward", "step", "guided", "training")


def physical_cores():
    """Cores that this process may use, hyper-threads not counted."""
    siblings = set()
    for cpu in os.sched_getaffinity(0):
        path = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        siblings.add(path.read_text().strip() if path.exists() else str(cpu))
    return len(siblings)


def works(text):
    names = text.split(",")
    if not set(names) <= set(WORKS):
        raise argparse.ArgumentTypeError(f"'{text}', allowed are {', '.join(WORKS)}")
    return names


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=works, default=["forward"], help=f"of {', '.join(WORKS)}, with commas between")
    parser.add_argument("--device", choices=DEVICES, default="cpu")
    parser.add_argument("--matmul", choices=("ieee", "tf32"), default="ieee", help="how a card multiplies fp32 matrices")
    parser.add_argument("--compile", action="store_true", help="the network goes through torch.compile first")
    parser.add_argument("--flavour", choices=("reference", "best"), default="best")
    parser.add_argument("--preset", default="SiT-S/2")
    parser.add_argument("--latent", type=int, default=32, help="side of the network's input")
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--mediators", default="64", help="a count, or full")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--dtype", choices=DTYPES, default="fp32")
    parser.add_argument("--threads", type=int, default=physical_cores())
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--warm-ups", type=int, default=WARM_UPS)
    parser.add_argument("--ways", type=json.loads, help="JSON, as an earlier run printed them; without it they are tried")
    parser.add_argument("--plain", action="store_true", help="linear layers stay linear layers")
    parser.add_argument("--ema", action="store_true", help="a training step also averages the weights")
    parser.add_argument("--malloc", choices=("kept", "stock"), default="kept", help="kept: as ./mediator has it")
    return parser.parse_args()


def start_again_with(malloc):
    """glibc's settings must be there before the process is."""
    wanted = MALLOC if malloc == "kept" else {}
    if any(os.environ.get(name) != wanted.get(name) for name in MALLOC):
        environment = {name: value for name, value in os.environ.items() if name not in MALLOC}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment | wanted)


def reset_peak():
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass  # the peak is then that of the whole process


def peak_megabytes():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) >> 10


class Bench:
    def __init__(self, options, name):
        self.options = options
        self.name = name
        self.card = options.device == "cuda"
        self.bf16 = options.dtype == "bf16"
        self.best = options.flavour == "best"
        self.count = options.mediators if options.mediators == attention.FULL else int(options.mediators)
        config = sit.Config.preset(options.preset, options.latent, options.channels, self.count)
        torch.manual_seed(0)
        with torch.device(options.device):  # drawn on a card in no time
            self.model = sit.SiT(config, self.best)
        self.model.to(options.device)
        self.network = self.model
        self.inputs(options.batch)
        if name == "training":
            self.prepare_training()
        else:
            self.model.eval()
            if self.bf16:
                self.model.bfloat16()

    def inputs(self, batch):
        shape = (batch, self.options.channels, self.options.latent, self.options.latent)
        with torch.device(self.options.device):
            self.x, self.noise = torch.randn(shape), torch.randn(shape)
            self.t = torch.rand(batch) if self.name == "training" else torch.full((batch,), 0.5)
            self.y = torch.zeros(batch, dtype=torch.long)

    def prepare_training(self):
        self.model.train()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-4, weight_decay=0, **({"fused": True} if self.best else {})
        )
        if self.options.ema:
            self.average = [parameter.detach().clone() for parameter in self.model.parameters()]

    def work(self):
        getattr(self, self.name)()

    def no_gradients(self):
        return torch.inference_mode() if self.best else torch.no_grad()

    def forward(self):
        with self.no_gradients():
            self.network(self.x, self.t, self.y, self.count)

    def guided(self):
        with self.no_gradients():
            sit.guided(self.network, self.x, self.t, self.y, self.count, GUIDANCE)

    def step(self):
        with self.no_gradients():
            sit.sde_step(
                lambda x, t: self.network(x, t, self.y, self.count),
                self.x,
                SDE_TIME,
                SDE_STEP,
                torch.randn_like(self.x),
                1 if self.best else 2,
            )

    def training(self):
        with torch.autocast(self.options.device, torch.bfloat16, enabled=self.bf16):
            loss = sit.velocity_loss(self.network, self.x, self.noise, self.t, self.y, self.count)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.options.ema:
            torch._foreach_lerp_(self.average, [p.detach() for p in self.model.parameters()], 1e-4)

    def seconds(self):
        start = time.perf_counter()
        self.work()
        if self.card:
            torch.cuda.synchronize()
        return time.perf_counter() - start

    def try_ways(self):
        """Option by option, the one with which the whole work is fastest stays."""
        chosen = attention.Ways()
        tried = {}
        self.inputs(self.options.batch if self.card else min(self.options.batch, TRY_BATCH))
        for name, options in attention.Ways.OPTIONS.items():
            if not self.matters(name):
                continue
            times = self.times(chosen, name, options)
            chosen = dataclasses.replace(chosen, **{name: min(times, key=times.get)})
            tried[name] = {option: round(1000 * value, 2) for option, value in times.items()}
        self.inputs(self.options.batch)
        return chosen, tried

    def times(self, chosen, name, options):
        """The shortest time with each option; in turn, since machines are slower at one moment than at another."""
        times = dict.fromkeys(options, math.inf)
        start = time.perf_counter()
        for i in range(TRIES):
            if i > 0 and time.perf_counter() - start > (CARD_TRY_SECONDS if self.card else TRY_SECONDS):
                break
            for option in times:
                self.model.take(dataclasses.replace(chosen, **{name: option}))
                self.seconds()
                times[option] = min(times[option], self.seconds())
        return times

    def matters(self, name):
        if name == "stream":
            return self.bf16 and self.name == "training"
        if name == "products":
            return not self.options.plain and not self.card
        return self.count != attention.FULL

    def warm_up(self):
        start = time.perf_counter()
        for i in range(CARD_WARM_UPS if self.card else self.options.warm_ups):
            if self.card and time.perf_counter() - start > CARD_WARM_UP_SECONDS:
                break
            self.seconds()

    def measure(self):
        ways, tried = None, None
        if self.best:
            ways, tried = (attention.Ways(**self.options.ways), None) if self.options.ways else self.try_ways()
            self.model.take(ways)
        if self.options.compile:
            self.network = torch.compile(self.model)
        self.reset_peak()
        self.warm_up()
        millis = [1000 * self.seconds() for _ in range(self.options.runs)]
        return {
            **vars(self.options),
            "work": self.name,
            "millis": statistics.median(millis),
            "minMillis": min(millis),
            "maxMillis": max(millis),
            "peakMegabytes": self.peak_megabytes(),
            "ways": ways and dataclasses.asdict(ways),
            "tried": tried,
            "torch": torch.__version__,
        }

    def reset_peak(self):
        if self.card:
            torch.cuda.reset_peak_memory_stats()
        else:
            reset_peak()

    def peak_megabytes(self):
        """On a card of its tensors, else of the whole process."""
        return torch.cuda.max_memory_allocated() >> 20 if self.card else peak_megabytes()


def measure(options, name):
    answer = Bench(options, name).measure()
    gc.collect()  # before the next network comes
    return answer


if __name__ == "__main__":
    options = arguments()
    start_again_with(options.malloc)
    # Only now: importing takes seconds, and the process may just have been replaced.
    import torch

    import attention
    import sit

    torch.set_num_threads(options.threads)
    torch.backends.cuda.matmul.allow_tf32 = options.matmul == "tf32"
    torch.backends.cudnn.allow_tf32 = options.matmul == "tf32"
    for work in options.work:
        print(json.dumps(measure(options, work)), flush=True)
