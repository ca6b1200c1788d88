package dev.mediator.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.generation.Generation;
import dev.mediator.generation.Spent;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.StageTrace;
import dev.mediator.stepwise.StageTrace.Span;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Schedules side by side. */
class ScheduleTableTest {
    @Test
    void errorsSwitchesAndTheLineBetweenStaticSchedules() {
        Map<String, Generation> runs = new LinkedHashMap<>();
        runs.put("static:4", run(100, new float[] {0, 8}, new float[] {0, 7}, List.of(), List.of()));
        runs.put("static:full", run(200, new float[] {0, 10}, new float[] {0, 10}, List.of(), List.of()));
        runs.put("budget:0.9", run(150, new float[] {0, 9.5f}, new float[] {0, 9.5f}, List.of(3, 7), List.of(5)));

        ScheduleTable table = ScheduleTable.of(runs, List.of("static:4", "static:full"), "static:4");

        assertThat(table.references()).containsExactly("static:4", "static:full");
        ScheduleTable.Row few = table.rows().get(0);
        ScheduleTable.Row budget = table.rows().get(2);
        Average error = Objects.requireNonNull(few.errors().get("static:full"));
        assertThat(error.mean()).isCloseTo(0.25, within(1e-9)); // of 0.2 and 0.3
        assertThat(error.standardError()).isCloseTo(0.05, within(1e-9));
        assertThat(error.deviation()).isCloseTo(Math.sqrt(0.005), within(1e-9));
        assertThat(few.isStatic()).isTrue();
        assertThat(few.staticLine()).isEqualTo(error.mean());
        assertThat(budget.isStatic()).isFalse();
        assertThat(budget.staticLine()).isCloseTo(0.125, within(1e-9));
        assertThat(budget.gflops()).isCloseTo(150e-9, within(1e-15));
        assertThat(budget.share()).isCloseTo(0.75, within(1e-12));
        assertThat(budget.switchSteps()).extracting(Average::mean).containsExactly(4.0, 7.0);
    }

    private static Generation run(long macs, float[] first, float[] second, List<Integer> one, List<Integer> other) {
        return new Generation(
                List.of(first, second), List.of(), List.of(trace(macs, one), trace(macs, other)), Spent.NOTHING);
    }

    private static StageTrace trace(long macs, List<Integer> switches) {
        return new StageTrace(List.of(new Span(MediatorCount.FULL, 10)), switches, List.of(), 2, macs, 200);
    }
}
