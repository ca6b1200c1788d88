package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.codec.PixelCodec;
import dev.mediator.model.Guidance;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.tensor.Engine;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Tensors outside of the Java heap are freed step by step. */
@EnabledOnOs(OS.LINUX)
class GenerationMemoryTest {
    private static final int BATCH = 8;
    private static final long HEAP_TOUCH_BYTES = 1L << 29;
    private static volatile byte[] garbage = {};

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void threeThousandStepsDoNotGrowTheProcess() throws IOException {
        try (ImageGenerator generator = new ImageGenerator(
                TinyNetwork.create(TinyNetwork.config(1)),
                TinyNetwork.CLASSES,
                Transport.LINEAR_VELOCITY,
                new PixelCodec())) {
            touchHeap();
            sample(generator, OdeConfig.of(OdeSolver.HEUN, 101));
            sample(generator, SdeConfig.of(SdeSolver.EULER, 200));
            long before = residentBytes();

            sample(generator, OdeConfig.of(OdeSolver.HEUN, 1001));
            for (int run = 0; run < 10; run++) {
                sample(generator, SdeConfig.of(SdeSolver.EULER, 200));
            }

            assertThat((residentBytes() - before) / 1e6).as("MB").isLessThan(50);
        }
    }

    private static void sample(ImageGenerator generator, SamplerConfig sampler) {
        List<ImageRequest> requests = java.util.stream.IntStream.range(0, BATCH)
                .mapToObj(i -> new ImageRequest(i % 3, i))
                .toList();
        generator.generate(
                requests,
                new GenerationSettings(sampler, new Guidance(2, 0, 0.2, 0.8), TinyNetwork.MANY),
                GenerationObserver.NONE);
    }

    /** Lets Java use its young generation once, whose pages would otherwise count as growth. */
    private static void touchHeap() {
        for (long bytes = 0; bytes < HEAP_TOUCH_BYTES; bytes += 1 << 18) {
            garbage = new byte[1 << 18];
        }
    }

    private static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("no VmRSS in /proc/self/status");
    }
}
