package dev.mediator.evaluation.extractor;

import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.Features;
import dev.mediator.evaluation.PictureBatch;
import dev.mediator.image.Picture;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.tensor.UseGuard;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A network behind its preprocessing, run over parts of a batch, so that memory does not grow with the batch. */
final class NetworkExtractor implements FeatureExtractor {
    /** Few pictures leave most of a card idle, and each part is waited for. */
    private static final int AT_ONCE_ON_CARD = 64;

    private final ExtractorDescription description;
    private final ComputeDevice device;
    private final List<String> classNames;
    private final int batchSize;
    private final Function<Tensor, Features> network;
    private final Runnable release;
    private final UseGuard guard;

    /**
     * @param device where the network is
     * @param classNames of the logits, empty if they are of no use to tell what a picture shows
     * @param batchSize pictures that the network sees at once on the host
     * @param network from samples [B, C, H, W] fp32 in [0, 255], at the pictures' own size, to features
     * @param release frees the network
     */
    NetworkExtractor(
            ExtractorDescription description,
            ComputeDevice device,
            List<String> classNames,
            int batchSize,
            Function<Tensor, Features> network,
            Runnable release) {
        this.description = description;
        this.device = device;
        this.classNames = List.copyOf(classNames);
        this.batchSize = picturesAtOnce(device, batchSize);
        this.network = network;
        this.release = release;
        this.guard = new UseGuard("the extractor " + description.name());
    }

    static int picturesAtOnce(ComputeDevice device, int onHost) {
        return device.isHost() ? onHost : Math.max(onHost, AT_ONCE_ON_CARD);
    }

    @Override
    public ExtractorDescription description() {
        return description;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Features extract(List<Picture> pictures) {
        try (UseGuard.Use use = guard.use();
                Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            Tensor samples = PictureBatch.of(pictures, description.channels()); // [B, C, H, W] U8
            List<Features> parts = new ArrayList<>();
            for (int from = 0; from < pictures.size(); from += batchSize) {
                int count = Math.min(batchSize, pictures.size() - from);
                parts.add(part(samples.narrow(0, from, count)));
            }
            return join(scope, parts);
        }
    }

    private Features part(Tensor samples) {
        try (Scope scope = Scope.open()) {
            return join(scope, List.of(network.apply(Tensors.to(device.put(samples), DType.F32))));
        }
    }

    /** All rows as one, kept by the scope around this one. */
    private static Features join(Scope scope, List<Features> parts) {
        return new Features(
                onHost(scope, parts.stream().map(Features::pooled).toArray(Tensor[]::new)),
                joinOptional(scope, parts.stream().map(Features::spatial).toList()),
                joinOptional(scope, parts.stream().map(Features::logits).toList()));
    }

    private static Tensor onHost(Scope scope, Tensor... parts) {
        return scope.keep(ComputeDevice.CPU.put(Ops.cat(0, parts)));
    }

    private static @Nullable Tensor joinOptional(Scope scope, List<@Nullable Tensor> parts) {
        return parts.get(0) == null ? null : onHost(scope, parts.toArray(Tensor[]::new));
    }

    @Override
    public void close() {
        guard.close(release::run);
    }
}
