package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.tensor.ComputeDevice;
import java.util.List;

/** Recomputes what one kind of golden file holds and compares. Checks have no state and may be run from any thread. */
public interface GoldenCheck {
    /**
     * True if this check knows how to recompute this file.
     *
     * @param fileName the file's name without folder, with or without {@code .safetensors}
     * @param file the open file, for checks that tell kinds apart by the tensors or metadata inside
     */
    boolean covers(String fileName, SafeTensors file);

    /**
     * Recomputes every tensor that can be compared, in file order. What the file itself marks as not comparable is
     * reported as passed with a note that says so, never left out silently.
     *
     * @param device where networks, attention and optimizers compute; what has none of them computes on the host
     * @throws IllegalArgumentException if the file lacks a tensor or a setting that its kind must have
     */
    List<GoldenResult> run(SafeTensors file, ComputeDevice device);
}
