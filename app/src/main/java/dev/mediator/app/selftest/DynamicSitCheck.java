package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.model.Sit;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.SitStages;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.JsonNode;

/** Step-wise switching between three networks of 4, 16 and 64 mediators ({@code dynamic_sit}). */
public final class DynamicSitCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-4;
    private static final int[] STORED_STATES = {0, 5, 10, 15, 20, 25, 28, 29};

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("dynamic_sit");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        List<GoldenResult> results = new ArrayList<>();
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard();
                SitStages networks = networks(file, device)) {
            for (String distance : List.of("mae", "mse")) {
                compare(file, distance, run(file, networks, distance), results);
            }
        }
        return results;
    }

    private static SitStages networks(SafeTensors file, ComputeDevice device) {
        return new SitStages(List.of(network(file, 1, device), network(file, 2, device), network(file, 3, device)));
    }

    private static Sit network(SafeTensors file, int number, ComputeDevice device) {
        return new Sit(
                SitCheck.config(file, GoldenStepwiseRun.STAGES.get(number - 1)),
                new GoldenParameters(file, "model" + number + ".", device));
    }

    private static GoldenStepwiseRun run(SafeTensors file, SitStages networks, String distance) {
        JsonNode settings = GoldenMetadata.parse(file, distance);
        return GoldenStepwiseRun.of(
                networks,
                SdeConfig.of(SdeSolver.EULER, GoldenSettings.integer(file, "num_steps")),
                distance,
                GoldenSettings.integer(file, "first_several_num"),
                List.of(
                        settings.path("switch_ratio1").doubleValue(),
                        settings.path("switch_ratio2").doubleValue()),
                file.get("in.init"),
                file.get("in.noise"),
                file.get("in.y"));
    }

    private static void compare(SafeTensors file, String kind, GoldenStepwiseRun run, List<GoldenResult> results) {
        Tensor states = torch.stack(
                new TensorVector(
                        IntStream.of(STORED_STATES).mapToObj(run::state).toArray(Tensor[]::new)),
                0);
        results.add(GoldenResult.compare(kind + ".traj", states, file.get(kind + ".traj"), TOLERANCE));
        double[] distances = run.distances();
        String name = kind + ".distances.f64";
        results.add(GoldenResult.compare(name, Tensors.of(distances, distances.length), file.get(name), TOLERANCE));
        name = kind + ".init_mean.f64";
        results.add(GoldenResult.compare(name, Tensors.of(new double[] {run.firstMean()}), file.get(name), TOLERANCE));
        name = kind + ".switch_step";
        results.add(GoldenStepwiseRun.compareExactly(name, run.switchSteps(), file.get(name)));
        name = kind + ".active";
        results.add(GoldenStepwiseRun.compareExactly(name, active(run), file.get(name)));
    }

    /** Which network, from 1, served each evaluation of the reference: it makes two per step where ours is one. */
    private static long[] active(GoldenStepwiseRun run) {
        return IntStream.range(0, 2 * run.trace().steps())
                .mapToLong(
                        call -> 1 + GoldenStepwiseRun.STAGES.indexOf(run.trace().at(call / 2)))
                .toArray();
    }
}
