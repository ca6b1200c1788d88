package dev.mediator.training;

import dev.mediator.codec.Autoencoder;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.codec.Posterior;
import dev.mediator.data.DataConfig;
import dev.mediator.data.DataType;
import dev.mediator.data.ImageDataset;
import dev.mediator.data.Split;
import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import dev.mediator.nn.StoredParameters;
import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Looks at what averaged weights of an autoencoder do with images: those held out, where there are some. */
final class AutoencoderReview implements AutoCloseable {
    private static final int IMAGES = 1000;
    private static final int BATCH = 50;
    private static final int SHOWN = 10;

    private final Autoencoder network;
    private final ComputeDevice device;
    private final ImageDataset images;
    private final int count;

    private AutoencoderReview(Autoencoder network, ComputeDevice device, ImageDataset images) {
        this.network = network;
        this.device = device;
        this.images = images;
        this.count = Math.min(IMAGES, images.size());
    }

    static AutoencoderReview of(
            AutoencoderConfig config, Map<String, Tensor> averaged, DataConfig data, ImageDataset trained)
            throws IOException {
        Placement placement = Placement.of(averaged.values().iterator().next());
        boolean hasTest = data.split() == Split.TRAIN && data.type() == DataType.IDX;
        ImageDataset images = hasTest ? data.withSplit(Split.TEST).open() : trained;
        Autoencoder network = new Autoencoder(config, new StoredParameters(averaged, placement));
        return new AutoencoderReview(network, placement.device(), images);
    }

    /** Images from a position on, spread over the whole set, [n, C, H, W]. */
    private Tensor load(int from, int number) throws IOException {
        int numel = images.shape().numel();
        float[] pixels = new float[Shapes.arrayLength(number, numel)];
        for (int i = 0; i < number; i++) {
            int index = (int) ((long) (from + i) * images.size() / count);
            System.arraycopy(images.load(index, false), 0, pixels, i * numel, numel);
        }
        long[] shape = images.shape().sizes();
        return Tensors.of(pixels, number, shape[0], shape[1], shape[2]);
    }

    AutoencoderScore score() throws IOException {
        double absolute = 0;
        double squared = 0;
        for (int from = 0; from < count; from += BATCH) {
            Cancellation.check();
            try (Scope scope = Scope.open();
                    NoGradGuard inference = new NoGradGuard()) {
                Tensor originals = device.put(load(from, Math.min(BATCH, count - from)));
                Tensor error =
                        network.decode(network.posterior(originals).mean()).sub(originals);
                absolute += Tensors.scalar(error.abs().mean()) * originals.size(0);
                squared += Tensors.scalar(error.square().mean()) * originals.size(0);
            }
        }
        // Pixels span 2, from −1 to 1.
        return new AutoencoderScore(count, absolute / count / 2, 10 * Math.log10(4 / (squared / count)));
    }

    /** One over the standard deviation of latents, over all channels, images and draws. */
    double scalingFactor() throws IOException {
        double sum = 0;
        double squares = 0;
        for (int from = 0; from < count; from += BATCH) {
            Cancellation.check();
            try (Scope scope = Scope.open();
                    NoGradGuard inference = new NoGradGuard()) {
                Tensor originals = load(from, Math.min(BATCH, count - from));
                Posterior posterior = network.posterior(originals);
                sum += Tensors.scalar(posterior.mean().mean()) * originals.size(0);
                Tensor second = posterior.mean().square().add(posterior.std().square());
                squares += Tensors.scalar(second.mean()) * originals.size(0);
            }
        }
        double mean = sum / count;
        return 1 / Math.sqrt(squares / count - mean * mean);
    }

    /** A few images above what became of them. */
    void writeSheet(Path file, long step) throws IOException {
        try (Scope scope = Scope.open();
                NoGradGuard inference = new NoGradGuard()) {
            Tensor originals = load(0, Math.min(SHOWN, count));
            Tensor decoded = network.decode(network.posterior(originals).mean());
            List<ContactSheet.Row> rows = List.of(
                    new ContactSheet.Row("images", Picture.ofBatch(originals)),
                    new ContactSheet.Row("reconstructed", Picture.ofBatch(decoded)));
            PngFile.write(
                    file, ContactSheet.of("After " + step + " updates", rows).draw());
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
