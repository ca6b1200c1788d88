package dev.mediator.app.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(shown, true, StandardCharsets.UTF_8);
    private final Interruption interruption = new Interruption(Duration.ZERO);
    private long nanos;

    @Test
    void withoutATerminalALineEveryTenSecondsAndOneAtTheEnd() {
        try (Progress progress = progress(new LineDisplay(err, "sampling", 40, "images"))) {
            for (int i = 0; i < 40; i++) {
                nanos += 1_000_000_000L;
                progress.detail("loss 0." + i);
                progress.step(1);
            }
        }

        assertThat(lines())
                .containsExactly(
                        "sampling: 10/40 images (25 %), 10 s, about 30 s left, loss 0.9",
                        "sampling: 20/40 images (50 %), 20 s, about 20 s left, loss 0.19",
                        "sampling: 30/40 images (75 %), 30 s, about 10 s left, loss 0.29",
                        "sampling: 40/40 images (100 %), 40 s, loss 0.39");
    }

    @Test
    void shortJobsShowNothing() {
        try (Progress progress = progress(new LineDisplay(err, "reading", 2, "files"))) {
            progress.step(1);
            nanos += 1_900_000_000L;
            progress.step(1);
        }

        assertThat(lines()).isEmpty();
    }

    @Test
    void aLongFirstStepIsShownAtZero() {
        try (Progress progress = progress(new LineDisplay(err, "sampling", 40, "images"))) {
            nanos += 8_000_000_000L;
            progress.begin();
            nanos += 9_000_000_000L;
            progress.step(1);
            nanos += 1_000_000_000L;
            progress.step(1);
        }

        assertThat(lines())
                .containsExactly(
                        "sampling: 0/40 images (0 %), 8 s", "sampling: 2/40 images (5 %), 18 s, about 5 min 42 s left");
    }

    @Test
    void whatHasEndedOrIsShownAlreadyIsNotShownAtZero() {
        Progress ended = progress(new LineDisplay(err, "reading", 2, "files"));
        ended.close();
        ended.begin();
        try (Progress shownAlready = progress(new LineDisplay(err, "sampling", 40, "images"))) {
            nanos += 12_000_000_000L;
            shownAlready.step(1);
            shownAlready.begin();
        }

        assertThat(lines()).containsExactly("sampling: 1/40 images (2 %), 12 s, about 7 min 48 s left");
    }

    @Test
    void whoPreparesForLongSaysSoOnce() {
        Console.Preparing preparing = new Console.Preparing(() -> err.println("preparing"));
        preparing.tell();
        preparing.close();
        preparing.tell();

        assertThat(lines()).containsExactly("preparing");
    }

    @Test
    void onATerminalItIsABarWithTheTimeLeft() {
        try (Progress progress = progress(new BarDisplay(err, new Terminal(100), "sampling", 40, "images"))) {
            nanos += 10_000_000_000L;
            progress.step(10);
            progress.step(10);
        }

        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("sampling", "50%", "20/40 images");
    }

    @Test
    void durationsReadAsPeopleSayThem() {
        assertThat(LineDisplay.duration(41.6)).isEqualTo("42 s");
        assertThat(LineDisplay.duration(200)).isEqualTo("3 min 20 s");
        assertThat(LineDisplay.duration(7500)).isEqualTo("2 h 05 min");
    }

    @Test
    void anInterruptedJobEndsAtItsNextStep() {
        try (Progress progress = progress(new LineDisplay(err, "training", 100, "steps"))) {
            progress.step(1);
            interruption.request();

            assertThatThrownBy(() -> progress.step(1)).isInstanceOf(CancellationException.class);
        }
    }

    private Progress progress(ProgressDisplay display) {
        return new Progress("job", 40, "steps", () -> nanos, display, interruption);
    }

    private String[] lines() {
        return shown.toString(StandardCharsets.UTF_8).lines().toArray(String[]::new);
    }
}
