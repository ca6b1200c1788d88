package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Prediction;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Coefficients of the paths, diffusion forms, conversions between predictions, and the plan xt, ut. */
public final class TransportPathCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-5;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("transport_path");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        for (TensorEntry entry : file.entries()) {
            String name = entry.name();
            if (name.startsWith("edge.")) {
                results.add(GoldenResult.skipped(name, "a coefficient is infinite or cancels at t = 0 or 1"));
            } else if (!name.startsWith("in.")) {
                try (Scope scope = Scope.open()) {
                    results.add(GoldenResult.compare(name, compute(file, name), file.get(name), TOLERANCE));
                }
            }
        }
        return results;
    }

    private static Tensor compute(SafeTensors file, String name) {
        int dot = name.indexOf('.');
        InterpolantPath path = InterpolantPath.parse(name.substring(0, dot));
        String quantity = name.substring(dot + 1);
        PerSample t = PerSample.of(file.get("in.t"));
        Tensor x = file.get("in.x");
        Tensor velocity = file.get("in.v");
        Tensor score = file.get("in.s");
        Tensor zero = torch.zeros_like(x);
        return switch (quantity) {
            case "alpha" -> values(t.map(path::alpha));
            case "sigma" -> values(t.map(path::sigma));
            case "d_alpha" -> values(t.map(path::alphaDot));
            case "d_sigma" -> values(t.map(path::sigmaDot));
            case "d_alpha_alpha_ratio" -> values(t.map(path::alphaRatio));
            case "drift_mean" -> path.drift(t, x, zero).neg();
            case "drift_var" -> values(t.map(path::scoreWeight));
            case "score_from_velocity" -> Prediction.VELOCITY.convert(Prediction.SCORE, path, t, x, velocity);
            case "noise_from_velocity" -> Prediction.VELOCITY.convert(Prediction.NOISE, path, t, x, velocity);
            case "velocity_from_score" -> Prediction.SCORE.convert(Prediction.VELOCITY, path, t, x, score);
            case "plan_xt" -> path.xt(t, file.get("in.x0"), file.get("in.x1"));
            case "plan_ut" -> path.ut(t, file.get("in.x0"), file.get("in.x1"));
            default -> values(diffusion(path, quantity, t));
        };
    }

    /** {@code diffusion.{form}.norm{n}}. */
    private static PerSample diffusion(InterpolantPath path, String quantity, PerSample t) {
        int norm = quantity.indexOf(".norm");
        if (!quantity.startsWith("diffusion.") || norm < 0) {
            throw new IllegalArgumentException("golden quantity '" + quantity + "' is not known");
        }
        DiffusionForm form = DiffusionForm.parse(quantity.substring("diffusion.".length(), norm));
        double size = Double.parseDouble(quantity.substring(norm + ".norm".length()));
        return t.map(s -> form.diffusion(path, size, s));
    }

    private static Tensor values(PerSample values) {
        return Tensors.of(values.toArray(), values.batch());
    }
}
