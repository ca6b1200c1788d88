"""Starts the two programs, each in a process of its own, and reads what they print."""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MEDIATOR = ROOT / "mediator"
ATTEMPTS = 3
BUSY_CORES = 0.15  # a quiet machine stays below


class Failed(Exception):
    """A program ended with an error; the message is the last line that it said."""


def busy_seconds():
    """Processor time of everything on the machine since it started, by /proc/stat; and of our ended processes."""
    line = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0]
    user, nice, system, _idle, _wait, interrupts, soft, stolen = (int(field) for field in line.split()[1:9])
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")
    return whole, own.ru_utime + own.ru_stime


class Neighbours:
    """How many cores others kept busy while our processes ran; the most since it was last asked for."""

    most = 0.0

    @classmethod
    def take(cls):
        most, cls.most = cls.most, 0.0
        return most


def quietly(run):
    """The answer of ``run``; it runs once more if others were busy meanwhile, as long as there is patience."""
    for _ in range(ATTEMPTS):
        before, start = busy_seconds(), time.monotonic()
        answer = run()
        elapsed = time.monotonic() - start
        after = busy_seconds()
        others = max(0.0, (after[0] - before[0] - after[1] + before[1]) / elapsed)
        if others <= BUSY_CORES:
            break
    Neighbours.most = max(Neighbours.most, others)
    return answer


def output(command):
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Failed(f"{pathlib.Path(command[0]).name}: {said[-1]}")
    return done.stdout


def build():
    """So that nothing is built while something is timed."""
    output([MEDIATOR, "--version"])


def bench(work, **options):
    """The row of a work in ``./mediator bench``, with the large linear call of the same process."""
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    answer = json.loads(quietly(lambda: output([MEDIATOR, "bench", "--json", *arguments])))
    row = next((row for row in answer["rows"] if row["work"] == work), None)
    if row is None:
        raise Failed(f"mediator: bench has no row '{work}'")
    return row


def torch_bench(*flags, **options):
    """What torch_bench.py prints."""
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    return json.loads(quietly(lambda: output([sys.executable, HERE / "torch_bench.py", *flags, *arguments])))


def sample(**options):
    """What ``./mediator sample`` prints, and after how many seconds the first picture was there."""
    arguments = [f"--{name}={value}" for name, value in options.items()]

    def run():
        # A new folder each time: in one that has the pictures there is nothing left to do.
        with tempfile.TemporaryDirectory() as folder:
            start = time.time_ns()
            answer = json.loads(output([MEDIATOR, "sample", "--json", f"--out={folder}", *arguments]))
            # Pictures are renamed into place when they are whole: that is the time of change.
            there = min(os.stat(picture).st_ctime_ns for picture in answer["images"])
        return answer, (there - start) / 1e9

    return quietly(run)


def machine():
    """Where this runs."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    return {"cpu": model, "commit": commit()}


def commit():
    """The commit that is checked out, marked if files differ from it."""
    try:
        name = output(["git", "rev-parse", "--short", "HEAD"]).strip()
        changed = output(["git", "status", "--porcelain", "--untracked-files=no"]).strip()
    except (Failed, FileNotFoundError):
        return "unknown"
    return name + ("+" if changed else "")
