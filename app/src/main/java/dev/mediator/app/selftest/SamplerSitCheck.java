package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.sampling.StepObserver;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.LossWeighting;
import dev.mediator.transport.Network;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Samplers that drive a whole network ({@code sampler_sit}); the network's weights are in the file of {@link #WEIGHTS} beside it. */
public final class SamplerSitCheck implements GoldenCheck {
    private static final String WEIGHTS = "sit_tiny_m16_ls.safetensors";
    private static final double TOLERANCE = 1e-4;
    private static final int POINTS = 10;
    private static final int LIKELIHOOD_POINTS = 5;
    private static final double LAST_STEP_SIZE = 0.04;
    private static final long[] STORED_STATES = {0, 4, 8, 9};

    /** The reference guides the first three channels. */
    private static final Guidance GUIDED = new Guidance(1.5, 3, 0, 1);

    /** The reference cuts nothing off at t = 1 where there is no last step. */
    private static final Transport TRANSPORT =
            new Transport(InterpolantPath.LINEAR, Prediction.VELOCITY, LossWeighting.NONE, null, 0.0);

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("sampler_sit");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        Path weights = file.file().resolveSibling(WEIGHTS);
        if (!Files.exists(weights)) {
            throw new IllegalArgumentException("the network's weights, " + WEIGHTS + ", are not beside it");
        }
        List<GoldenResult> results = new ArrayList<>();
        try (SafeTensors stored = SafeTensors.open(weights);
                Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard();
                Sit sit = new Sit(SitCheck.config(stored), new GoldenParameters(stored, "model.", device))) {
            for (TensorEntry entry : file.entries()) {
                if (!entry.name().startsWith("in.") && !entry.name().equals("likelihood.eps")) {
                    try (Scope ofTensor = Scope.open()) {
                        results.add(compare(entry.name(), file, sit));
                    }
                }
            }
            return results;
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static GoldenResult compare(String name, SafeTensors file, Sit sit) {
        String[] parts = name.split("\\.(?!5)", -1); // cfg1.5 is one word
        return switch (parts[0]) {
            case "sde" -> compare(name, file, sde(parts, file, sit::forward));
            case "sde_cfg1.5" ->
                compare(
                        name,
                        file,
                        sde(
                                parts,
                                file,
                                (xt, t, y) -> GUIDED.predict(
                                        sit::forward, sit.config().nullLabel(), xt, t, y)));
            case "ode" -> compare(name, file, ode(parts[1], file, sit::forward));
            case "likelihood" -> likelihood(name, file, sit);
            default -> throw new IllegalArgumentException("golden tensor '" + name + "' is not known");
        };
    }

    private static GoldenResult compare(String name, SafeTensors file, Tensor states) {
        Tensor stored = states.index_select(0, Tensors.of(STORED_STATES, STORED_STATES.length));
        return GoldenResult.compare(name, stored, file.get(name), TOLERANCE);
    }

    /** {@code sde.{solver}.{form}.{last step}}: states after each step, and after the last step. */
    private static Tensor sde(String[] parts, SafeTensors file, Network network) {
        SdeConfig config = new SdeConfig(
                SdeSolver.parse(parts[1]),
                DiffusionForm.parse(parts[2]),
                1,
                LastStep.parse(parts[3]),
                LAST_STEP_SIZE,
                POINTS);
        TensorVector states = new TensorVector();
        new Sampler(TRANSPORT, config)
                .run(
                        network,
                        file.get("in.init"),
                        file.get("in.y"),
                        new NoiseSource.Recorded(file.get("in.noise")),
                        step -> states.push_back(step.state().clone()));
        return torch.stack(states, 0);
    }

    private static Tensor ode(String solver, SafeTensors file, Network network) {
        return new GoldenOdeRun(network, TRANSPORT, OdeSolver.parse(solver), POINTS)
                .solve(file.get("in.init"), file.get("in.y"))
                .states();
    }

    /** The noise that the data come from depends on no probe; the reference's density does, and on new ones in each step. */
    private static GoldenResult likelihood(String name, SafeTensors file, Sit sit) {
        if (!name.equals("likelihood.z")) {
            return GoldenResult.skipped(name, "the reference draws other probes in each step");
        }
        Tensor noise = new Sampler(TRANSPORT, OdeConfig.of(OdeSolver.EULER, LIKELIHOOD_POINTS))
                .reverse(sit::forward, file.get("in.init"), file.get("in.y"), StepObserver.NONE)
                .x();
        return GoldenResult.compare(name, noise, file.get(name), TOLERANCE);
    }
}
