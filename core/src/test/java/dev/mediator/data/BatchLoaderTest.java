package dev.mediator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mediator.tensor.Cancellation;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Shapes;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class BatchLoaderTest {
    private static final LoaderConfig CONFIG = LoaderConfig.of(11, true, 32);

    @Test
    void batchesFollowTheSampleOrderAcrossEpochs() throws IOException {
        ImageDataset data = Excerpt.config().open();
        SampleOrder order = new SampleOrder(11, data.size(), true);
        try (BatchLoader loader = new BatchLoader(data, CONFIG, 0)) {
            for (long position = 0; position < 640; position += 32) {
                assertThat(loader.position()).isEqualTo(position);
                assertThat(loader.epoch()).isEqualTo(position / 200);
                Batch batch = loader.next();
                assertThat(batch.position()).isEqualTo(position);
                assertThat(batch.size()).isEqualTo(32);
                for (int i = 0; i < 32; i++) {
                    int index = order.index(position + i);
                    assertThat(batch.classes()[i]).isEqualTo(data.label(index));
                    assertThat(image(batch, i)).isEqualTo(data.load(index, order.isFlipped(position + i)));
                }
            }
        }
    }

    @Test
    void anyNumberOfWorkersYieldsTheSameBatches() throws IOException {
        ImageDataset data = new Delayed(Excerpt.config().open());
        List<Batch> sequential = take(data, CONFIG.withWorkers(0), 0, 20);
        for (int workers : new int[] {1, 2, 5}) {
            assertSame(take(data, CONFIG.withWorkers(workers), 0, 20), sequential);
        }
    }

    @Test
    void aRunResumedInMidEpochSeesTheSameBatches() throws IOException {
        ImageDataset data = Excerpt.config().open();
        List<Batch> uninterrupted = take(data, CONFIG, 0, 20);
        long saved;
        try (BatchLoader loader = new BatchLoader(data, CONFIG, 0)) {
            for (int i = 0; i < 9; i++) {
                loader.next();
            }
            saved = loader.position();
        }
        assertThat(saved).isEqualTo(9 * 32);
        assertSame(take(Excerpt.config().open(), CONFIG, saved, 11), uninterrupted.subList(9, 20));
    }

    @Test
    void shardsTogetherMakeUpTheBatchesOfOneProcess() throws IOException {
        ImageDataset data = Excerpt.config().open();
        List<Batch> whole = take(data, CONFIG, 0, 10);
        List<Batch> left = take(data, CONFIG.withShard(0, 2), 0, 10);
        List<Batch> right = take(data, CONFIG.withShard(1, 2), 0, 10);
        for (int b = 0; b < 10; b++) {
            for (int i = 0; i < 16; i++) {
                assertThat(image(left.get(b), i)).isEqualTo(image(whole.get(b), i));
                assertThat(image(right.get(b), i)).isEqualTo(image(whole.get(b), 16 + i));
            }
            assertThat(right.get(b).position()).isEqualTo(whole.get(b).position() + 16);
        }
    }

    @Test
    void tensorsHaveTheShapesOfABatch() throws IOException {
        Engine.start();
        try (Scope scope = Scope.open();
                BatchLoader loader = new BatchLoader(Excerpt.config().open(), CONFIG, 0)) {
            Batch batch = loader.next();
            Tensor images = batch.images();
            Tensor labels = batch.labels();
            assertThat(Shapes.of(images)).containsExactly(32, 1, 32, 32);
            assertThat(images.scalar_type().intern()).isEqualTo(DType.F32.scalarType());
            assertThat(Tensors.floats(images)).isEqualTo(batch.pixels());
            assertThat(labels.scalar_type().intern()).isEqualTo(DType.I64.scalarType());
            assertThat(Tensors.longs(labels)).containsExactly(batch.classes());
        }
    }

    @Test
    void noMoreBatchesArePreparedThanAsked() throws Exception {
        AtomicInteger loads = new AtomicInteger();
        ImageDataset data = new Delegate(Excerpt.config().open()) {
            @Override
            public float[] load(int index, boolean flip) throws IOException {
                loads.incrementAndGet();
                return super.load(index, flip);
            }
        };
        try (BatchLoader loader = new BatchLoader(data, new LoaderConfig(0, false, 8, 0, 1, 2, 3), 0)) {
            loader.next();
            while (loads.get() < 8 + 3 * 8) {
                Thread.sleep(5);
            }
            Thread.sleep(50); // for one that prepares more
            assertThat(loads).hasValue(8 + 3 * 8);
        }
    }

    @Test
    void anUnreadableImageReachesTheConsumerAtItsPlace() throws IOException {
        ImageDataset data = Excerpt.config().open();
        int broken = new SampleOrder(11, data.size(), true).index(2 * 32 + 5);
        ImageDataset failing = new Delegate(data) {
            @Override
            public float[] load(int index, boolean flip) throws IOException {
                if (index == broken) {
                    throw new IOException("cat.png cannot be read");
                }
                return super.load(index, flip);
            }
        };
        for (int workers : new int[] {0, 2}) {
            try (BatchLoader loader = new BatchLoader(failing, CONFIG.withWorkers(workers), 0)) {
                loader.next();
                loader.next();
                for (int attempt = 0; attempt < 2; attempt++) {
                    assertThatIOException().isThrownBy(loader::next).withMessage("cat.png cannot be read");
                    assertThat(loader.position()).isEqualTo(64);
                }
            }
        }
    }

    @Test
    void closingStopsTheThreadsAndEndsTheStream() throws Exception {
        BatchLoader loader = new BatchLoader(new Delayed(Excerpt.config().open()), CONFIG.withWorkers(2), 0);
        loader.next();
        List<Thread> threads = loaderThreads();
        assertThat(threads).isNotEmpty().allMatch(Thread::isDaemon);
        loader.close();
        loader.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThatIllegalStateException().isThrownBy(loader::next).withMessageContaining("closed");
    }

    @Test
    void closingWakesAWaitingConsumer() throws Exception {
        BatchLoader loader = new BatchLoader(new Stuck(), CONFIG, 0);
        List<Throwable> thrown = new ArrayList<>();
        Thread consumer = new Thread(() -> {
            try {
                loader.next();
            } catch (IOException | RuntimeException e) {
                thrown.add(e);
            }
        });
        consumer.start();
        awaitWaiting(consumer);
        loader.close();
        consumer.join();
        assertThat(thrown).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInterruptOrACancellationEndsTheWaiting() throws Exception {
        Cancellation cancellation = new Cancellation();
        List<String> ends = new CopyOnWriteArrayList<>();
        Thread told = new Thread(() -> ends.add("told " + endOfWaiting(cancellation)));
        Thread interrupted = new Thread(() -> ends.add(
                endOfWaiting(new Cancellation()) + " " + Thread.currentThread().isInterrupted()));
        for (Thread consumer : List.of(told, interrupted)) {
            consumer.start();
            awaitWaiting(consumer);
        }
        cancellation.request();
        told.join();
        interrupted.interrupt();
        interrupted.join();
        assertThat(ends).containsExactly("told CancellationException at 0", "CancellationException at 0 true");
    }

    private static String endOfWaiting(Cancellation cancellation) {
        try (Cancellation.Listening listening = cancellation.listen();
                BatchLoader loader = new BatchLoader(new Stuck(), CONFIG, 0)) {
            try {
                loader.next();
                return "a batch";
            } catch (IOException | RuntimeException e) {
                return e.getClass().getSimpleName() + " at " + loader.position();
            }
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Other processes would wait for this one's part: it is fetched, and the interrupt kept. */
    @Test
    void aShardIsWaitedForAllTheSame() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<Boolean> interrupts = new CopyOnWriteArrayList<>();
        ImageDataset late = new Delegate(Excerpt.config().open()) {
            @Override
            public float[] load(int index, boolean flip) throws IOException {
                awaitUnless(go);
                return super.load(index, flip);
            }
        };
        Thread consumer = new Thread(() -> {
            try (BatchLoader loader = new BatchLoader(late, CONFIG.withShard(0, 2), 0)) {
                loader.next();
                interrupts.add(Thread.currentThread().isInterrupted());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        consumer.start();
        awaitWaiting(consumer);
        consumer.interrupt();
        go.countDown();
        consumer.join();
        assertThat(interrupts).containsExactly(true);
    }

    private static void awaitWaiting(Thread consumer) throws InterruptedException {
        while (consumer.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(5);
        }
    }

    private static void awaitUnless(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void wrongSettingsAreRefused() throws IOException {
        ImageDataset data = Excerpt.config().open();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchLoader(data, CONFIG, -1))
                .withMessageContaining("position is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoaderConfig.of(0, false, 0))
                .withMessageContaining("batchSize is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withShard(0, 3))
                .withMessageContaining("multiples of shardCount 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withShard(2, 2))
                .withMessageContaining("shard is 2, allowed are 0 to 1");
    }

    private static List<Batch> take(ImageDataset data, LoaderConfig config, long position, int count)
            throws IOException {
        List<Batch> batches = new ArrayList<>();
        try (BatchLoader loader = new BatchLoader(data, config, position)) {
            for (int i = 0; i < count; i++) {
                batches.add(loader.next());
            }
        }
        return batches;
    }

    private static void assertSame(List<Batch> found, List<Batch> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int b = 0; b < found.size(); b++) {
            assertThat(found.get(b).position()).isEqualTo(expected.get(b).position());
            assertThat(found.get(b).classes()).containsExactly(expected.get(b).classes());
            assertThat(found.get(b).pixels()).isEqualTo(expected.get(b).pixels());
        }
    }

    private static float[] image(Batch batch, int i) {
        int numel = batch.shape().numel();
        return Arrays.copyOfRange(batch.pixels(), i * numel, (i + 1) * numel);
    }

    private static List<Thread> loaderThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().equals("batch-loader"))
                .toList();
    }

    private static class Delegate implements ImageDataset {
        private final ImageDataset data;

        Delegate(ImageDataset data) {
            this.data = data;
        }

        @Override
        public int size() {
            return data.size();
        }

        @Override
        public List<String> classNames() {
            return data.classNames();
        }

        @Override
        public ImageShape shape() {
            return data.shape();
        }

        @Override
        public int label(int index) {
            return data.label(index);
        }

        @Override
        public float[] load(int index, boolean flip) throws IOException {
            return data.load(index, flip);
        }
    }

    /** Never gets an image. */
    private static final class Stuck extends Delegate {
        Stuck() throws IOException {
            super(Excerpt.config().open());
        }

        @Override
        public float[] load(int index, boolean flip) throws IOException {
            awaitUnless(new CountDownLatch(1));
            return super.load(index, flip);
        }
    }

    /** Takes longer for some images than for others, so that workers overtake each other. */
    private static final class Delayed extends Delegate {
        Delayed(ImageDataset data) {
            super(data);
        }

        @Override
        public float[] load(int index, boolean flip) throws IOException {
            if (index % 40 == 0) {
                try {
                    Thread.sleep(3);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            return super.load(index, flip);
        }
    }
}
