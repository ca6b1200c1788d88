package dev.mediator.stepwise;

import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Networks in closed form that remember what they were asked: sin(3x + 8t + 0.3y) − c·x, where c depends on the count.
 * The null label is 9.
 */
final class AnalyticStages implements StageNetworks {
    static final MediatorCount FEW = new MediatorCount(4);
    static final MediatorCount SOME = new MediatorCount(16);
    static final MediatorCount MANY = new MediatorCount(64);
    static final int NULL_LABEL = 9;

    /** A dense evaluation: its count, and the label and time of each row. */
    record Call(MediatorCount count, List<Long> labels, List<Double> times) {}

    private final Map<MediatorCount, Long> costs = new LinkedHashMap<>();
    private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());

    /** Counts of 4, 16 and 64 mediators at these costs. */
    AnalyticStages(long few, long some, long many) {
        costs.put(FEW, few);
        costs.put(SOME, some);
        costs.put(MANY, many);
    }

    AnalyticStages() {
        this(100, 120, 200);
    }

    List<Call> calls() {
        return calls;
    }

    @Override
    public Tensor forward(MediatorCount count, Tensor xt, Tensor t, Tensor y) {
        calls.add(new Call(
                count,
                Arrays.stream(Tensors.longs(y)).boxed().toList(),
                Arrays.stream(Tensors.doubles(t)).boxed().toList()));
        // Stands for products of this cost: 2·(cost/2) per row.
        Tensor rows = Tensors.zeros(DType.F32, xt.size(0), costs().of(count) / 2);
        MacCounter.countAttention(rows, Tensors.zeros(DType.F32, 1, 1));
        Tensor phase = xt.mul(new Scalar(3.0))
                .add(t.reshape(-1, 1, 1, 1), new Scalar(8.0))
                .add(Tensors.to(y, DType.F32).reshape(-1, 1, 1, 1), new Scalar(0.3));
        return phase.sin().add(xt, new Scalar(-0.1 * count.side()));
    }

    @Override
    public StageCosts costs() {
        return new StageCosts(costs);
    }

    @Override
    public int nullLabel() {
        return NULL_LABEL;
    }
}
