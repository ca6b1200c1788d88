"""What is compared, row by row. A row measures round by round and sums up what it has so far."""

import dataclasses
import datetime
import json
import math
import statistics

import programs
from torch_bench import physical_cores

NETWORK = {"preset": "SiT-S/2", "channels": 4}
LINEAR_LAYERS = "best, linear layers as such"


@dataclasses.dataclass(frozen=True)
class Opponent:
    """PyTorch on the same work; ``target`` is what our time over theirs should stay below, None for no aim."""

    name: str
    work: str
    dtype: str
    target: float | None = None

    @property
    def flags(self):
        return ["--plain"] if self.name == LINEAR_LAYERS else []

    @property
    def flavour(self):
        return "reference" if self.name == "reference" else "best"


@dataclasses.dataclass(frozen=True)
class Pair:
    """One work of ours against PyTorch's, process after process in turn."""

    name: str
    title: str  # of the row in ./mediator bench
    measure: str
    dtype: str
    opponents: tuple
    batch: int = 4
    runs: int = 7
    seconds: float = 15  # guess for one process

    def jobs(self, rounds):
        ways = [opponent for opponent in self.opponents if opponent.flavour == "best"]
        return self.seconds * (rounds * (1 + len(self.opponents)) + 2 * len(ways))

    def measure_all(self, rounds, progress, keep):
        ways = {}
        for opponent in self.opponents:
            if opponent.flavour == "best":
                ways[opponent.name] = self.torch(opponent, runs=1)["ways"]
                progress.step(2 * self.seconds)
        done = []
        for _ in range(rounds):
            ours = programs.bench(
                self.title,
                **NETWORK,
                measure=self.measure,
                image_size=32,
                mediators=64,
                batch=self.batch,
                dtype=self.dtype,
                runs=self.runs,
            )
            progress.step(self.seconds)
            theirs = {}
            for opponent in self.opponents:
                chosen = {"ways": json.dumps(ways[opponent.name])} if opponent.name in ways else {}
                theirs[opponent.name] = self.torch(opponent, runs=self.runs, **chosen)
                progress.step(self.seconds)
            done.append({"ours": ours, "theirs": theirs})
            keep(self.summary(done, ways))
        return self.summary(done, ways)

    def torch(self, opponent, **options):
        return programs.torch_bench(
            *opponent.flags,
            **NETWORK,
            work=opponent.work,
            flavour=opponent.flavour,
            latent=32,
            mediators=64,
            batch=self.batch,
            dtype=opponent.dtype,
            **options,
        )

    def summary(self, done, ways):
        ours = [each["ours"] for each in done]
        against = []
        for opponent in self.opponents:
            theirs = [each["theirs"][opponent.name] for each in done]
            ratios = [mine["millis"] / other["millis"] for mine, other in zip(ours, theirs)]
            against.append(
                {
                    "name": opponent.name,
                    "dtype": opponent.dtype,
                    "millis": median(theirs, "millis"),
                    "ratio": statistics.median(ratios),
                    "minRatio": min(ratios),
                    "maxRatio": max(ratios),
                    "target": opponent.target,
                    "peakMegabytes": median(theirs, "peakMegabytes"),
                    "ways": ways.get(opponent.name),
                    "torch": theirs[0]["torch"],
                }
            )
        return {
            "kind": "pair",
            "work": self.title,
            "dtype": self.dtype,
            "batch": self.batch,
            "rounds": len(done),
            "millis": median(ours, "millis"),
            "gflopsPerSecond": median(ours, "gflopsPerSecond"),
            "shareOfLinear": median(ours, "shareOfLinear"),
            "peakMegabytes": median(ours, "peakMegabytes"),
            "against": against,
            "all": done,
        }


def median(results, field):
    return statistics.median(result[field] for result in results)


@dataclasses.dataclass(frozen=True)
class FirstImage:
    """From the start of the process to the file of a picture; once before, so that files are in memory."""

    name: str = "first-image"
    target: float = 3
    seconds: float = 4

    def jobs(self, rounds):
        return self.seconds * (rounds + 1)

    def measure_all(self, rounds, progress, keep):
        times = []
        for i in range(rounds + 1):
            _, seconds = programs.sample(classes=0, count=1)
            progress.step(self.seconds)
            if i > 0:
                times.append(seconds)
                keep(self.summary(times))
        return self.summary(times)

    def summary(self, times):
        return {
            "kind": "first-image",
            "rounds": len(times),
            "seconds": statistics.median(times),
            "minSeconds": min(times),
            "maxSeconds": max(times),
            "target": self.target,
        }


@dataclasses.dataclass(frozen=True)
class Tokens:
    """Time and memory of a forward pass as images grow; each size once."""

    name: str = "tokens"
    latents: tuple = (32, 64, 128, 256)
    tried_at: int = 64  # what is fastest for PyTorch here is taken for larger ones, where trying takes long
    slope_target: float = 1.1
    softmax_target: float = 8

    LINES = {"ours": ("64", "full"), "PyTorch": ("64", "full")}

    def jobs(self, rounds):
        return sum(self.seconds(latent, count) for latent in self.latents for counts in self.LINES.values() for count in counts)

    @staticmethod
    def seconds(latent, count):
        tokens = (latent // 2) ** 2
        return 7 + tokens / 1000 + (tokens / 1600) ** 2 * (count == "full")

    def measure_all(self, rounds, progress, keep):
        points = []
        ways = None
        for latent in self.latents:
            for side, counts in self.LINES.items():
                for count in counts:
                    points.append(self.point(side, latent, count, ways))
                    if count != "full" and latent == self.tried_at:
                        ways = points[-1]["ways"]
                    progress.step(self.seconds(latent, count))
                    keep(self.summary(points))
        return self.summary(points)

    @staticmethod
    def point(side, latent, count, ways):
        runs = {32: 9, 64: 5, 128: 3}.get(latent, 1)
        shared = {**NETWORK, "mediators": count, "batch": 1, "dtype": "fp32", "runs": runs}
        if side == "ours":
            row = programs.bench("forward", measure="forward", image_size=latent, **shared)
        else:
            chosen = {"ways": json.dumps(ways)} if ways and count != "full" else {}
            row = programs.torch_bench(work="forward", latent=latent, warm_ups=min(runs, 3), **shared, **chosen)
        return {
            "side": side,
            "mediators": count,
            "tokens": (latent // 2) ** 2,
            "millis": row["millis"],
            "peakMegabytes": row["peakMegabytes"],
            "torch": row.get("torch"),
            "ways": row.get("ways"),
        }

    def summary(self, points):
        mine = [point for point in points if point["side"] == "ours"]
        mediated = {point["tokens"]: point["millis"] for point in mine if point["mediators"] != "full"}
        softmax = {point["tokens"]: point["millis"] for point in mine if point["mediators"] == "full"}
        largest = max(softmax.keys() & mediated.keys(), default=None)
        return {
            "kind": "tokens",
            "points": points,
            "slope": slope(mediated),
            "slopeTarget": self.slope_target,
            "largest": largest,
            "softmaxOverMediators": softmax[largest] / mediated[largest] if largest else None,
            "softmaxTarget": self.softmax_target,
        }


def slope(times):
    """Of log time over log tokens, by least squares."""
    if len(times) < 2:
        return None
    x, y = ([math.log(value) for value in values] for values in (times.keys(), times.values()))
    return statistics.linear_regression(x, y).slope


@dataclasses.dataclass(frozen=True)
class Schedules:
    """Images per second of the weights that ship, by schedule."""

    name: str = "schedules"
    schedules: tuple = ("static:4", "static:16", "static:64", "static:full", "fixed:4@0.4,16@0.7,64")
    dtypes: tuple = ("fp32", "bf16")
    count: int = 2  # of each class
    most_rounds: int = 3
    seconds: float = 10

    def jobs(self, rounds):
        return self.seconds * len(self.schedules) * len(self.dtypes) * min(rounds, self.most_rounds)

    def measure_all(self, rounds, progress, keep):
        rates = {(schedule, dtype): [] for schedule in self.schedules for dtype in self.dtypes}
        for _ in range(min(rounds, self.most_rounds)):
            for (schedule, dtype), known in rates.items():
                answer, _ = programs.sample(count=self.count, schedule=schedule, dtype=dtype)
                known.append(len(answer["images"]) / answer["seconds"])
                progress.step(self.seconds)
            keep(self.summary(rates))
        return self.summary(rates)

    def summary(self, rates):
        return {
            "kind": "schedules",
            "rounds": len(next(iter(rates.values()))),
            "rates": [
                {
                    "schedule": schedule,
                    "dtype": dtype,
                    "imagesPerSecond": statistics.median(known),
                    "min": min(known),
                    "max": max(known),
                }
                for (schedule, dtype), known in rates.items()
            ],
        }


def forward(dtype, target):
    return Pair(
        f"forward-{dtype}",
        "forward",
        "forward",
        dtype,
        (Opponent("best", "forward", dtype, target), Opponent(LINEAR_LAYERS, "forward", dtype)),
    )


def training(dtype, target):
    return Pair(
        f"training-{dtype}",
        "training step",
        "training",
        dtype,
        (Opponent("best", "training", dtype, target), Opponent(LINEAR_LAYERS, "training", dtype)),
        batch=16,
        runs=3,
        seconds=20,
    )


def step(dtype, target):
    return Pair(f"sde-step-{dtype}", "SDE step", "step", dtype, (Opponent("reference", "step", "fp32", target),))


ROWS = [
    step("fp32", 0.45),
    step("bf16", 0.25),
    forward("fp32", 0.95),
    forward("bf16", None),
    training("fp32", 0.95),
    training("bf16", 0.55),
    FirstImage(),
    Tokens(),
    Schedules(),
]


def stamp(load):
    """Said of each row, since rows can be measured at different times."""
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "cores": physical_cores(),
        "loadBefore": round(load, 2),
        **programs.machine(),
    }
