package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.training.AdamW;
import dev.mediator.training.TrainingState;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Three whole training steps ({@code train_steps}): noise, label dropout, network, loss, gradients, AdamW and the average of
 * the weights, through the code that training itself runs.
 */
public final class TrainStepsCheck implements GoldenCheck {
    private static final int STEPS = 3;
    private static final double LOSS_TOLERANCE = 1e-5;
    private static final double POSITION_TOLERANCE = 1e-6;

    /** Absolute, since all weights are of one size. */
    private static final double WEIGHT_TOLERANCE = 2e-5;

    /**
     * Adam divides a gradient by its own size: where it is zero but for rounding, the weight moves by up to the learning
     * rate of 1e-4 in a direction of chance, in each step. Few weights may do so.
     */
    private static final double OUTLIER_TOLERANCE = 3e-4;

    private static final double OUTLIER_SHARE = 0.01;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("train_steps");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        SitConfig config = SitCheck.config(file);
        AdamW.Config usual = AdamW.Config.DEFAULT;
        AdamW.Config optimizer = new AdamW.Config(
                GoldenSettings.number(file, "lr"),
                usual.beta1(),
                usual.beta2(),
                usual.epsilon(),
                GoldenSettings.number(file, "weight_decay"));
        List<GoldenResult> results = new ArrayList<>();
        try (Scope scope = Scope.open();
                TrainingState state = new TrainingState(start(file), new Placement(device, DType.F32), optimizer);
                Sit sit = new Sit(config, state.parameters())) {
            double[] losses = new double[STEPS];
            for (int step = 1; step <= STEPS; step++) {
                losses[step - 1] = train(file, "step" + step + ".", sit, state);
                compare(file, "after" + step + ".", weights(state), results);
            }
            compare(file, "ema" + STEPS + ".", state.averaged(), results);
            results.add(GoldenResult.compare(
                    "ema3.pos_embed", sit.positions(), file.get("ema3.pos_embed"), POSITION_TOLERANCE));
            results.add(GoldenResult.compare("loss", Tensors.of(losses, STEPS), file.get("loss"), LOSS_TOLERANCE));
        }
        return results;
    }

    private static Map<String, Tensor> start(SafeTensors file) {
        Map<String, Tensor> start = new LinkedHashMap<>();
        for (TensorEntry entry : file.entries()) {
            String name = entry.name();
            if (name.startsWith("start.") && !name.equals("start.pos_embed")) {
                start.put(name.substring("start.".length()), file.get(name));
            }
        }
        return start;
    }

    /** One update with the file's recorded draws; returns the loss before it. */
    private static double train(SafeTensors file, String step, Sit sit, TrainingState state) {
        try (Scope scope = Scope.open()) {
            Tensor y = SitCheck.droppedLabels(
                    file.get(step + "y"), file.get(step + "u"), sit.config().nullLabel());
            Tensor loss = Transport.LINEAR_VELOCITY
                    .loss(sit::forward, file.get(step + "x0"), file.get(step + "x1"), file.get(step + "t"), y)
                    .mean();
            loss.backward();
            state.parameters().collectGradients();
            state.update(1, GoldenSettings.number(file, "ema_decay"));
            return Tensors.scalar(loss);
        }
    }

    private static Map<String, Tensor> weights(TrainingState state) {
        return state.parameters().named(state.parameters().values());
    }

    private static void compare(SafeTensors file, String prefix, Map<String, Tensor> ours, List<GoldenResult> results) {
        ours.forEach((name, actual) -> {
            if (file.contains(prefix + name)) {
                results.add(compareWeights(prefix + name, actual, file.get(prefix + name)));
            }
        });
    }

    private static GoldenResult compareWeights(String name, Tensor actual, Tensor golden) {
        double[] a = Tensors.doubles(actual);
        double[] b = Tensors.doubles(golden);
        double usual = 0;
        double largest = 0;
        int outliers = 0;
        for (int i = 0; i < b.length; i++) {
            double difference = Math.abs(a[i] - b[i]);
            if (difference <= WEIGHT_TOLERANCE) {
                usual = Math.max(usual, difference);
            } else {
                outliers++;
                largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
            }
        }
        boolean few = outliers <= Math.max(1, OUTLIER_SHARE * b.length) && largest <= OUTLIER_TOLERANCE;
        if (outliers == 0 || few) {
            String note =
                    outliers == 0 ? "absolute" : "absolute; " + outliers + " of " + b.length + " up to " + largest;
            return GoldenResult.of(name, usual, WEIGHT_TOLERANCE, note);
        }
        return GoldenResult.of(name, largest, WEIGHT_TOLERANCE, "absolute; " + outliers + " of " + b.length + " above");
    }
}
