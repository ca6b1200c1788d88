package dev.mediator.vision;

import static dev.mediator.vision.Layer.chain;

import dev.mediator.nn.Init;
import dev.mediator.nn.Linear;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.UseGuard;
import dev.mediator.vision.ConvUnit.Shape;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The Inception v3 (arXiv 1512.00567) that the Fréchet inception distance (arXiv 1706.08500) is defined with: the
 * TensorFlow graph {@code inception-2015-12-05} with 1008 logits, by the tensor names of its PyTorch port {@code
 * pt_inception-2015-12-05-6726825d.pth}.
 *
 * <p>It differs from the network of the paper, and from other published weights, in three ways: average pools leave out
 * the padding, the last block pools by maximum, and there are 1008 logits, of which 8 mean nothing.
 *
 * <p>A network owns its tensors until it is closed, and can be used by one thread at a time.
 */
public final class FidInception implements AutoCloseable {
    /** Height and width of the input. */
    public static final int INPUT_SIZE = 299;

    /** Pooled features. */
    public static final int FEATURES = 2048;

    private static final int SPATIAL_CHANNELS = 7;

    /** Spatial features: 17 rows × 17 columns × 7 channels. */
    public static final int SPATIAL_FEATURES = 17 * 17 * SPATIAL_CHANNELS;

    /** Classes. */
    public static final int LOGITS = 1008;

    /**
     * What the network makes of pictures.
     *
     * @param pooled the mean over all positions of the last block, [B, 2048]
     * @param spatial the first 7 channels of block {@code Mixed_6d} (TensorFlow: {@code mixed_6/conv}) at all positions,
     *     [B, 2023], position by position, as sFID takes them (arXiv 2103.03841)
     */
    public record Features(Tensor pooled, Tensor spatial) {}

    private final OwnedTensors owned = new OwnedTensors();
    private final UseGuard guard = new UseGuard("the FID Inception");
    private final Layer untilMixed6d;
    private final Layer fromMixed6e;
    private final Linear classifier;
    private final Tensor noBias; // [1008]

    /**
     * Builds the network over the source's tensors.
     *
     * @throws IllegalArgumentException if a tensor is missing or has another shape
     */
    public FidInception(ParameterSource source) {
        Engine.start();
        try (Scope scope = Scope.open()) {
            untilMixed6d = chain(
                    stem(source),
                    blocks(source, "Mixed_5b").a(192, 32),
                    blocks(source, "Mixed_5c").a(256, 64),
                    blocks(source, "Mixed_5d").a(288, 64),
                    blocks(source, "Mixed_6a").b(288),
                    blocks(source, "Mixed_6b").c(768, 128),
                    blocks(source, "Mixed_6c").c(768, 160),
                    blocks(source, "Mixed_6d").c(768, 160));
            fromMixed6e = chain(
                    blocks(source, "Mixed_6e").c(768, 192),
                    blocks(source, "Mixed_7a").d(768),
                    blocks(source, "Mixed_7b").e(1280, Pool.AVERAGE),
                    blocks(source, "Mixed_7c").e(FEATURES, Pool.MAX));
            Tensor weight = owned.add(scope, source.get("fc.weight", Init.XAVIER_UNIFORM, LOGITS, FEATURES));
            noBias = owned.add(scope, Placement.of(weight).zeros(LOGITS));
            classifier = new Linear(weight, owned.add(scope, source.get("fc.bias", Init.ZERO, LOGITS)));
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    /** 299×299 to 35×35 pixels and 192 channels. */
    private Layer stem(ParameterSource source) {
        InceptionBlocks top = new InceptionBlocks(source, owned);
        return chain(
                top.unit("Conv2d_1a_3x3", Shape.valid(3, 32, 3, 2)),
                top.unit("Conv2d_2a_3x3", Shape.valid(32, 32, 3, 1)),
                top.unit("Conv2d_2b_3x3", Shape.same(32, 64, 3, 3)),
                Pool.MAX_REDUCING,
                top.unit("Conv2d_3b_1x1", Shape.same(64, 80, 1, 1)),
                top.unit("Conv2d_4a_3x3", Shape.valid(80, 192, 3, 1)),
                Pool.MAX_REDUCING);
    }

    private InceptionBlocks blocks(ParameterSource source, String name) {
        return new InceptionBlocks(source.at(name + "."), owned);
    }

    /**
     * Features of a batch.
     *
     * @param x pictures [B, 3, 299, 299] in about [−1, 1]
     */
    public Features features(Tensor x) {
        try (UseGuard.Use use = guard.use()) {
            Shapes.require(x, "the input of Inception", Shapes.ANY, 3, INPUT_SIZE, INPUT_SIZE);
            try (Scope scope = Scope.open();
                    NoGradGuard inference = new NoGradGuard()) {
                Tensor maps = untilMixed6d.apply(x.contiguous(torch.MemoryFormat.ChannelsLast)); // [B, 768, 17, 17]
                // The 1×1 branch comes first in the joined channels.
                Tensor spatial =
                        maps.narrow(1, 0, SPATIAL_CHANNELS).permute(0, 2, 3, 1).reshape(x.size(0), SPATIAL_FEATURES);
                Tensor pooled = fromMixed6e.apply(maps).mean(2, 3); // [B, 2048]
                return new Features(scope.keep(pooled), scope.keep(spatial));
            }
        }
    }

    /** Logits of pooled features, [B, 2048] → [B, 1008]. */
    public Tensor logits(Tensor pooled) {
        try (UseGuard.Use use = guard.use()) {
            return logits(pooled, classifier.bias());
        }
    }

    /**
     * Logits without their bias, [B, 2048] → [B, 1008]: what published inception scores are computed from, since the
     * original code (arXiv 1606.03498) multiplies by the weights only.
     */
    public Tensor unbiasedLogits(Tensor pooled) {
        try (UseGuard.Use use = guard.use()) {
            return logits(pooled, noBias);
        }
    }

    private Tensor logits(Tensor pooled, Tensor bias) {
        Shapes.require(pooled, "pooled features", Shapes.ANY, FEATURES);
        try (NoGradGuard inference = new NoGradGuard()) {
            return Scope.keepResult(() -> Ops.linear(pooled, classifier.weight(), bias));
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            owned.close();
        });
    }
}
