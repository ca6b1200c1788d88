package dev.mediator.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mediator.checkpoint.Compression;
import dev.mediator.checkpoint.NpyReader;
import dev.mediator.checkpoint.NpzFile;
import dev.mediator.checkpoint.NpzWriter;
import dev.mediator.checkpoint.SafeTensors;
import dev.mediator.checkpoint.Weights;
import dev.mediator.codec.PixelCodec;
import dev.mediator.evaluation.FeatureStatistics;
import dev.mediator.evaluation.FolderImages;
import dev.mediator.evaluation.ImageSource;
import dev.mediator.evaluation.NearestNeighbours;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitDraft;
import dev.mediator.model.SitFile;
import dev.mediator.nn.FixedParameters;
import dev.mediator.nn.FreshParameters;
import dev.mediator.nn.Init;
import dev.mediator.parallel.MeetingPoint;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import dev.mediator.training.FlatParameters;
import dev.mediator.training.WeightAverage;
import dev.mediator.transport.Transport;
import dev.mediator.vision.FashionClassifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What owns native memory is closed once, waits for whoever uses it, and is refused afterwards. */
class ClosingTest {
    private static final GenerationSettings SETTINGS =
            TinyNetwork.settings(OdeConfig.of(OdeSolver.EULER, 5), Guidance.NONE, TinyNetwork.MANY);
    private static final List<ImageRequest> REQUEST = List.of(new ImageRequest(1, 5));

    @TempDir
    Path folder;

    @BeforeEach
    void startEngine() {
        Engine.start(1);
    }

    @AfterEach
    void allThreads() {
        Engine.start(Engine.physicalCores());
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    /** Closes twice, then uses. */
    private static void assertRefused(AutoCloseable closeable, String name, Action use) throws Exception {
        use.run();
        closeable.close();
        closeable.close();
        assertThatThrownBy(use::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(name + " is closed");
    }

    @Test
    void whatIsClosedIsRefusedByName() throws Exception {
        Path file = TinyNetwork.save(folder.resolve("tiny.safetensors"));
        Path arrays = folder.resolve("arrays.npz");
        try (Scope scope = Scope.open()) {
            try (NpzWriter writer = NpzWriter.create(arrays, Compression.STORED)) {
                writer.add("a", Tensors.zeros(DType.F32, 2, 2));
                writer.finish();
            }
            Tensor rows = Tensors.zeros(DType.F32, 3, 2);
            ImageGenerator generator = generator();
            assertRefused(
                    generator,
                    "the image generator",
                    () -> generator.generate(REQUEST, generator.plan(SETTINGS), GenerationObserver.NONE));
            Sit sit = TinyNetwork.create(TinyNetwork.config(1));
            assertRefused(sit, "the network", () -> forward(sit));
            SafeTensors tensors = SafeTensors.open(file);
            String name = tensors.entries().iterator().next().name();
            assertRefused(tensors, file.toString(), () -> tensors.get(name));
            NpzFile npz = NpzFile.open(arrays);
            assertRefused(npz, arrays.toString(), () -> npz.header("a"));
            FixedParameters fixed = new FixedParameters(new FreshParameters(0));
            assertRefused(fixed, "the fixed parameters", () -> fixed.get("w", Init.ZERO, 4));
            FeatureStatistics statistics = new FeatureStatistics(2);
            assertRefused(statistics, "the statistics", () -> statistics.add(rows));
            NearestNeighbours neighbours = new NearestNeighbours(rows);
            assertRefused(neighbours, "the search", () -> neighbours.add(rows));
            FashionClassifier classifier = new FashionClassifier(new FreshParameters(0));
            assertRefused(
                    classifier, "the classifier", () -> classifier.features(Tensors.zeros(DType.F32, 1, 1, 28, 28)));
            FlatParameters parameters = new FlatParameters(Map.of("w", rows), Placement.cpu(DType.F32));
            assertRefused(parameters, "the parameters", parameters::values);
            WeightAverage average = new WeightAverage(rows);
            assertRefused(average, "the average", () -> average.update(rows, 0.5));
        }
    }

    @Test
    void whatHasAPlaceInAFileIsRefusedToo() throws Exception {
        Path file = TinyNetwork.save(folder.resolve("tiny.safetensors"));
        Path arrays = folder.resolve("arrays.npz");
        try (Scope scope = Scope.open()) {
            Tensor rows = Tensors.zeros(DType.F32, 3, 2);
            NpzWriter.write(arrays, Map.of("a", rows), Compression.STORED);
            try (NpzFile npz = NpzFile.open(arrays)) {
                NpyReader reader = npz.array("a");
                assertRefused(reader, "array 'a'", () -> reader.next(1));
            }
            NpzFile closed = NpzFile.open(arrays);
            NpyReader reader = closed.array("a");
            assertRefused(closed, arrays.toString(), () -> closed.read("a", 100));
            assertThatThrownBy(() -> reader.next(1)).isInstanceOf(IllegalStateException.class);
            NpzWriter writer = NpzWriter.create(folder.resolve("written.npz"), Compression.STORED);
            AtomicInteger number = new AtomicInteger();
            assertRefused(
                    writer,
                    "the writer of " + folder.resolve("written.npz"),
                    () -> writer.add("a" + number.incrementAndGet(), rows));
            ImageSource images = FolderImages.of(folder, List.of(), List.of());
            assertRefused(images, "the source of images " + folder, () -> images.next(1));
            try (SitFile sit = SitFile.open(file, Weights.EMA);
                    Sit network = sit.load(DType.F32)) {
                Path copy = folder.resolve("copy.safetensors");
                SitDraft draft = SitDraft.write(copy, null, sit.description(), network);
                assertRefused(draft, "the draft of " + copy, draft::file);
            }
        }
    }

    @Test
    void processesThatHaveLeftAreRefusedToo() throws Exception {
        MeetingPoint point = MeetingPoint.openHere();
        assertRefused(point, "the meeting point", point::address);
        ProcessGroup group = ProcessGroup.single(ComputeDevice.CPU);
        assertRefused(group, "the process group", () -> group.sum(1.0));
    }

    /** Without a guard this ends the process, or throws whatever. */
    @Test
    void threadsThatUseAndCloseMeetNothingButRefusals() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            ImageGenerator generator = generator();
            AtomicInteger made = new AtomicInteger();
            CountDownLatch started = new CountDownLatch(3);
            List<String> ends = new CopyOnWriteArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread thread = new Thread(() -> ends.add(useUntilClosed(generator, made, started)));
                thread.start();
                threads.add(thread);
            }
            started.await();
            Thread other = new Thread(generator::close);
            other.start();
            generator.close();
            other.join();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(ends)
                    .containsExactly(
                            "the image generator is closed",
                            "the image generator is closed",
                            "the image generator is closed");
            assertThat(made.get()).isGreaterThanOrEqualTo(3);
        }
    }

    private static String useUntilClosed(ImageGenerator generator, AtomicInteger made, CountDownLatch started) {
        try {
            while (true) {
                generator.generate(REQUEST, generator.plan(SETTINGS), GenerationObserver.NONE);
                made.incrementAndGet();
                started.countDown();
            }
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            return e.toString();
        }
    }

    @Test
    void anObserverCannotCloseWhatCallsIt() {
        try (ImageGenerator generator = generator()) {
            assertThatThrownBy(() ->
                            generator.generate(REQUEST, generator.plan(SETTINGS), (step, soFar) -> generator.close()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the image generator is closed by the thread that is using it");
            assertThat(generator
                            .generate(REQUEST, generator.plan(SETTINGS), GenerationObserver.NONE)
                            .pictures())
                    .hasSize(1);
        }
    }

    @Test
    void anInterruptEndsAGenerationBetweenSteps() {
        AtomicInteger steps = new AtomicInteger();
        try (ImageGenerator generator = generator()) {
            assertThatThrownBy(() -> generator.generate(REQUEST, generator.plan(SETTINGS), (step, soFar) -> {
                        if (steps.incrementAndGet() == 2) {
                            Thread.currentThread().interrupt();
                        }
                    }))
                    .isInstanceOf(CancellationException.class);
            assertThat(steps).hasValue(2);
            assertThat(Thread.interrupted()).as("the thread stays interrupted").isTrue();
            assertThat(generator
                            .generate(REQUEST, generator.plan(SETTINGS), GenerationObserver.NONE)
                            .pictures())
                    .hasSize(1);
        }
    }

    private static ImageGenerator generator() {
        return new ImageGenerator(
                TinyNetwork.create(TinyNetwork.config(1)),
                TinyNetwork.CLASSES,
                Transport.LINEAR_VELOCITY,
                new PixelCodec());
    }

    private static void forward(Sit sit) {
        try (Scope scope = Scope.open()) {
            sit.forward(Tensors.zeros(DType.F32, 1, 1, 8, 8), Tensors.full(0.5, 1), Tensors.of(new long[] {0}, 1));
        }
    }
}
