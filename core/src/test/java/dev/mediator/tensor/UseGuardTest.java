package dev.mediator.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class UseGuardTest {
    private final UseGuard guard = new UseGuard("the thing");
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Test
    void closingTwiceFreesOnceAndUsesAreRefusedByName() {
        guard.close(() -> events.add("freed"));
        guard.close(() -> events.add("freed again"));

        assertThat(events).containsExactly("freed");
        assertThatThrownBy(guard::use).isInstanceOf(IllegalStateException.class).hasMessage("the thing is closed");
    }

    @Test
    void aUseEndedTwiceLeavesTheOneAroundItOpen() {
        try (UseGuard.Use outer = guard.use()) {
            UseGuard.Use inner = guard.use();
            inner.close();
            inner.close();
            assertThatThrownBy(() -> guard.close(() -> events.add("freed"))).isInstanceOf(IllegalStateException.class);
        }
        assertThat(events).isEmpty();
    }

    @Test
    void usesNestAndWhoeverUsesCannotClose() {
        try (UseGuard.Use outer = guard.use();
                UseGuard.Use inner = guard.use()) {
            assertThatThrownBy(() -> guard.close(() -> events.add("freed")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the thing is closed by the thread that is using it");
        }
        assertThat(events).isEmpty();
        guard.close(() -> events.add("freed"));
        assertThat(events).containsExactly("freed");
    }

    @Test
    void closingWaitsForTheUseOfAnotherThread() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        Thread user = new Thread(() -> {
            try (UseGuard.Use use = guard.use()) {
                begun.countDown();
                closing.await();
                events.add("used");
            } catch (InterruptedException e) {
                events.add("interrupted");
            }
        });
        user.start();
        begun.await();
        closing.countDown();
        guard.close(() -> events.add("freed"));
        user.join();

        assertThat(events).containsExactly("used", "freed");
    }
}
