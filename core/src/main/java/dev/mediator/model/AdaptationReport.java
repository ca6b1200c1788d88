package dev.mediator.model;

import dev.mediator.nn.MediatorCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What an {@link Adaptation} does, in words. */
record AdaptationReport(SitConfig from, LabelTraining labels, SitConfig to, boolean keepsClasses) {
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (from.grid() != to.grid()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "grid of %1$d×%1$d tokens → %2$d×%2$d: positions computed anew, row and column biases interpolated",
                    from.grid(),
                    to.grid()));
        }
        addBlocks(
                lines,
                "mediators instead of softmax, biases and convolution begin at zero",
                i -> to.hasMediators(i) && !from.hasMediators(i));
        addBlocks(
                lines,
                "softmax instead of mediators, biases and convolution dropped",
                i -> from.hasMediators(i) && !to.hasMediators(i));
        if (IntStream.range(0, from.depth()).anyMatch(i -> from.hasMediators(i) && to.hasMediators(i))) {
            addCounts(lines);
        }
        addClasses(lines);
        return lines;
    }

    private void addBlocks(List<String> lines, String what, IntPredicate changed) {
        String blocks = IntStream.range(0, from.depth())
                .filter(changed)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", "));
        if (!blocks.isEmpty()) {
            lines.add("blocks " + blocks + ": " + what);
        }
    }

    private void addCounts(List<String> lines) {
        for (MediatorCount count : to.mediators()) {
            if (from.mediators().contains(count)) {
                continue;
            }
            if (count.isFull()) {
                lines.add("full attention: served by the same weights, which have not been trained for it");
            } else {
                MediatorCount nearest = Adaptation.nearest(from, count);
                lines.add(count + " mediators: biases " + (count.compareTo(nearest) < 0 ? "averaged" : "interpolated")
                        + " from those of " + nearest);
            }
        }
        for (MediatorCount count : from.mediators()) {
            if (!to.mediators().contains(count)) {
                lines.add((count.isFull() ? "full attention" : count + " mediators") + ": no longer served");
            }
        }
    }

    private void addClasses(List<String> lines) {
        String noClass = labels.knowsNoClass()
                ? "the null label"
                : "the mean of the classes, as the network has not learned to do without one";
        if (!keepsClasses) {
            lines.add(to.numClasses() + " classes: all begin as " + noClass);
        } else if (to.numClasses() < from.numClasses()) {
            lines.add("classes: the first " + to.numClasses() + " of " + from.numClasses() + " kept");
        } else if (to.numClasses() > from.numClasses()) {
            lines.add("classes: " + from.numClasses() + " kept, " + (to.numClasses() - from.numClasses())
                    + " more begin as " + noClass);
        }
        if (from.lacksNullLabel() && !to.lacksNullLabel()) {
            lines.add("null label: begins as the mean of the classes");
        } else if (to.lacksNullLabel() && !from.lacksNullLabel()) {
            lines.add("null label: dropped");
        }
    }
}
