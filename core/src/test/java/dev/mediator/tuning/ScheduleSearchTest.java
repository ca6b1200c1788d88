package dev.mediator.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.RunSetup;
import dev.mediator.stepwise.StageCosts;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.RandomStream;
import dev.mediator.transport.Transport;
import dev.mediator.tuning.ScheduleSearch.Candidate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Prediction and search, against sums written out. */
class ScheduleSearchTest {
    private static final MediatorCount FEW = new MediatorCount(4);
    private static final MediatorCount MANY = new MediatorCount(16);
    private static final StageCosts COSTS = new StageCosts(Map.of(FEW, 60L, MANY, 80L, MediatorCount.FULL, 100L));
    private static final int STEPS = 6;
    private static final int WIDTH = 5;
    private static final List<Double> GAINS = List.of(2.0, 1.0, 0.5);

    @BeforeAll
    static void start() {
        Engine.start();
    }

    @Test
    void predictionIsTheWeightedSumOfVectors() {
        float[] latents = random(99, WIDTH);
        float[][] vectors = vectors();
        LocalErrors errors = LocalErrors.of(STEPS, List.of(FEW, MANY), List.<float[][]>of(vectors), List.of(latents))
                .withGains(GAINS);

        double[] sum = new double[WIDTH];
        for (int step = 0; step < STEPS; step++) {
            int row = step < 2 ? step : step < 5 ? STEPS + step : -1; // 4, 4, 16, 16, 16, full
            for (int p = 0; row >= 0 && p < WIDTH; p++) {
                sum[p] += GAINS.get(step / 2) * vectors[row][p];
            }
        }
        assertThat(errors.prediction().error(new int[] {0, 2}, 2, 5))
                .isCloseTo(norm(sum) / norm(latents), within(1e-6));
        assertThat(errors.prediction().error(new int[] {0, 0}, 0, 0)).isZero();
    }

    @Test
    void theFrontHoldsTheBestOfAllSchedules() {
        LocalErrors errors =
                LocalErrors.of(STEPS, List.of(FEW, MANY), List.<float[][]>of(vectors()), List.of(random(99, WIDTH)));
        RunSetup plan = new RunSetup(
                TinyGenerator.midpoint(STEPS + 1), new Guidance(2, 0, 0.3, 1), Transport.LINEAR_VELOCITY, COSTS);
        List<Candidate> front = new ScheduleSearch(plan, errors, 0).front();

        assertThat(front).hasSizeGreaterThan(4);
        for (int i = 1; i < front.size(); i++) {
            assertThat(front.get(i).gflops()).isGreaterThan(front.get(i - 1).gflops());
            assertThat(front.get(i).error()).isLessThan(front.get(i - 1).error());
        }
        assertThat(front.get(0).schedule()).hasToString("static:4");
        assertThat(front.get(front.size() - 1).schedule()).hasToString("static:full");
        assertThat(front).allSatisfy(c -> assertThat(
                        RunPlan.of(plan, c.schedule()).cost().most() / 1e9)
                .isCloseTo(c.gflops(), within(1e-15)));
        for (int a = 0; a <= STEPS; a++) {
            for (int b = a; b <= STEPS; b++) {
                double rising = errors.prediction().error(new int[] {0, a}, a, b);
                double falling = errors.prediction().error(new int[] {b, a}, STEPS, b);
                assertNoneBetter(front, rising, cost(plan, a, b - a, STEPS - b, false));
                assertNoneBetter(front, falling, cost(plan, STEPS - b, b - a, a, true));
            }
        }
    }

    @Test
    void theErrorOfFewerStepsIsAddedInQuadrature() {
        LocalErrors errors =
                LocalErrors.of(STEPS, List.of(FEW, MANY), List.<float[][]>of(vectors()), List.of(random(99, WIDTH)));
        RunSetup plan =
                new RunSetup(TinyGenerator.midpoint(STEPS + 1), Guidance.NONE, Transport.LINEAR_VELOCITY, COSTS);
        double alone = new ScheduleSearch(plan, errors, 0).single(FEW).error();
        Candidate more = new ScheduleSearch(plan, errors, 0.4).single(FEW);

        assertThat(more.error()).isCloseTo(Math.hypot(0.4, alone), within(1e-12));
        assertThat(new ScheduleSearch(plan, errors, 0.4)
                        .single(MediatorCount.FULL)
                        .error())
                .isEqualTo(0.4);
    }

    /** Nine counts and fifty segments have 3.8 billion schedules. */
    @Test
    void countsChangeAtFewerPlacesWhereThereWouldBeTooManySchedules() {
        assertThat(ScheduleSearch.candidates(4, 50)).isEqualTo(2 * 23_426.0);
        assertThat(ScheduleSearch.candidates(9, 50)).isCloseTo(3.83e9, within(1e7));
        for (int counts = 2; counts <= 7; counts++) {
            assertThat(ScheduleSearch.stride(counts, 50, ScheduleSearch.MOST)).isEqualTo(1);
        }
        for (int counts = 8; counts <= 200; counts++) {
            int stride = ScheduleSearch.stride(counts, 50, ScheduleSearch.MOST);
            assertThat(stride).isBetween(2, 50);
            assertThat(ScheduleSearch.candidates(counts, (50 + stride - 1) / stride))
                    .isLessThanOrEqualTo(ScheduleSearch.MOST);
        }
    }

    @Test
    void aCoarserSearchFindsSomeOfTheSameSchedules() {
        LocalErrors errors =
                LocalErrors.of(STEPS, List.of(FEW, MANY), List.<float[][]>of(vectors()), List.of(random(99, WIDTH)));
        RunSetup plan =
                new RunSetup(TinyGenerator.midpoint(STEPS + 1), Guidance.NONE, Transport.LINEAR_VELOCITY, COSTS);
        List<Candidate> whole = new ScheduleSearch(plan, errors, 0).front();
        List<Candidate> coarse = new ScheduleSearch(plan, errors, 0, 12).front(); // changes after the third step only

        assertThat(coarse).hasSizeLessThan(whole.size());
        assertThat(coarse.get(0).schedule()).hasToString("static:4");
        assertThat(coarse.get(coarse.size() - 1).schedule()).hasToString("static:full");
        for (Candidate candidate : coarse) {
            assertThat(candidate.schedule().toString()).matches("static:\\w+|fixed:\\w+@0\\.5,\\w+");
            assertNoneBetter(whole, candidate.error(), candidate.gflops());
        }
    }

    @Test
    void manyStepsAreTakenTogether() {
        int[] ends = LocalErrors.ends(250);

        assertThat(ends).hasSize(50).endsWith(245, 250).startsWith(5, 10);
        assertThat(LocalErrors.ends(7)).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(LocalErrors.ends(99)).hasSize(50).endsWith(99).isSorted().doesNotHaveDuplicates();
    }

    /** Nothing that costs at most this much less a bucket's width is worse than this. */
    private static void assertNoneBetter(List<Candidate> front, double error, double gflops) {
        assertThat(front).anySatisfy(c -> {
            assertThat(c.gflops()).isLessThanOrEqualTo(gflops * (1 + 2e-3));
            assertThat(c.error()).isLessThanOrEqualTo(error + 1e-12);
        });
    }

    private static double cost(RunSetup plan, int few, int many, int full, boolean falling) {
        int[] passes = plan.passes();
        double macs = 0;
        for (int step = 0; step < STEPS; step++) {
            int from = falling ? STEPS - 1 - step : step;
            macs += passes[step] * (from < few ? 60 : from < few + many ? 80 : 100);
        }
        assertThat(few + many + full).isEqualTo(STEPS);
        return macs / 1e9;
    }

    private static float[][] vectors() {
        float[][] vectors = new float[2 * STEPS][];
        for (int row = 0; row < vectors.length; row++) {
            vectors[row] = random(row, WIDTH);
        }
        return vectors;
    }

    private static float[] random(int seed, int count) {
        return new RandomStream(seed, 0).normals(0, count);
    }

    private static double norm(float... x) {
        double sum = 0;
        for (float v : x) {
            sum += (double) v * v;
        }
        return Math.sqrt(sum);
    }

    private static double norm(double... x) {
        return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    }
}
