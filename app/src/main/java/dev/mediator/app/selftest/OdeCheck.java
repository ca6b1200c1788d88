package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.sampling.ErrorNorm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.Likelihood;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplingException;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.PerSample;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Trajectories of the ODE solvers, the steps that the adaptive one chooses (its error measured over the batch, as in the
 * files), and log-likelihoods.
 */
public final class OdeCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-4;
    private static final double STEP_TOLERANCE = 1e-2;
    private static final double ADAPTIVE_LIKELIHOOD_TOLERANCE = 2e-3;
    private static final int LIKELIHOOD_POINTS = 10;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("sampler_ode");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        for (TensorEntry entry : file.entries()) {
            String name = entry.name();
            if (!name.startsWith("in.") && !name.equals("likelihood.in")) {
                try (Scope scope = Scope.open()) {
                    results.add(name.startsWith("likelihood.") ? likelihood(file, name) : solution(file, name));
                }
            }
        }
        GoldenMetadata.strings(file, "failed").forEach((run, reason) -> {
            try (Scope scope = Scope.open()) {
                results.add(failure(file, "traj." + run, reason));
            }
        });
        return results;
    }

    /** {@code traj|calls|dt|error_ratio.{path}.{prediction}.{solver}.{network}}. */
    private static GoldenResult solution(SafeTensors file, String name) {
        GoldenOdeRun run = GoldenOdeRun.parse(name);
        Tensor golden = file.get(name);
        Tensor start = file.get("in.init");
        return switch (name.substring(0, name.indexOf('.'))) {
            case "traj" -> GoldenResult.compare(name, run.solve(start).states(), golden, TOLERANCE);
            case "calls" -> GoldenResult.compare(name, run.solve(start).calls(), golden, STEP_TOLERANCE);
            case "dt" -> GoldenResult.compare(name, run.solve(start).lengths(), golden, STEP_TOLERANCE);
            case "error_ratio" -> GoldenResult.compare(name, run.solve(start).errorRatios(), golden, STEP_TOLERANCE);
            default -> throw new IllegalArgumentException("golden tensor '" + name + "' is not known");
        };
    }

    /** A run that the reference could not finish must end here in finite numbers or in a clear error. */
    private static GoldenResult failure(SafeTensors file, String name, String reason) {
        String reference = "the reference fails: " + reason;
        try {
            Tensor states = GoldenOdeRun.parse(name).solve(file.get("in.init")).states();
            return Tensors.isFinite(states)
                    ? GoldenResult.skipped(name, reference + "; here the run ends, finite")
                    : GoldenResult.failed(name, reference + "; here the run ends with numbers that are not finite");
        } catch (SamplingException e) {
            return GoldenResult.skipped(name, reference + "; here: " + e.getMessage());
        }
    }

    /**
     * {@code likelihood.{solver}.{quantity}}: linear path, velocity, network {@code nl}. In fp64, as the files' {@code
     * delta_logp}: the adaptive solver's first steps would otherwise be set by rounding noise.
     */
    private static GoldenResult likelihood(SafeTensors file, String name) {
        String[] parts = name.split("\\.", -1);
        OdeSolver solver = OdeSolver.parse(parts[1]);
        if (parts[2].equals("dt") || parts[2].equals("error_ratio")) {
            return GoldenResult.skipped(name, "its first steps were set by rounding noise");
        }
        OdeConfig config = new OdeConfig(
                solver,
                LIKELIHOOD_POINTS,
                OdeConfig.DEFAULT_RTOL,
                OdeConfig.DEFAULT_ATOL,
                ErrorNorm.BATCH,
                LastStep.NONE,
                0);
        Tensor data = Tensors.to(file.get("likelihood.in"), DType.F64);
        int batch = Math.toIntExact(data.size(0));
        List<RandomStream> streams = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            streams.add(new RandomStream(0, i)); // any will do: the network's Jacobian is diagonal
        }
        Likelihood.Density density = new Likelihood(Transport.LINEAR_VELOCITY, config, 1)
                .evaluate(AnalyticNetworks.NL, data, Tensors.zeros(DType.I64, batch), streams);
        Tensor ours =
                switch (parts[2]) {
                    case "logp" -> vector(density.nats());
                    case "delta_logp" -> vector(density.divergence());
                    case "z" -> density.latent();
                    default -> throw new IllegalArgumentException("golden tensor '" + name + "' is not known");
                };
        double tolerance = solver.isAdaptive() ? ADAPTIVE_LIKELIHOOD_TOLERANCE : TOLERANCE;
        return GoldenResult.compare(name, ours, file.get(name), tolerance);
    }

    private static Tensor vector(PerSample values) {
        return Tensors.of(values.toArray(), values.batch());
    }
}
