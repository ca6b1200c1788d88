"""Our program and PyTorch side by side, process after process in turn.

    python benchmarks/side-by-side/compare.py --out results/today

Writes results.json, results.md and plots. An interruption (Ctrl-C) keeps what is finished; rows that are measured again
into the same folder replace the older ones, the others stay.
"""

import argparse
import os
import pathlib
import signal
import sys
import time

import programs
import report
import rows

BUSY = 0.5


class Progress:
    """One line on stderr: how far, what, and how long it will still take."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self.start = time.monotonic()
        self.what = ""

    def row(self, name):
        self.what = name
        self.show()

    def step(self, cost):
        self.done += cost
        self.show()

    def show(self):
        elapsed = time.monotonic() - self.start
        left = elapsed * (self.total - self.done) / self.done if self.done else self.total
        line = f"{100 * self.done / self.total:3.0f} %  {self.what}  {int(left) // 60}:{int(left) % 60:02d} left"
        if sys.stderr.isatty():
            print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr)


def arguments():
    names = [row.name for row in rows.ROWS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for results and plots")
    parser.add_argument("--rounds", type=int, default=5, help="of a process of each side")
    parser.add_argument("--rows", default=",".join(names), help="names with commas between; all: %(default)s")
    options = parser.parse_args()
    unknown = set(options.rows.split(",")) - set(names)
    if unknown:
        parser.error(f"--rows has {', '.join(sorted(unknown))}, allowed are {', '.join(names)}")
    if options.rounds < 1:
        parser.error(f"--rounds is {options.rounds}, allowed is 1 or more")
    return options


def load():
    """Runnable processes of the last minute, on average."""
    value = os.getloadavg()[0]
    if value > BUSY:
        print(f"the machine is busy (load {value:.1f}): believe none of these figures", file=sys.stderr)
    return value


def measure(row, rounds, progress, store, load_before):
    stamp = rows.stamp(load_before)
    others = 0.0
    programs.Neighbours.take()

    def keep(result):
        nonlocal others
        others = max(others, programs.Neighbours.take())
        store.keep(row.name, {**stamp, "others": round(others, 2), **result})

    row.measure_all(rounds, progress, keep)
    if others > programs.BUSY_CORES:
        print(f"\n{row.name}: others kept {others:.1f} cores busy meanwhile: believe none of it", file=sys.stderr)


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, interrupt)
    options.out.mkdir(parents=True, exist_ok=True)
    store = report.Store(options.out)
    wanted = [row for row in rows.ROWS if row.name in options.rows.split(",")]
    before = load()
    programs.build()
    progress = Progress(sum(row.jobs(options.rounds) for row in wanted))
    code = 0
    try:
        for row in wanted:
            progress.row(row.name)
            already = progress.done
            try:
                measure(row, options.rounds, progress, store, before)
            except programs.Failed as failure:
                code = 1
                print(f"\n{row.name}: {failure}", file=sys.stderr)
            progress.done = already + row.jobs(options.rounds)
    except KeyboardInterrupt:
        print(f"\ninterrupted; what is finished is in {options.out}", file=sys.stderr)
        code = 130
    finally:
        store.write_report([row.name for row in rows.ROWS])
    print(f"\n{options.out / 'results.md'}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
