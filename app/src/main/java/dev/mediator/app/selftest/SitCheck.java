package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitConfig;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A whole network ({@code sit_*}): forward pass with intermediate results, guidance, training loss and gradients. */
public final class SitCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-4;
    private static final double GUIDANCE_SCALE = 1.5;
    private static final int GUIDED_CHANNELS = 3;
    private static final double LABEL_DROPOUT = 0.1;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("sit_");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            GoldenParameters parameters = new GoldenParameters(file, "model.", device);
            try (Sit sit = new Sit(config(file), parameters)) {
                compare(results, file, "model.pos_embed", sit.positions());
                try (NoGradGuard inference = new NoGradGuard()) {
                    compareForward(file, sit, results);
                    compareGuidance(file, sit, results);
                }
                compareTraining(file, sit, results);
                parameters.compareGradients(file, TOLERANCE, results);
            }
        }
        return results;
    }

    /** The configuration in a golden file's settings. */
    static SitConfig config(SafeTensors file) {
        int mediators = GoldenSettings.integer(file, "mediator_num");
        return config(file, mediators == 0 ? MediatorCount.FULL : new MediatorCount(mediators));
    }

    /** The same for files that hold networks of several counts. */
    static SitConfig config(SafeTensors file, MediatorCount mediators) {
        return new SitConfig(
                GoldenSettings.integer(file, "input_size"),
                GoldenSettings.integer(file, "patch_size"),
                GoldenSettings.integer(file, "in_channels"),
                GoldenSettings.integer(file, "hidden_size"),
                GoldenSettings.integer(file, "depth"),
                GoldenSettings.integer(file, "num_heads"),
                4,
                GoldenSettings.integer(file, "num_classes"),
                GoldenSettings.flag(file, "learn_sigma"),
                List.of(mediators),
                null);
    }

    private static void compareForward(SafeTensors file, Sit sit, List<GoldenResult> results) {
        Map<String, Tensor> seen = new LinkedHashMap<>();
        Tensor out = sit.forward(
                file.get("in.x"),
                file.get("in.t"),
                file.get("in.y"),
                sit.config().largestMediators(),
                (module, tensor) -> seen.put(module, tensor.detach().clone().retainReference()));
        compare(results, file, "out.eval", out);
        seen.forEach((module, tensor) -> {
            String name = "mid."
                    + switch (module) {
                        case "x_embedder" -> "x_embed";
                        case "t_embedder" -> "t_emb";
                        case "y_embedder" -> "y_emb";
                        case "final_layer" -> "final";
                        default -> module.replace("blocks.", "block");
                    };
            compare(results, file, name, tensor.narrow(0, 0, file.get(name).size(0)));
            tensor.releaseReference();
        });
    }

    /** The reference guides the first three channels and leaves the rest of both halves as they are. */
    private static void compareGuidance(SafeTensors file, Sit sit, List<GoldenResult> results) {
        Tensor cfgX = file.get("cfg.x");
        Tensor cfgY = file.get("cfg.y");
        long half = cfgX.size(0) / 2;
        Tensor x = cfgX.narrow(0, 0, half);
        Tensor t = file.get("cfg.t").narrow(0, 0, half);
        Guidance guidance = new Guidance(GUIDANCE_SCALE, GUIDED_CHANNELS, 0, 1);
        Tensor guided = guidance.predict(sit::forward, sit.config().nullLabel(), x, t, cfgY.narrow(0, 0, half));
        Tensor none = sit.forward(x, t, cfgY.narrow(0, half, half));
        long rest = cfgX.size(1) - GUIDED_CHANNELS;
        Tensor second = Ops.cat(1, guided.narrow(1, 0, GUIDED_CHANNELS), none.narrow(1, GUIDED_CHANNELS, rest));
        compare(results, file, "cfg.out", Ops.cat(0, guided, second));
    }

    private static void compareTraining(SafeTensors file, Sit sit, List<GoldenResult> results) {
        Tensor x0 = file.get("train.x0");
        Tensor x1 = file.get("train.x1");
        Tensor t = file.get("train.t");
        Tensor fraction = t.view(-1, 1, 1, 1);
        Tensor xt = fraction.mul(x1).add(Ops.add(fraction.neg(), 1).mul(x0));
        Tensor ut = x1.sub(x0);
        Tensor y = droppedLabels(
                file.get("train.y"), file.get("train.u"), sit.config().nullLabel());
        Tensor prediction = sit.forward(xt, t, y);
        Tensor perSample = prediction.sub(ut).square().mean(1, 2, 3);
        Tensor loss = perSample.mean();
        loss.backward();
        compare(results, file, "train.xt", xt);
        compare(results, file, "train.ut", ut);
        compare(results, file, "train.pred", prediction);
        compare(results, file, "train.loss_per_sample", perSample);
        compare(results, file, "train.loss", loss);
    }

    /** Labels where the uniform number is at least the dropout rate, the null label elsewhere. */
    static Tensor droppedLabels(Tensor y, Tensor u, int nullLabel) {
        Tensor dropped = u.lt(new Scalar(LABEL_DROPOUT));
        return torch.where(dropped, torch.full_like(y, new Scalar((long) nullLabel)), y);
    }

    private static void compare(List<GoldenResult> results, SafeTensors file, String name, Tensor actual) {
        results.add(GoldenResult.compare(name, actual, file.get(name), TOLERANCE));
    }
}
