"""Our program and PyTorch side by side on a card, process after process in turn.

    python side-by-side/cards.py --out results                          # all rows once, about 15 minutes
    python side-by-side/cards.py --out results --minutes 8              # what fits; the same command goes on
    python side-by-side/cards.py --out results --only 's2-32-*' --rounds 3
    python side-by-side/cards.py --out results --report                 # results.md anew, nothing is measured

Each process's answer is a line of rows.jsonl, in the form that bundle/measure writes; what is there already is not measured
again, failures included (for want of memory, say): take their lines out to try again. results.md has the ratios.
"""

import argparse
import fnmatch
import json
import pathlib
import subprocess
import sys
import time

import cards_report

HERE = pathlib.Path(__file__).resolve().parent
BUNDLE = HERE.parent  # of a bundle; in the project's own folder that is benchmarks/
PROJECT = HERE.parents[1]
IN_BUNDLE = (BUNDLE / "mediator").is_file()
COLUMNS = ("name", "preset", "latent", "mediators", "batch", "dtype", "matmul", "works", "runs", "options")
OVERDUE = 300  # seconds after which a process is given up
NOT_THEIRS = {"image"}  # works that PyTorch's side does not have


def read_rows(file):
    """The rows of a file, in order: dicts of ``COLUMNS``."""
    lines = [line.split() for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for rows.jsonl and results.md")
    parser.add_argument("--ours", type=pathlib.Path, default=(BUNDLE if IN_BUNDLE else PROJECT) / "mediator", help="start script")
    parser.add_argument("--rows", type=pathlib.Path, default=BUNDLE / "rows" if IN_BUNDLE else PROJECT / "bundle/rows")
    parser.add_argument("--only", default="*", help="patterns of names, with commas between")
    parser.add_argument("--compile", default="", help="patterns of rows that torch.compile is measured on as well")
    parser.add_argument("--rounds", type=int, default=1, help="of a process of each side")
    parser.add_argument("--minutes", type=float, default=480, help="after which no further process is started")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--report", action="store_true", help="only write results.md anew")
    return parser.parse_args()


def fits(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split(","))


def run(command):
    """Lines of stdout, or an error's last line."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=OVERDUE)
    except subprocess.TimeoutExpired:
        return None, f"not done after {OVERDUE} s"
    except OSError as error:
        return None, str(error)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return None, next((line for line in reversed(said) if "rror" in line), said[-1])
    return done.stdout, None


def ours(options, row):
    given = {
        "device": options.device,
        "matmul": row["matmul"],
        "dtype": row["dtype"],
        "preset": row["preset"],
        "image-size": row["latent"],
        "channels": 4,
        "mediators": row["mediators"],
        "batch": row["batch"],
        "measure": row["works"],
        "runs": row["runs"],
    }
    more = [] if row["options"] == "-" else [row["options"]]
    text, error = run([options.ours, "--json", "bench", *(f"--{name}={value}" for name, value in given.items()), *more])
    return (json.loads(text) if text else None), error


def theirs(options, row, *flags):
    works = [work for work in row["works"].split(",") if work not in NOT_THEIRS]
    given = {
        "device": options.device,
        "matmul": row["matmul"],
        "dtype": row["dtype"],
        "preset": row["preset"],
        "latent": row["latent"],
        "mediators": row["mediators"],
        "batch": row["batch"],
        "work": ",".join(works),
        "runs": row["runs"],
    }
    program = [sys.executable, HERE / "torch_bench.py"]
    text, error = run([*program, *flags, *(f"--{name}={value}" for name, value in given.items())])
    return ({"rows": [json.loads(line) for line in text.splitlines()]} if text else None), error


def sides(options, row):
    """What is to be run for a row, by the name of the side."""
    chosen = {"ours": lambda: ours(options, row)}
    if row["options"] == "-" and set(row["works"].split(",")) - NOT_THEIRS:
        chosen["pytorch"] = lambda: theirs(options, row)
        if fits(row["name"], options.compile):
            chosen["compiled"] = lambda: theirs(options, row, "--compile")
    return chosen


def jobs(options, rows):
    """(row, round, side, what to run), what matters most first: one round of everything, then the next."""
    for number in range(1, options.rounds + 1):
        for row in rows:
            chosen = list(sides(options, row).items())
            for side, measure in chosen if number % 2 else reversed(chosen):
                yield row["name"], number, side, measure


def machine(options):
    """What the card is, said once per start."""
    answer, error = run([options.ours, "--json", "info", "--device"])
    card, _ = run(["nvidia-smi", "--query-gpu=name,driver_version,memory.total,power.limit", "--format=csv,noheader"]) if (
        options.device == "cuda"
    ) else ("", None)
    return {"side": "machine", "card": (card or "").strip(), "info": json.loads(answer) if answer else error}


def measure_all(options, rows):
    file = options.out / "rows.jsonl"
    known = {(line["row"], line["round"], line["side"]) for line in cards_report.read(file) if "row" in line}
    left = [job for job in jobs(options, rows) if job[:3] not in known]
    end = time.monotonic() + 60 * options.minutes
    with file.open("a") as lines:
        print(json.dumps({**machine(options), "time": time.strftime("%Y-%m-%d %H:%M:%S")}), file=lines, flush=True)
        for done, (name, number, side, measure) in enumerate(left):
            if time.monotonic() > end:
                print(f"{options.minutes} minutes are over, {len(left) - done} of {len(left)} are left: the same command goes on")
                return 3
            start = time.monotonic()
            answer, error = measure()
            line = {"row": name, "round": number, "side": side, **({"answer": answer} if answer else {"error": error})}
            print(json.dumps(line, separators=(",", ":")), file=lines, flush=True)
            said = error or ", ".join(f"{work['work']} {work['millis']:.2f} ms" for work in answer["rows"])
            print(f"{done + 1}/{len(left)}  {name}, round {number}, {side}: {said} ({time.monotonic() - start:.0f} s)", flush=True)
    return 0


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = read_rows(options.rows)
    code = 0
    try:
        if not options.report:
            code = measure_all(options, [row for row in rows if fits(row["name"], options.only)])
    except KeyboardInterrupt:
        print("interrupted; the same command goes on")
        code = 130
    finally:
        cards_report.write(options.out, rows)
    print(options.out / "results.md")
    return code


if __name__ == "__main__":
    sys.exit(main())
