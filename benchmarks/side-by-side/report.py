"""Keeps results and writes them as JSON, as a table and as plots."""

import json
import pathlib

INK = {"ours": "tab:blue", "PyTorch": "tab:orange"}


class Store:
    """results.json of a folder: rows by name, those of earlier runs included."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "results.json"
        self.rows = json.loads(self.file.read_text())["rows"] if self.file.exists() else {}

    def keep(self, name, result):
        self.rows[name] = result
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({"rows": self.rows}, indent=1) + "\n")
        fresh.replace(self.file)

    def write_report(self, order):
        """results.md and plots, of all rows that there are."""
        known = {name: self.rows[name] for name in order if name in self.rows}
        if not known:
            return
        (self.folder / "results.md").write_text("\n\n".join(chapters(known)) + "\n")
        draw(known, self.folder)


def chapters(known):
    yield "# Side by side with PyTorch"
    yield conditions(known)
    writers = {"pair": pairs, "first-image": first_image, "tokens": tokens, "schedules": schedules}
    for kind, writer in writers.items():
        of_kind = {name: row for name, row in known.items() if row["kind"] == kind}
        if of_kind:
            yield from writer(of_kind)


def conditions(known):
    """When, where and of what; one line for each different answer."""
    answers = {}
    for name, row in known.items():
        versions = {other.get("torch") for other in [*row.get("against", []), *row.get("points", [])]} - {None}
        said = (row["date"][:10], row["cpu"], row["cores"], row["commit"])
        names, loads, others, torches = answers.setdefault(said, ([], [], [], set()))
        names.append(name)
        loads.append(row["loadBefore"])
        others.append(row["others"])
        torches |= versions
    return table(
        ["date", "CPU", "cores", "commit", "torch", "load before", "others", "rows"],
        [
            [date, cpu, cores, commit, ", ".join(sorted(torches)), span(loads), span(others), ", ".join(names)]
            for (date, cpu, cores, commit), (names, loads, others, torches) in answers.items()
        ],
    )


def span(values):
    return f"{min(values)} to {max(values)}" if len(values) > 1 else values[0]


def table(head, lines):
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in [head, ["---"] * len(head), *lines])


def met(value, target, below=True):
    if target is None:
        return ""
    sign = "≤" if below else "≥"
    return f"{sign} {target}: {'met' if (value <= target if below else value >= target) else 'missed'}"


def pairs(known):
    yield "## Times\n\nRatio: our time over PyTorch's in the same round; median, smallest and largest of the rounds. Times are medians."
    lines = [
        [
            name,
            row["dtype"],
            f"{row['millis']:.0f}",
            f"{other['name']}, {other['dtype']}",
            f"{other['millis']:.0f}",
            f"**{other['ratio']:.2f}** ({other['minRatio']:.2f} to {other['maxRatio']:.2f})",
            met(other["ratio"], other["target"]),
            f"{row['gflopsPerSecond']:.0f}",
            f"{100 * row['shareOfLinear']:.0f} %",
            f"{row['peakMegabytes']:.0f} / {other['peakMegabytes']:.0f}",
            row["rounds"],
        ]
        for name, row in known.items()
        for other in row["against"]
    ]
    head = "row,ours in,our ms,PyTorch,its ms,ratio,aim,our GFLOP/s,of a large linear,MB ours / PyTorch,rounds"
    yield table(head.split(","), lines)
    taken = {
        (name, other["name"]): other["ways"] for name, row in known.items() for other in row["against"] if other["ways"]
    }
    if taken:
        yield "The ways that were fastest for PyTorch:"
        yield table(
            ["row", "flavour", *next(iter(taken.values()))],
            [[*names, *(f"{value}" for value in ways.values())] for names, ways in taken.items()],
        )


def first_image(known):
    for row in known.values():
        yield (
            f"## First picture\n\nFrom the start of `./mediator sample` to the file of one picture: **{row['seconds']:.2f} s** "
            f"({row['minSeconds']:.2f} to {row['maxSeconds']:.2f}, {row['rounds']} rounds; {met(row['seconds'], row['target'])})."
        )


def tokens(known):
    for row in known.values():
        columns = sorted({(point["side"], point["mediators"]) for point in row["points"]}, reverse=True)
        sizes = sorted({point["tokens"] for point in row["points"]})
        cells = {(p["side"], p["mediators"], p["tokens"]): p for p in row["points"]}

        def cell(key):
            return f"{cells[key]['millis']:.0f} ms, {cells[key]['peakMegabytes']} MB" if key in cells else ""

        yield "## Tokens\n\nOne forward pass of batch 1 in fp32, each size once; memory of the whole process."
        yield table(
            ["tokens", *(f"{side}, {'softmax' if count == 'full' else count + ' mediators'}" for side, count in columns)],
            [[size, *(cell((*column, size)) for column in columns)] for size in sizes],
        )
        if row["slope"] is not None and row["softmaxOverMediators"]:
            yield (
                f"Our time with mediators grows with the power **{row['slope']:.2f}** of the tokens "
                f"({met(row['slope'], row['slopeTarget'])}). At {row['largest']} tokens softmax takes "
                f"**{row['softmaxOverMediators']:.1f}** times as long ({met(row['softmaxOverMediators'], row['softmaxTarget'], False)})."
            )
        yield "![time](tokens-time.png) ![memory](tokens-memory.png)"


def schedules(known):
    for row in known.values():
        dtypes = sorted({rate["dtype"] for rate in row["rates"]}, reverse=True)
        rates = {(rate["schedule"], rate["dtype"]): rate for rate in row["rates"]}
        names = list(dict.fromkeys(rate["schedule"] for rate in row["rates"]))
        yield f"## Images per second\n\n`./mediator sample` with the weights that ship; median, smallest and largest of {row['rounds']} rounds."
        yield table(
            ["schedule", *dtypes],
            [
                [f"`{name}`", *("{imagesPerSecond:.2f} ({min:.2f} to {max:.2f})".format(**rates[name, dtype]) for dtype in dtypes)]
                for name in names
            ],
        )
        yield "![images per second](schedules.png)"


def draw(known, folder):
    import matplotlib

    matplotlib.use("Agg")
    for row in known.values():
        if row["kind"] == "tokens":
            draw_tokens(row, "millis", "ms per forward pass", folder / "tokens-time.png")
            draw_tokens(row, "peakMegabytes", "MB at most", folder / "tokens-memory.png")
        elif row["kind"] == "schedules":
            draw_schedules(row, folder / "schedules.png")


def draw_tokens(row, field, label, file):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4.8, 3.6), layout="constrained")
    for side, count in sorted({(point["side"], point["mediators"]) for point in row["points"]}):
        line = [point for point in row["points"] if (point["side"], point["mediators"]) == (side, count)]
        softmax = count == "full"
        axes.loglog(
            [point["tokens"] for point in line],
            [point[field] for point in line],
            color=INK[side],
            linestyle="--" if softmax else "-",
            marker="o",
            label=f"{side}, {'softmax' if softmax else count + ' mediators'}",
        )
    axes.set_xlabel("tokens")
    axes.set_ylabel(label)
    axes.set_xticks(sorted({point["tokens"] for point in row["points"]}), minor=False)
    axes.get_xaxis().set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(file, dpi=100)
    pyplot.close(figure)


def draw_schedules(row, file):
    from matplotlib import pyplot

    names = list(dict.fromkeys(rate["schedule"] for rate in row["rates"]))
    dtypes = list(dict.fromkeys(rate["dtype"] for rate in row["rates"]))
    height = 0.8 / len(dtypes)
    figure, axes = pyplot.subplots(figsize=(5.4, 3.2), layout="constrained")
    for i, dtype in enumerate(dtypes):
        values = {rate["schedule"]: rate["imagesPerSecond"] for rate in row["rates"] if rate["dtype"] == dtype}
        axes.barh([k + (i - (len(dtypes) - 1) / 2) * height for k in range(len(names))], [values[n] for n in names], height, label=dtype)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("images per second")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(file, dpi=100)
    pyplot.close(figure)
