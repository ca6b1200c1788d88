package dev.mediator.parallel;

import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Engine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Threads that play the processes of a group. */
public final class Processes {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private Processes() {}

    /** What one of them does. */
    @FunctionalInterface
    public interface Work<R> {
        R run(ProcessGroup group) throws Exception;
    }

    /** Answers by rank; what the first of them throws is thrown. */
    public static <R> List<R> run(int size, Work<R> work) throws Exception {
        Engine.start(1);
        try (MeetingPoint point = MeetingPoint.openHere()) {
            Address address = point.address();
            List<CompletableFuture<R>> answers = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                Member member = new Member(rank, size);
                answers.add(async(() -> {
                    try (ProcessGroup group = member.isFirst()
                            ? point.gather(size, ComputeDevice.CPU, PATIENCE, Watch.NONE)
                            : MeetingPoint.join(address, member, ComputeDevice.CPU, PATIENCE)) {
                        return work.run(group);
                    }
                }));
            }
            List<R> results = new ArrayList<>();
            for (CompletableFuture<R> answer : answers) {
                results.add(answer.join());
            }
            return results;
        } catch (CompletionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** In a thread of its own. */
    public static <R> CompletableFuture<R> async(Callable<R> work) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                answer.complete(work.call());
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return answer;
    }
}
