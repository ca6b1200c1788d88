package dev.mediator.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.mediator.codec.AutoencoderConfig;
import dev.mediator.tensor.DType;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AutoencoderPassesTest {
    @Test
    void fourTimesThePixelsAreFourTimesTheConvolutions() throws IOException {
        AutoencoderConfig config = new AutoencoderConfig(1, 1, 4, List.of(8, 8), 1, 4, 8, 1);
        List<Subject> subjects =
                List.of(new AutoencoderPasses(config, Placement.cpu(DType.F32), List.of(8, 16), List.of(16)));
        AtomicInteger steps = new AtomicInteger();

        List<Row> rows = Meter.measure(
                new Linear("small", 4, 8, 16, Placement.cpu(DType.F32)), subjects, new Runs(5, 0), steps::addAndGet);

        assertThat(rows).extracting(Row::work).containsExactly("small", "encode 8×8", "encode 16×16", "decode 16×16");
        assertThat(rows.get(0).gmacs()).isEqualTo(4 * 8 * 16 / 1e9);
        // attention in the middle costs more than four times as much
        assertThat(rows.get(2).gmacs() / rows.get(1).gmacs()).isBetween(4.0, 4.6);
        assertThat(rows.get(3).imagesPerSecond()).isCloseTo(1e3 / rows.get(3).millis(), withPercentage(0.001));
        assertThat((long) steps.get()).isEqualTo(Meter.steps(subjects, new Runs(5, 0)));
    }
}
