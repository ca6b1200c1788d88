package dev.mediator.vision;

import dev.mediator.nn.Init;
import dev.mediator.nn.Linear;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.UseGuard;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A residual network (arXiv 1512.03385) of 190,000 parameters for grey pictures of 28×28 pixels in ten classes. Group
 * normalisation (arXiv 1803.08494) makes it the same function in training and after, and of each picture by itself.
 *
 * <p>A network owns its tensors until it is closed, and can be used by one thread at a time.
 */
public final class FashionClassifier implements AutoCloseable {
    /** Height and width of the input. */
    public static final int INPUT_SIZE = 28;

    /** Pooled features. */
    public static final int FEATURES = 128;

    /** Classes. */
    public static final int CLASSES = 10;

    private static final long GROUP_CHANNELS = 8;
    private static final double EPSILON = 1e-5;
    private static final long[] ONE_PIXEL = {1, 1};

    /**
     * A 3×3 convolution and a group normalisation.
     *
     * @param weight [out, in, 3, 3]
     * @param scale [out]
     * @param shift [out]
     * @param stride of the convolution
     */
    private record Unit(Tensor weight, Tensor scale, Tensor shift, long stride) {
        Tensor apply(Tensor x) {
            Tensor y = Ops.convolution(x, weight, null, stride, ONE_PIXEL, 1);
            return torch.group_norm(
                    y,
                    scale.numel() / GROUP_CHANNELS,
                    new TensorOptional(scale),
                    new TensorOptional(shift),
                    EPSILON,
                    true);
        }
    }

    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final UseGuard guard = new UseGuard("the classifier");
    private final Unit stem;
    private final Unit wide1;
    private final Unit wide2;
    private final Unit down;
    private final Unit narrow1;
    private final Unit narrow2;
    private final Unit head;
    private final Linear classifier;

    /**
     * Builds the network over the source's tensors.
     *
     * @throws IllegalArgumentException if a tensor is missing or has another shape
     */
    public FashionClassifier(ParameterSource source) {
        Engine.start();
        try (Scope scope = Scope.open()) {
            ParameterSource recorded = (name, init, shape) -> {
                Tensor tensor = scope.release(source.get(name, init, shape));
                parameters.put(name, tensor);
                return tensor;
            };
            stem = unit(recorded, "stem", 1, 32, 1);
            wide1 = unit(recorded, "wide.1", 32, 32, 1);
            wide2 = unit(recorded, "wide.2", 32, 32, 1);
            down = unit(recorded, "down", 32, 64, 2);
            narrow1 = unit(recorded, "narrow.1", 64, 64, 1);
            narrow2 = unit(recorded, "narrow.2", 64, 64, 1);
            head = unit(recorded, "head", 64, FEATURES, 1);
            classifier = Linear.of(recorded, "fc", Init.ZERO, FEATURES, CLASSES);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Unit unit(ParameterSource source, String name, long in, long out, long stride) {
        return new Unit(
                source.get(name + ".conv.weight", Init.XAVIER_UNIFORM, out, in, 3, 3),
                source.get(name + ".norm.weight", Init.ONE, out),
                source.get(name + ".norm.bias", Init.ZERO, out),
                stride);
    }

    /** The trained tensors by name. */
    public Map<String, Tensor> parameters() {
        try (UseGuard.Use use = guard.use()) {
            return Collections.unmodifiableMap(parameters);
        }
    }

    /**
     * Pooled features of a batch.
     *
     * @param x pictures [B, 1, 28, 28] in [−1, 1]
     * @return [B, 128]
     */
    public Tensor features(Tensor x) {
        try (UseGuard.Use use = guard.use()) {
            Shapes.require(x, "the classifier's input", Shapes.ANY, 1, INPUT_SIZE, INPUT_SIZE);
            return Scope.keepResult(() -> {
                Tensor in = x.contiguous(torch.MemoryFormat.ChannelsLast);
                Tensor full = torch.relu(stem.apply(in)); // [B, 32, 28, 28]
                Tensor half = torch.max_pool2d(full, 2, 2); // [B, 32, 14, 14]
                Tensor wide = residual(half, wide1, wide2);
                Tensor narrow = residual(torch.relu(down.apply(wide)), narrow1, narrow2); // [B, 64, 7, 7]
                return torch.relu(head.apply(narrow)).mean(2, 3);
            });
        }
    }

    private static Tensor residual(Tensor x, Unit first, Unit second) {
        return torch.relu(second.apply(torch.relu(first.apply(x))).add(x));
    }

    /** Logits of pooled features, [B, 128] → [B, 10]. */
    public Tensor logits(Tensor pooled) {
        try (UseGuard.Use use = guard.use()) {
            Shapes.require(pooled, "pooled features", Shapes.ANY, FEATURES);
            return Scope.keepResult(() -> classifier.apply(pooled));
        }
    }

    @Override
    public void close() {
        guard.close(() -> {
            parameters.values().forEach(Tensor::close);
        });
    }
}
