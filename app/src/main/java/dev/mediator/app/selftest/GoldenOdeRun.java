package dev.mediator.app.selftest;

import dev.mediator.sampling.DormandPrince;
import dev.mediator.sampling.ErrorNorm;
import dev.mediator.sampling.FlowField;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.TimeGrid;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Tensors;
import dev.mediator.transport.InterpolantPath;
import dev.mediator.transport.Network;
import dev.mediator.transport.Prediction;
import dev.mediator.transport.TimeInterval;
import dev.mediator.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One run of an ODE solver as the golden files name it, {@code {kind}.{path}.{prediction}.{solver}.{network}[.n50]}.
 *
 * @param network the analytic network
 * @param transport path and prediction
 * @param solver the solver
 * @param points times at which the solution is recorded
 */
record GoldenOdeRun(Network network, Transport transport, OdeSolver solver, int points) {
    private static final int POINTS = 10;
    private static final int MANY_POINTS = 50;

    /**
     * What a run leaves behind.
     *
     * @param states the solution at every point [points, B, C, H, W]
     * @param calls time of each network evaluation, in order
     * @param lengths length of each attempted adaptive step
     * @param errorRatios error ratio of each attempted adaptive step
     */
    record Solution(Tensor states, Tensor calls, Tensor lengths, Tensor errorRatios) {}

    static GoldenOdeRun parse(String name) {
        String[] parts = name.split("\\.", -1);
        Transport transport = Transport.of(InterpolantPath.parse(parts[1]), Prediction.parse(parts[2]));
        OdeSolver solver = parts[3].equals("heun2") ? OdeSolver.HEUN : OdeSolver.parse(parts[3]);
        Network network = parts[4].equals("nl") ? AnalyticNetworks.NL : AnalyticNetworks.LIN;
        boolean hasManyPoints = parts.length > 5 && parts[5].equals("n50");
        return new GoldenOdeRun(network, transport, solver, hasManyPoints ? MANY_POINTS : POINTS);
    }

    Solution solve(Tensor start) {
        return solve(start, Tensors.zeros(DType.I64, start.size(0)));
    }

    /** @param labels [B] int64 */
    Solution solve(Tensor start, Tensor labels) {
        List<Double> calls = new ArrayList<>();
        Network listening = (xt, t, y) -> {
            calls.add(Tensors.doubles(t)[0]);
            return network.predict(xt, t, y);
        };
        return solver.isAdaptive() ? adaptive(listening, start, labels, calls) : fixed(listening, start, labels, calls);
    }

    private Solution fixed(Network listening, Tensor start, Tensor labels, List<Double> calls) {
        TensorVector states = new TensorVector(start);
        new Sampler(transport, OdeConfig.of(solver, points).withLastStep(LastStep.NONE)) // as the reference
                .run(
                        listening,
                        start,
                        labels,
                        (step, like) -> {
                            throw new IllegalStateException("an ODE asks for no noise");
                        },
                        step -> states.push_back(step.state()));
        return new Solution(torch.stack(states, 0), vector(calls), vector(List.of()), vector(List.of()));
    }

    private Solution adaptive(Network listening, Tensor start, Tensor labels, List<Double> calls) {
        List<Double> lengths = new ArrayList<>();
        List<Double> errorRatios = new ArrayList<>();
        TensorVector states = new TensorVector(start);
        DormandPrince solving = new DormandPrince(OdeConfig.DEFAULT_RTOL, OdeConfig.DEFAULT_ATOL, ErrorNorm.BATCH);
        TimeGrid outputs = new TimeGrid(transport.odeInterval(), points);
        FlowField field = new FlowField(listening, transport, labels);
        try (NoGradGuard guard = new NoGradGuard()) {
            for (int i = 1; i < points; i++) { // the steps to any of them are the same, and are recorded for the last
                calls.clear();
                lengths.clear();
                errorRatios.clear();
                TimeInterval interval = new TimeInterval(outputs.time(0), outputs.time(i));
                states.push_back(solving.solve(field, start, interval, attempt -> {
                    lengths.add(attempt.dt().get(0));
                    errorRatios.add(attempt.errorRatio().get(0));
                }));
            }
        }
        return new Solution(torch.stack(states, 0), vector(calls), vector(lengths), vector(errorRatios));
    }

    private static Tensor vector(List<Double> values) {
        return Tensors.of(values.stream().mapToDouble(v -> v).toArray(), values.size());
    }
}
