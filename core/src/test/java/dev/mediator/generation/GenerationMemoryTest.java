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
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Tensors outside of the Java heap are freed step by step. */
@EnabledOnOs(OS.LINUX)
class GenerationMemoryTest {
    private static final int BATCH = 16;
    private static final int SETTLING_MILLIS = 1000;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @Test
    void threeThousandStepsDoNotGrowTheProcess() throws Exception {
        try (ImageGenerator generator = new ImageGenerator(
                TinyNetwork.create(TinyNetwork.config(1)),
                TinyNetwork.CLASSES,
                Transport.LINEAR_VELOCITY,
                new PixelCodec())) {
            sample(generator, OdeConfig.of(OdeSolver.HEUN, 101));
            sample(generator, SdeConfig.of(SdeSolver.EULER, 200));
            long pointersBefore = Pointer.totalCount();
            long before = residentBytes();

            sample(generator, OdeConfig.of(OdeSolver.HEUN, 1001));
            for (int run = 0; run < 10; run++) {
                sample(generator, SdeConfig.of(SdeSolver.EULER, 200));
            }

            assertThat(Pointer.totalCount() - pointersBefore)
                    .as("tensors left to the garbage collector")
                    .isLessThan(100);
            assertThat((residentBytes() - before) / 1e6).as("MB").isLessThan(50);
        }
    }

    private static void sample(ImageGenerator generator, SamplerConfig sampler) {
        List<ImageRequest> requests = IntStream.range(0, BATCH)
                .mapToObj(i -> new ImageRequest(i % 3, i))
                .toList();
        generator.generate(
                requests,
                new GenerationSettings(sampler, new Guidance(2, 0, 0.2, 0.8), TinyNetwork.MANY),
                GenerationObserver.NONE);
    }

    /** What the process holds besides Java objects that could be collected, whose number depends on the heap's size only. */
    private static long residentBytes() throws IOException, InterruptedException {
        System.gc();
        Thread.sleep(SETTLING_MILLIS); // the heap gives its free pages back beside the program
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("no VmRSS in /proc/self/status");
    }
}
