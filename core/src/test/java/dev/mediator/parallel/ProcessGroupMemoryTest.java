package dev.mediator.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mediator.process.LoopBody;
import dev.mediator.process.NativeGrowth;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ProcessGroupMemoryTest {
    private static final int EXCHANGES = 500;

    @Test
    void exchangesLeaveNoTensorBehind() throws Exception {
        // The other process, a thread of the same Java process, is somewhere in an exchange at both counts.
        assertThat(NativeGrowth.of(Exchanges.class, 50, EXCHANGES)).isLessThan(EXCHANGES / 2);
    }

    /** What an update exchanges, and more, between two processes played by threads. */
    public static final class Exchanges implements LoopBody {
        private static final Duration PATIENCE = Duration.ofMinutes(10);
        private final ProcessGroup group;
        private final CompletableFuture<String> other;

        public Exchanges() throws IOException {
            try (MeetingPoint point = MeetingPoint.openHere()) {
                Address address = point.address();
                other = Processes.async(() -> exchangeForEver(address));
                group = point.gather(2, ComputeDevice.CPU, PATIENCE, Watch.NONE);
            }
        }

        /** Until the first one leaves. */
        private static String exchangeForEver(Address address) throws IOException {
            try (ProcessGroup group = MeetingPoint.join(address, new Member(1, 2), ComputeDevice.CPU, PATIENCE)) {
                while (true) {
                    exchange(group);
                }
            } catch (LostProcessException e) {
                return String.valueOf(e.getMessage());
            }
        }

        @Override
        public void step() throws Exception {
            exchange(group);
        }

        private static void exchange(ProcessGroup group) throws LostProcessException {
            try (Scope scope = Scope.open()) {
                Tensor tensor = Tensors.full(1e-3, 300_000);
                group.sum(1, 2);
                group.sum(tensor);
                group.fromFirst(0.5);
                group.broadcast(tensor);
            }
        }

        @Override
        public void close() {
            group.close();
            assertThat(other.join()).startsWith("process 0 of 2 has gone");
        }
    }
}
