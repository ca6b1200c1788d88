package dev.mediator.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
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
        assertThat(ended.await(300, TimeUnit.MILLISECONDS)).isFalse();
        interruption.jobEnded();
        assertThat(ended.await(300, TimeUnit.MILLISECONDS))
                .as("the command still cleans up")
                .isFalse();
        interruption.commandEnded();

        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void withoutAJobItEndsAtOnce() {
        Interruption interruption = new Interruption(Duration.ofMinutes(5));
        interruption.commandStarted();

        interruption.request(); // would run into the timeout if it waited
    }

    @Test
    void aStepThatTakesTooLongIsNotWaitedFor() {
        Interruption interruption = new Interruption(Duration.ofMillis(50));
        interruption.commandStarted();
        interruption.jobStarted();

        interruption.request(); // would run into the timeout if it waited
    }
}
