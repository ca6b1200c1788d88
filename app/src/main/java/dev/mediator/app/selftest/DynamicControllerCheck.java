package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.StageCosts;
import dev.mediator.stepwise.StageNetworks;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.JsonNode;

/** The switching rule in many settings, with three networks in closed form ({@code dynamic_controller}). */
public final class DynamicControllerCheck implements GoldenCheck {
    private static final double TOLERANCE = 1e-5;

    @Override
    public boolean covers(String fileName, SafeTensors file) {
        return fileName.startsWith("dynamic_controller");
    }

    @Override
    public List<GoldenResult> run(SafeTensors file, ComputeDevice device) {
        try (Scope scope = Scope.open()) {
            List<Tensor> finals = new ArrayList<>();
            List<Long> switchSteps = new ArrayList<>();
            List<Double> distances = new ArrayList<>();
            List<Double> firstMeans = new ArrayList<>();
            for (JsonNode settings : GoldenMetadata.parse(file, "cases")) {
                GoldenStepwiseRun run = run(file, settings);
                finals.add(run.last());
                for (long step : run.switchSteps()) {
                    switchSteps.add(step);
                }
                distances.addAll(run.trace().distances());
                firstMeans.add(run.firstMean());
            }
            return List.of(
                    GoldenStepwiseRun.compareExactly(
                            "switch_step",
                            switchSteps.stream().mapToLong(step -> step).toArray(),
                            file.get("switch_step")),
                    GoldenResult.compare(
                            "final",
                            torch.stack(new TensorVector(finals.toArray(Tensor[]::new)), 0),
                            file.get("final"),
                            TOLERANCE),
                    GoldenResult.compare(
                            "distances.f64",
                            of(distances, file.get("distances.f64")),
                            file.get("distances.f64"),
                            TOLERANCE),
                    GoldenResult.compare(
                            "init_mean.f64",
                            of(firstMeans, file.get("init_mean.f64")),
                            file.get("init_mean.f64"),
                            TOLERANCE));
        }
    }

    private static Tensor of(List<Double> values, Tensor like) {
        return Tensors.of(values.stream().mapToDouble(v -> v).toArray(), like.shape());
    }

    private static GoldenStepwiseRun run(SafeTensors file, JsonNode settings) {
        LastStep lastStep = LastStep.parse(settings.path("last_step").stringValue());
        Tensor noise = file.get("in.noise");
        SdeConfig sampler = new SdeConfig(
                SdeSolver.parse(settings.path("method").stringValue()),
                DiffusionForm.parse(settings.path("form").stringValue()),
                1,
                lastStep,
                lastStep.defaultSize(),
                Math.toIntExact(noise.size(0) + 1));
        return GoldenStepwiseRun.of(
                new AnalyticStages(),
                sampler,
                settings.path("distance").stringValue(),
                settings.path("first_several_num").intValue(),
                List.of(
                        settings.path("switch_ratio1").doubleValue(),
                        settings.path("switch_ratio2").doubleValue()),
                file.get("in.init"),
                noise,
                file.get("in.y"));
    }

    /** −x/2 + t, then 3x/10 − t + y/10, then −x. */
    private static final class AnalyticStages implements StageNetworks {
        @Override
        public Tensor forward(MediatorCount count, Tensor xt, Tensor t, Tensor y) {
            return switch (GoldenStepwiseRun.STAGES.indexOf(count)) {
                case 0 -> AnalyticNetworks.LIN.predict(xt, t, y);
                case 1 ->
                    AnalyticNetworks.affine(0.3, xt, -1, t)
                            .add(AnalyticNetworks.affine(0, xt, 0.1, y.to(t.scalar_type())));
                default -> xt.neg();
            };
        }

        @Override
        public StageCosts costs() {
            return new StageCosts(Map.of(
                    GoldenStepwiseRun.STAGES.get(0), 1L,
                    GoldenStepwiseRun.STAGES.get(1), 2L,
                    GoldenStepwiseRun.STAGES.get(2), 3L));
        }

        @Override
        public int nullLabel() {
            return 0;
        }
    }
}
