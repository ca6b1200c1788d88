package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.training.AdamW;
import dev.mediator.training.FlatParameters;
import dev.mediator.training.WeightAverage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Optimizer and average of the weights over three updates ({@code ema_adamw}). The tensor {@code frozen} of these files is
 * not trained, but averaged.
 */
public final class EmaAdamwCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-6;
    private static final int UPDATES = 3;
    private static final double LEARNING_RATE = 1e-4;
    private static final List<String> WEIGHT_DECAYS = List.of("0.0", "0.01");
    private static final List<String> EMA_DECAYS = List.of("0.9999", "0.9", "0");

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("ema_adamw");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        Placement placement = new Placement(device, DType.F32);
        try (Scope scope = Scope.open()) {
            WEIGHT_DECAYS.forEach(decay -> compareUpdates(file, decay, placement, results));
            EMA_DECAYS.forEach(decay -> compareAverage(file, decay, placement, results));
        }
        return results;
    }

    private static void compareUpdates(
            SafeTensors file, String weightDecay, Placement placement, List<GoldenResult> results) {
        Map<String, Tensor> start = named(file, "param0.");
        start.remove("frozen");
        AdamW.Config usual = AdamW.Config.DEFAULT;
        AdamW.Config config = new AdamW.Config(
                LEARNING_RATE, usual.beta1(), usual.beta2(), usual.epsilon(), Double.parseDouble(weightDecay));
        try (FlatParameters parameters = new FlatParameters(start, placement);
                AdamW optimizer = new AdamW(config, parameters.values())) {
            String run = "adamw.wd" + weightDecay + ".";
            for (int update = 1; update <= UPDATES; update++) {
                parameters.load(parameters.gradients(), named(file, "adamw.grad" + update + "."));
                optimizer.step(parameters.values(), parameters.gradients(), 1);
                compare(file, run + "step" + update + ".", parameters.named(parameters.values()), results);
            }
            compare(file, run + "exp_avg.", parameters.named(optimizer.firstMoment()), results);
            compare(file, run + "exp_avg_sq.", parameters.named(optimizer.secondMoment()), results);
        }
    }

    private static void compareAverage(
            SafeTensors file, String decay, Placement placement, List<GoldenResult> results) {
        try (FlatParameters parameters = new FlatParameters(named(file, "ema.start."), placement);
                WeightAverage average = new WeightAverage(parameters.values())) {
            for (int update = 1; update <= UPDATES; update++) {
                parameters.load(parameters.values(), named(file, "ema.model" + update + "."));
                average.update(parameters.values(), Double.parseDouble(decay));
            }
            compare(file, "ema.decay" + decay + ".after3.", parameters.named(average.values()), results);
        }
    }

    /** Compares those that the file has. */
    private static void compare(SafeTensors file, String prefix, Map<String, Tensor> ours, List<GoldenResult> results) {
        named(file, prefix).forEach((name, golden) -> {
            Tensor actual = ours.get(name);
            results.add(
                    actual == null
                            ? GoldenResult.failed(prefix + name, "no such parameter took part")
                            : GoldenResult.compare(prefix + name, actual, golden, TOLERANCE));
        });
    }

    private static Map<String, Tensor> named(SafeTensors file, String prefix) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (TensorEntry entry : file.entries()) {
            if (entry.name().startsWith(prefix)) {
                tensors.put(entry.name().substring(prefix.length()), file.get(entry.name()));
            }
        }
        return tensors;
    }
}
