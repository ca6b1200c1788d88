package dev.mediator.app.cli;

import dev.mediator.codec.Autoencoder;
import dev.mediator.codec.AutoencoderCodec;
import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.ParameterSource;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.MacCounter;
import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How fast latents become pictures, and with how much memory, in an autoencoder of the published shape with random weights. */
record DecodeBench(DType dtype, int runs) {
    /**
     * One size.
     *
     * @param size side of the picture in pixels
     * @param millis of one picture, median
     * @param minMillis fastest run
     * @param maxMillis slowest run
     * @param gmacs multiply-adds of one picture, in 10⁹
     * @param gflopsPerSecond at 2 operations per multiply-add
     * @param peakMegabytes most memory that the process had resident, weights and Java included; 0 if unknown
     */
    record Row(
            int size,
            double millis,
            double minMillis,
            double maxMillis,
            double gmacs,
            double gflopsPerSecond,
            long peakMegabytes) {
        String line() {
            return String.format(
                    Locale.ROOT,
                    "  decode %5d×%-5d %9.0f ms (%.0f to %.0f)  %7.1f GMACs  %7.1f GFLOP/s  %6d MB at most",
                    size,
                    size,
                    millis,
                    minMillis,
                    maxMillis,
                    gmacs,
                    gflopsPerSecond,
                    peakMegabytes);
        }
    }

    /** Sizes as given, each checked: sides of pictures, multiples of 8. */
    static List<Integer> sizes(String text) {
        List<Integer> sizes = new ArrayList<>();
        int factor = AutoencoderConfig.STABLE_DIFFUSION.factor();
        for (String word : text.split(",", -1)) {
            int size;
            try {
                size = Integer.parseInt(word.strip());
            } catch (NumberFormatException e) {
                size = 0;
            }
            if (size < factor || size > 8192 || size % factor != 0) {
                throw new IllegalArgumentException(
                        "--decode is '" + text + "', allowed are multiples of " + factor + " up to 8192");
            }
            sizes.add(size);
        }
        return sizes;
    }

    /** @param step told after each decoded picture */
    List<Row> measure(List<Integer> sizes, Runnable step) {
        List<Row> rows = new ArrayList<>();
        FreshParameters fresh = new FreshParameters(0);
        ParameterSource source = (name, init, shape) -> {
            Tensor tensor = Tensors.to(fresh.get(name, init, shape), dtype);
            return shape.length == 4 ? tensor.contiguous(torch.MemoryFormat.ChannelsLast) : tensor;
        };
        try (AutoencoderCodec codec =
                new AutoencoderCodec(new Autoencoder(AutoencoderConfig.STABLE_DIFFUSION, source), "random")) {
            for (int size : sizes) {
                rows.add(row(codec, size, step));
            }
        }
        return rows;
    }

    private Row row(AutoencoderCodec codec, int size, Runnable step) {
        double[] millis = new double[runs];
        long macs = 0;
        PeakMemory.reset();
        for (int run = 0; run < runs; run++) {
            try (Scope scope = Scope.open();
                    MacCounter counter = MacCounter.open()) {
                long side = size / codec.config().factor();
                Tensor latents = new RandomStream(0, run)
                        .normalTensor(0, 1, codec.config().latentChannels(), side, side);
                long start = System.nanoTime();
                codec.decode(latents);
                millis[run] = (System.nanoTime() - start) / 1e6;
                macs = counter.macs();
            }
            step.run();
        }
        Arrays.sort(millis);
        double median = millis[runs / 2];
        return new Row(
                size,
                median,
                millis[0],
                millis[runs - 1],
                macs / 1e9,
                2 * macs / median / 1e6,
                PeakMemory.bytes().orElse(0) >> 20);
    }
}
