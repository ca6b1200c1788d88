package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InterruptionTest {
    @Test
    void theProcessWaitsForTheCommandOfARunningJob() throws InterruptedException {
        Interruption interruption = new Interruption(Duration.ofMinutes(5));
        interruption.commandStarted();
        interruption.jobStarted();
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            interruption.request();
            ended.countDown();
        });

        hook.start();
        while (hook.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(5);
        }
        interruption.jobEnded();
        assertThat(ended.await(300, TimeUnit.MILLISECONDS))
                .as("the command still cleans up")
                .isFalse();
        interruption.commandEnded();

        ended.await();
    }

    @Test
    void withoutAJobItEndsAtOnce() {
        Interruption interruption = new Interruption(Duration.ofMinutes(5));
        interruption.commandStarted();

        interruption.request(); // would hang if it waited
    }

    @Test
    void aStepThatTakesTooLongIsNotWaitedFor() {
        Interruption interruption = new Interruption(Duration.ofMillis(50));
        interruption.commandStarted();
        interruption.jobStarted();

        interruption.request(); // would hang if it waited for the job
    }
}
