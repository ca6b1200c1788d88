package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.TensorEntry;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.sampling.TimeGrid;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.LossWeighting;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Time grids and whole trajectories of the SDE samplers, with recorded noise. */
public final class SdeCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-4;
    private static final double GRID_TOLERANCE = 1e-6;
    private static final int POINTS = 10;
    private static final double LAST_STEP_SIZE = 0.04;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("sampler_sde");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        Map<String, String> status = GoldenMetadata.strings(file, "status");
        List<GoldenResult> results = new ArrayList<>();
        for (TensorEntry entry : file.entries()) {
            String name = entry.name();
            if (!name.startsWith("in.")) {
                try (Scope scope = Scope.open()) {
                    results.add(
                            name.startsWith("grid.")
                                    ? GoldenResult.compare(name, grid(name), file.get(name), GRID_TOLERANCE)
                                    : trajectory(file, name, status.getOrDefault(name, "fine")));
                }
            }
        }
        return results;
    }

    /** {@code traj.{path}.{prediction}.{eps}.{solver}.{form}.{last step}}, judged by what the file says of it. */
    private static GoldenResult trajectory(SafeTensors file, String name, String status) {
        if (status.equals("nonfinite") || status.equals("ill-conditioned")) {
            return GoldenResult.skipped(name, "the golden values are " + status);
        }
        // "loose E": the reference's own fp32 run is E from its fp64 run.
        double tolerance = status.startsWith("loose ")
                ? Math.max(TOLERANCE, 10 * Double.parseDouble(status.substring("loose ".length())))
                : TOLERANCE;
        return GoldenResult.compare(name, states(file, name), file.get(name), tolerance);
    }

    /** States after each step, and after the last step. */
    private static Tensor states(SafeTensors file, String name) {
        String[] parts = name.split("\\.", -1);
        LastStep lastStep = LastStep.parse(parts[6]);
        SdeConfig config = config(SdeSolver.parse(parts[4]), DiffusionForm.parse(parts[5]), lastStep);
        Sampler sampler = new Sampler(transport(parts[1], Prediction.parse(parts[2]), parts[3]), config);
        Tensor start = file.get("in.init");
        TensorVector states = new TensorVector();
        sampler.run(
                AnalyticNetworks.LIN,
                start,
                Tensors.zeros(DType.I64, start.size(0)),
                new NoiseSource.Recorded(file.get("in.noise")),
                step -> states.push_back(step.state().clone()));
        if (lastStep == LastStep.NONE) {
            states.push_back(
                    states.get(states.size() - 1)); // the files repeat the state after the step that is not there
        }
        return torch.stack(states, 0);
    }

    /** {@code grid.{path}.{prediction}.{eps}.{form}.lss{size}}. */
    private static Tensor grid(String name) {
        String[] parts = name.split("\\.", 6);
        LastStep lastStep = Double.parseDouble(parts[5].substring("lss".length())) == 0 ? LastStep.NONE : LastStep.MEAN;
        SdeConfig config = config(SdeSolver.EULER, DiffusionForm.parse(parts[4]), lastStep);
        Transport transport = transport(parts[1], Prediction.parse(parts[2]), parts[3]);
        TimeGrid grid = new TimeGrid(config.interval(transport), POINTS);
        return Tensors.of(IntStream.range(0, POINTS).mapToDouble(grid::time).toArray(), POINTS);
    }

    private static SdeConfig config(SdeSolver solver, DiffusionForm form, LastStep lastStep) {
        return new SdeConfig(solver, form, 1, lastStep, lastStep == LastStep.NONE ? 0 : LAST_STEP_SIZE, POINTS);
    }

    private static Transport transport(String path, Prediction prediction, String eps) {
        double sampleEps = Double.parseDouble(eps.substring("eps".length()));
        return new Transport(InterpolantPath.parse(path), prediction, LossWeighting.NONE, null, sampleEps);
    }
}
