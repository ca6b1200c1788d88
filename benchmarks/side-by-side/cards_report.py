"""Makes results.md of rows.jsonl, which cards.py and bundle/measure write."""

import json
import statistics

from report import table

TITLES = {"forward": "forward", "step": "SDE step", "guided": "guided forward", "training": "training step", "image": "image"}


def read(file):
    return [json.loads(line) for line in file.read_text().splitlines() if line] if file.exists() else []


def write(folder, rows):
    lines = read(folder / "rows.jsonl")
    answers = {}
    for line in lines:
        if "row" in line:
            answers.setdefault((line["row"], line["side"]), []).append(line)
    text = [f"# {next(iter(cards(lines)), 'On a card')}", conditions(lines), measured(rows, answers), *failures(lines)]
    (folder / "results.md").write_text("\n\n".join(part for part in text if part) + "\n")


def cards(lines):
    return dict.fromkeys(line["card"] for line in lines if line.get("side") == "machine" and line["card"])


def conditions(lines):
    times = [line["time"] for line in lines if line.get("side") == "machine"]
    torches = {row["torch"] for line in lines if "answer" in line for row in line["answer"]["rows"] if "torch" in row}
    rates = [
        row["gflopsPerSecond"] / 1000
        for line in lines
        if line.get("side") == "ours" and "answer" in line and line["answer"]["dtype"] == "BF16"
        for row in line["answer"]["rows"][:1]
    ]
    said = [f"Measured from {min(times)} to {max(times)}." if times else "", f"PyTorch {', '.join(sorted(torches))}." if torches else ""]
    if rates:
        said.append(f"Large linear calls in bf16: {statistics.median(rates):.3g} TFLOP/s ({min(rates):.3g} to {max(rates):.3g}).")
    return " ".join(part for part in said if part)


def measured(rows, answers):
    lines = []
    for row in rows:
        for work in row["works"].split(","):
            line = one(row, work, answers)
            if line:
                lines.append(line)
    head = (
        "network,latent,mediators,batch,type,work,ours ms,samples/s,TFLOP/s,of a large linear,MB,"
        "PyTorch ms,MB,ratio,compiled ms,ratio,rounds"
    )
    return table(head.split(","), lines) if lines else ""


def one(row, work, answers):
    """A line of the table, None if the work was not measured on any side."""
    mine = works_of(answers.get((row["name"], "ours"), []), TITLES[work])
    eager, compiled = (works_of(answers.get((row["name"], side), []), work) for side in ("pytorch", "compiled"))
    if not mine and not eager:
        return None
    dtype = row["dtype"] if row["matmul"] == "ieee" else row["matmul"]
    return [
        *(row[column] for column in ("preset", "latent", "mediators", "batch")),
        dtype,
        TITLES[work] + ("" if row["options"] == "-" else f" {row['options']}"),
        *ours(mine, int(row["batch"])),
        millis(eager),
        f"{median(eager, 'peakMegabytes'):.0f}" if eager else "",
        ratio(mine, eager),
        millis(compiled),
        ratio(mine, compiled),
        len(mine),
    ]


def works_of(lines, title):
    """Round to what was measured of a work in it."""
    found = {}
    for line in lines:
        for row in line.get("answer", {}).get("rows", []):
            if row["work"] == title:
                found[line["round"]] = row
    return found


def ours(found, batch):
    if not found:
        return [""] * 5
    rate = median(found, "imagesPerSecond") if all("imagesPerSecond" in row for row in found.values()) else None
    return [
        millis(found),
        f"{rate or 1000 * batch / median(found, 'millis'):.3g}",
        f"{median(found, 'gflopsPerSecond') / 1000:.3g}",
        f"{100 * median(found, 'shareOfLinear'):.0f} %",
        f"{median(found, 'peakMegabytes'):.0f}",
    ]


def median(found, field):
    return statistics.median(row[field] for row in found.values())


def millis(found):
    return f"{median(found, 'millis'):.2f}" if found else ""


def ratio(mine, other):
    """Our time over theirs, round by round."""
    ratios = [mine[number]["millis"] / other[number]["millis"] for number in mine if number in other]
    if not ratios:
        return ""
    spread = f" ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 1 else ""
    return f"**{statistics.median(ratios):.2f}**{spread}"


def failures(lines):
    failed = [f"- {line['row']}, round {line['round']}, {line['side']}: {line['error']}" for line in lines if "error" in line]
    if failed:
        yield "Not measured:\n\n" + "\n".join(failed)
