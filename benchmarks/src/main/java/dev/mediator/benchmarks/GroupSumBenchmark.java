package dev.mediator.benchmarks;

import dev.mediator.parallel.Address;
import dev.mediator.parallel.LostProcessException;
import dev.mediator.parallel.MeetingPoint;
import dev.mediator.parallel.Member;
import dev.mediator.parallel.ProcessGroup;
import dev.mediator.parallel.Watch;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.time.Duration;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What two processes of a shared training tell each other, over this machine's loopback; a thread plays the second. */
public class GroupSumBenchmark extends InnerBenchmark {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Number of weights; SiT-S has 33 million. */
    @Param({"1000000", "33000000"})
    int parameters;

    private KeptTensors kept;
    private Tensor gradients;
    private ProcessGroup group;

    /** Joins the two. */
    @Setup
    public void join() throws IOException {
        kept = new KeptTensors(DType.F32);
        gradients = kept.normal(parameters);
        try (MeetingPoint point = MeetingPoint.openHere()) {
            Address address = point.address();
            Thread second = new Thread(() -> takePart(address), "second process");
            second.setDaemon(true);
            second.start();
            group = point.gather(2, ComputeDevice.CPU, PATIENCE, Watch.NONE);
        }
    }

    private void takePart(Address address) {
        try (ProcessGroup other = MeetingPoint.join(address, new Member(1, 2), ComputeDevice.CPU, PATIENCE);
                Scope scope = Scope.open()) {
            Tensor tensor = Tensors.zeros(DType.F32, parameters);
            while (other.sum(1)[0] > 0) { // what the first says is next
                other.sum(tensor);
            }
        } catch (LostProcessException e) {
            // the measurement is over
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the second one, too. */
    @TearDown
    public void leave() {
        group.close();
        kept.close();
    }

    /** The exchange of an update: its loss, and the gradient. */
    @Benchmark
    public double sum() throws IOException {
        double loss = group.sum(1)[0];
        group.sum(gradients);
        return loss;
    }
}
