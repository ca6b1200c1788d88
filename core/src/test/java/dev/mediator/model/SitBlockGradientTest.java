package dev.mediator.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.nn.MediatorCount;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A block's gradients, which are written by hand. */
class SitBlockGradientTest {
    private static final int BATCH = 3;
    private static final int WIDTH = 24;
    private static final double STEP = 1e-5;

    private Scope scope;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /**
     * Of every input and parameter, in fp64, along a random direction. The quotients are of the forward pass that records
     * nothing, so this compares both passes as well.
     */
    @ParameterizedTest(name = "{0} of {1}, grid {2}")
    @CsvSource({"full, full, 4", "4, 4, 4", "16, 16, 6", "9, 9, 4", "full, 4;full, 4", "16, 4;16;full, 4"})
    void agreeWithDifferenceQuotients(String count, String counts, int grid) {
        Block block = new Block(count, counts, grid, DType.F64);
        block.loss().backward();
        block.leaves.forEach((name, leaf) -> {
            Tensor direction = new RandomStream(7, name.hashCode()).normalTensor(0, leaf.shape());
            Tensor step = Ops.mul(Tensors.to(direction, DType.F64), STEP);
            double quotient = (block.lossAfter(leaf, step) - block.lossAfter(leaf, step.neg())) / (2 * STEP);
            double derivative = Tensors.scalar(leaf.grad().mul(direction).sum());
            double scale = Tensors.scalar(leaf.grad().norm());
            assertThat(derivative).as(name).isCloseTo(quotient, within(1e-6 * scale));
            assertThat(scale).as(name).isGreaterThan(1e-3);
        });
    }

    /** fp32 and bf16 take other kernels than fp64: for products, for softmax attention, for GELU. */
    @ParameterizedTest(name = "{0} of {1}, grid {2}, {3}")
    @CsvSource({
        "full, full, 4, F32, 1e-5",
        "16, 16, 6, F32, 1e-5",
        "full, 4;full, 4, F32, 1e-5",
        "full, full, 4, BF16, 0.1",
        "16, 16, 6, BF16, 0.1",
        "full, 4;full, 4, BF16, 0.1"
    })
    void areTheSameInTheTypesThatTrain(String count, String counts, int grid, DType dtype, double tolerance) {
        Block golden = new Block(count, counts, grid, DType.F64);
        Block block = new Block(count, counts, grid, dtype);
        golden.loss().backward();
        block.loss().backward();
        golden.leaves.forEach((name, leaf) -> assertThat(
                        distance(requireNonNull(block.leaves.get(name)).grad(), leaf.grad()))
                .as(name)
                .isLessThan(tolerance));
    }

    /** Bit for bit, and on a second way back too. */
    @ParameterizedTest(name = "{0} of {1}, grid {2}, {3}")
    @CsvSource({
        "full, full, 4, F32",
        "16, 16, 6, F32",
        "4, 4;full, 4, F32",
        "16, 16, 6, F64",
        "full, full, 4, BF16",
        "full, 4;full, 4, BF16",
        "16, 16, 6, BF16"
    })
    void areTheSameWhereBlocksAreComputedAnew(String count, String counts, int grid, DType dtype) {
        Block kept = new Block(count, counts, grid, dtype, 3);
        Block anew = new Block(count, counts, grid, dtype, 3);
        for (Block block : List.of(kept, anew)) {
            Tensor loss = block.loss(block == kept ? Activations.KEPT : Activations.RECOMPUTED);
            loss._backward(new TensorVector(), new TensorOptional(), new BoolOptional(true), false);
            loss.backward();
        }
        assertThat(Tensors.scalar(anew.loss(Activations.RECOMPUTED))).isEqualTo(Tensors.scalar(kept.loss()));
        kept.leaves.forEach((name, leaf) -> {
            Tensor gradient = requireNonNull(anew.leaves.get(name)).grad();
            assertThat(gradient.equal(leaf.grad())).as(name).isTrue();
            assertThat(Tensors.maxAbs(gradient)).as(name).isPositive();
        });
    }

    /** |a − b|/|b| of Euclid's norm: single elements of a gradient in bf16 may be far off. */
    private static double distance(Tensor a, Tensor b) {
        Tensor wide = Tensors.to(b, DType.F64);
        return Tensors.scalar(Tensors.to(a, DType.F64).sub(wide).norm()) / Tensors.scalar(wide.norm());
    }

    /** Blocks over leaves that collect gradients, its inputs and a loss. Values are bf16 numbers in every type. */
    private static final class Block {
        private final Map<String, Tensor> leaves = new LinkedHashMap<>();
        private final MediatorCount mediators;
        private final List<SitBlock> blocks;
        private final Tensor x;
        private final Tensor condition;
        private final Tensor cotangent;

        Block(String count, String counts, int grid, DType dtype) {
            this(count, counts, grid, dtype, 1);
        }

        Block(String count, String counts, int grid, DType dtype, int depth) {
            mediators = MediatorCount.parse(count);
            List<MediatorCount> choices = Arrays.stream(counts.split(";", -1))
                    .map(MediatorCount::parse)
                    .toList();
            SitConfig config = new SitConfig(2 * grid, 2, 3, WIDTH, depth, 3, 4, 10, false, choices, null);
            x = leaf("x", dtype, 1, BATCH, (long) grid * grid, WIDTH);
            condition = leaf("condition", dtype, 1, BATCH, WIDTH);
            cotangent = values("cotangent", DType.F64, 1, BATCH, (long) grid * grid, WIDTH);
            ParameterSource source = (name, init, shape) -> {
                boolean isOfAnotherCount =
                        name.contains("mediators.") && !name.contains("mediators." + mediators + ".");
                return isOfAnotherCount ? values(name, dtype, 0.3, shape) : leaf(name, dtype, 0.3, shape);
            };
            blocks = IntStream.range(0, depth)
                    .mapToObj(index -> new SitBlock(source, config, index))
                    .toList();
        }

        Tensor loss() {
            return loss(Activations.KEPT);
        }

        Tensor loss(Activations activations) {
            Tensor out = GradMode.is_enabled()
                    ? SitBlock.record(blocks, x, condition, mediators, ForwardProbe.NONE, activations)
                    : inferred();
            return Tensors.to(out, DType.F64).mul(cotangent).sum();
        }

        private Tensor inferred() {
            Tensor out = x.clone();
            List<Tensor> modulations =
                    blocks.stream().map(block -> block.modulation(condition)).toList();
            SitBlock.infer(blocks, out, modulations, mediators, ForwardProbe.NONE);
            return out;
        }

        /** The loss at another place, without recording. */
        double lossAfter(Tensor leaf, Tensor step) {
            try (Scope inner = Scope.open();
                    NoGradGuard guard = new NoGradGuard()) {
                Tensor before = leaf.clone();
                leaf.add_(step);
                double loss = Tensors.scalar(loss());
                leaf.copy_(before);
                return loss;
            }
        }

        private Tensor leaf(String name, DType dtype, double scale, long... shape) {
            Tensor leaf = values(name, dtype, scale, shape).requires_grad_(true);
            leaves.put(name, leaf);
            return leaf;
        }

        private static Tensor values(String name, DType dtype, double scale, long... shape) {
            Tensor values = new RandomStream(5, name.hashCode()).normalTensor(0, shape);
            values.mul_(new Scalar(scale));
            return Tensors.to(Tensors.to(values, DType.BF16), dtype);
        }
    }
}
