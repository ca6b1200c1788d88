package dev.mediator.vision;

import static dev.mediator.vision.Layer.chain;

import dev.mediator.nn.Init;
import dev.mediator.nn.Linear;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.UseGuard;
import dev.mediator.vision.ConvUnit.Shape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * EfficientNet-Lite0: EfficientNet-B0 (arXiv 1905.11946) without squeeze-and-excitation and with ReLU6, an ImageNet
 * classifier of 4.7 million parameters, by the tensor names of the PyTorch port {@code efficientnet-lite0-57934424.pth}.
 *
 * <p>A network owns its tensors until it is closed, and can be used by one thread at a time.
 */
public final class EfficientNetLite0 implements AutoCloseable {
    /** Height and width of the input. */
    public static final int INPUT_SIZE = 224;

    /** Pooled features. */
    public static final int FEATURES = 1280;

    /** Classes of ImageNet. */
    public static final int LOGITS = 1000;

    /**
     * Blocks of one resolution.
     *
     * @param repeats number of blocks
     * @param kernel size of the depthwise convolutions
     * @param stride of the first block
     * @param expansion by how much a block widens before its depthwise convolution
     * @param out output channels
     */
    private record Stage(int repeats, long kernel, long stride, long expansion, long out) {}

    private static final List<Stage> STAGES = List.of(
            new Stage(1, 3, 1, 1, 16),
            new Stage(2, 3, 2, 6, 24),
            new Stage(2, 5, 2, 6, 40),
            new Stage(3, 3, 2, 6, 80),
            new Stage(3, 5, 1, 6, 112),
            new Stage(4, 5, 2, 6, 192),
            new Stage(1, 3, 1, 6, 320));

    private static final long STEM_CHANNELS = 32;

    private final OwnedTensors owned = new OwnedTensors();
    private final UseGuard guard = new UseGuard("EfficientNet-Lite0");
    private final Layer body;
    private final Linear classifier;

    /**
     * Builds the network over the source's tensors.
     *
     * @throws IllegalArgumentException if a tensor is missing or has another shape
     */
    public EfficientNetLite0(ParameterSource source) {
        Engine.start();
        try (Scope scope = Scope.open()) {
            List<Layer> layers = new ArrayList<>();
            Shape stem = new Shape(3, STEM_CHANNELS, 3, 3, 2, 1, Padding.SAME);
            layers.add(new ConvUnit(source, "_conv_stem", "_bn0", stem, Activation.RELU6, owned));
            long channels = STEM_CHANNELS;
            int block = 0;
            for (Stage stage : STAGES) {
                for (int i = 0; i < stage.repeats; i++) {
                    layers.add(block(source.at("_blocks." + block++ + "."), stage, channels, i == 0));
                    channels = stage.out;
                }
            }
            Shape head = Shape.same(channels, FEATURES, 1, 1);
            layers.add(new ConvUnit(source, "_conv_head", "_bn1", head, Activation.RELU6, owned));
            body = chain(layers);
            classifier = new Linear(
                    owned.add(scope, source.get("_fc.weight", Init.XAVIER_UNIFORM, LOGITS, FEATURES)),
                    owned.add(scope, source.get("_fc.bias", Init.ZERO, LOGITS)));
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    /** Inverted bottleneck (arXiv 1801.04381): widen, convolve each channel by itself, narrow. */
    private Layer block(ParameterSource source, Stage stage, long in, boolean first) {
        long wide = in * stage.expansion;
        Shape depthwise =
                new Shape(wide, wide, stage.kernel, stage.kernel, first ? stage.stride : 1, wide, Padding.SAME);
        List<Layer> layers = new ArrayList<>();
        if (stage.expansion != 1) {
            layers.add(
                    new ConvUnit(source, "_expand_conv", "_bn0", Shape.same(in, wide, 1, 1), Activation.RELU6, owned));
        }
        layers.add(new ConvUnit(source, "_depthwise_conv", "_bn1", depthwise, Activation.RELU6, owned));
        layers.add(new ConvUnit(
                source, "_project_conv", "_bn2", Shape.same(wide, stage.out, 1, 1), Activation.NONE, owned));
        return first ? chain(layers) : Layer.residual(chain(layers));
    }

    /**
     * Pooled features of a batch.
     *
     * @param x pictures [B, 3, 224, 224] in about [−1, 1]
     * @return [B, 1280]
     */
    public Tensor features(Tensor x) {
        try (UseGuard.Use use = guard.use()) {
            Shapes.require(x, "the input of EfficientNet-Lite0", Shapes.ANY, 3, INPUT_SIZE, INPUT_SIZE);
            try (NoGradGuard inference = new NoGradGuard()) {
                return Scope.keepResult(() -> body.apply(x.contiguous(torch.MemoryFormat.ChannelsLast))
                        .mean(2, 3));
            }
        }
    }

    /** Logits of pooled features, [B, 1280] → [B, 1000]. */
    public Tensor logits(Tensor pooled) {
        try (UseGuard.Use use = guard.use()) {
            Shapes.require(pooled, "pooled features", Shapes.ANY, FEATURES);
            try (NoGradGuard inference = new NoGradGuard()) {
                return Scope.keepResult(() -> classifier.apply(pooled));
            }
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            owned.close();
        });
    }
}
