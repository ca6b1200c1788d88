package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.nn.PositionEmbedding;
import dev.mediator.nn.TimeEmbedding;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/** Position tables and time features ({@code pos_embed}). */
public final class PositionCheck implements GoldenCheck {
    private static final Pattern TABLE = Pattern.compile("pos_embed\\.d(\\d+)_g(\\d+)");
    private static final Pattern FEATURES = Pattern.compile("timestep\\.emb_d(\\d+)");
    private static final double TABLE_TOLERANCE = 1e-6;

    /** Times that occur: argument and result of the sine are at most 1. */
    private static final double TOLERANCE_TO_1 = 1e-5;

    /** Beyond, the rounding of the argument to fp32 decides. */
    private static final double TOLERANCE_ABOVE_1 = 2e-4;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("pos_embed");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        for (TensorEntry entry : file.entries()) {
            try (Scope scope = Scope.open()) {
                compare(file, entry.name(), results);
            }
        }
        return results;
    }

    private static void compare(SafeTensors file, String name, List<GoldenResult> results) {
        Matcher table = TABLE.matcher(name);
        Matcher features = FEATURES.matcher(name);
        if (table.matches()) {
            Tensor ours = PositionEmbedding.table(Integer.parseInt(table.group(1)), Integer.parseInt(table.group(2)));
            results.add(GoldenResult.compare(name, ours.squeeze(0), file.get(name), TABLE_TOLERANCE));
        } else if (features.matches()) {
            Tensor t = file.get("timestep.t");
            Tensor ours = TimeEmbedding.features(t, Integer.parseInt(features.group(1)));
            Tensor difference = ours.sub(file.get(name)).abs();
            results.add(GoldenResult.of(
                    name, largest(difference, t, time -> time <= 1), TOLERANCE_TO_1, "absolute, times up to 1"));
            results.add(GoldenResult.of(
                    name, largest(difference, t, time -> time > 1), TOLERANCE_ABOVE_1, "absolute, times above 1"));
        }
    }

    /** Largest entry in the rows of the times chosen. */
    private static double largest(Tensor difference, Tensor t, DoublePredicate chosen) {
        double[] times = Tensors.doubles(t);
        double largest = 0;
        for (int i = 0; i < times.length; i++) {
            if (chosen.test(times[i])) {
                double row = Tensors.maxAbs(difference.narrow(0, i, 1));
                largest = Double.isNaN(row) ? row : Math.max(largest, row);
            }
        }
        return largest;
    }
}
