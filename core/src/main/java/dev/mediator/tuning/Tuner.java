package dev.mediator.tuning;

import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.Guidance;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.stepwise.FixedSchedule;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds schedules for a network, and measures them. First {@link #calibrate}, then {@link #measure}, which may be ended by
 * an exception of its listener: what was measured by then stays.
 *
 * <p>For one thread at a time.
 */
public final class Tuner {
    /** Parts of the way whose gain is measured, each by one run. */
    public static final int PARTS = 4;

    private final ImageGenerator generator;
    private final List<SamplingChoice> choices;
    private final List<ImageRequest> calibration;
    private final List<ImageRequest> all; // calibration, then held out
    private final int batch;
    private final Runnable onStep;
    private final List<Calibrated> calibrated = new ArrayList<>();
    private final List<TunedPoint> measured = new ArrayList<>();
    private List<Planned> planned = List.of();
    private @Nullable Generation reference; // once calibrated

    /**
     * A way of sampling that schedules are searched for.
     *
     * @param sampler a solver of fixed steps
     * @param guidance how strongly the class is followed, and when
     */
    public record SamplingChoice(SamplerConfig sampler, Guidance guidance) {}

    /**
     * What was learnt of a way of sampling.
     *
     * @param points of its sampler
     * @param guidanceInterval the times in which it is guided
     * @param base error of its costliest count against the reference
     * @param gains of equally long parts of the run: how much of what is done wrong there is left at the end
     * @param localErrors by mediator count, of each part of the run, relative to the reference, without gain
     */
    public record Profile(
            int points,
            List<Double> guidanceInterval,
            double base,
            List<Double> gains,
            Map<String, List<Double>> localErrors) {}

    private record Calibrated(SamplingChoice choice, ScheduleSearch search, Profile profile) {}

    private record Planned(SamplingChoice choice, ScheduleSearch.Candidate candidate) {}

    /**
     * A tuner.
     *
     * @param choices the first is the reference's: most steps, guided most
     * @param calibration images that schedules are chosen by
     * @param heldOut images that are measured besides; may be empty
     * @param batch images made together
     * @param onStep told of each step of each batch; throwing ends the work
     * @throws IllegalArgumentException if the choices cannot be compared, or the network serves one count only
     */
    public Tuner(
            ImageGenerator generator,
            List<SamplingChoice> choices,
            List<ImageRequest> calibration,
            List<ImageRequest> heldOut,
            int batch,
            Runnable onStep) {
        if (choices.stream()
                                .map(choice -> choice.sampler().plannedSteps())
                                .distinct()
                                .count()
                        > 1
                && choices.get(0).sampler().isStochastic()) {
            throw new IllegalArgumentException("runs of an SDE with other numbers of points get other noise, which"
                    + " cannot be compared; allowed for several numbers of points is an ODE");
        }
        if (generator.costs().counts().size() < 2) {
            throw new IllegalArgumentException("the network serves "
                    + generator.costs().counts() + ", allowed for tuning is one of two or more mediator counts");
        }
        this.generator = generator;
        this.choices = List.copyOf(choices);
        this.calibration = List.copyOf(calibration);
        this.all = Stream.concat(calibration.stream(), heldOut.stream()).toList();
        this.batch = batch;
        this.onStep = onStep;
        choices.forEach(this::reference); // checks them
    }

    private MediatorCount costliest() {
        List<MediatorCount> counts = generator.costs().counts();
        return counts.get(counts.size() - 1);
    }

    /** The run through the costliest count. */
    private RunPlan reference(SamplingChoice choice) {
        return plan(choice, new StaticSchedule(costliest()));
    }

    private RunPlan plan(SamplingChoice choice, Schedule schedule) {
        return generator.plan(new GenerationSettings(choice.sampler(), choice.guidance(), schedule));
    }

    private Generation make(List<ImageRequest> requests, RunPlan plan) {
        return generator.generate(requests, plan, batch, (step, soFar) -> onStep.run());
    }

    /** Multiply-adds of an image of the reference in 10⁹. */
    public double referenceGflops() {
        return reference(choices.get(0)).cost().most() / 1e9;
    }

    /** The share of the reference's cost that the cheapest schedule has. */
    public double cheapestShare() {
        return choices.stream()
                .mapToDouble(choice -> plan(
                                        choice,
                                        new StaticSchedule(
                                                generator.costs().counts().get(0)))
                                .cost()
                                .most()
                        / (1e9 * referenceGflops()))
                .min()
                .orElseThrow();
    }

    /** How often the listener is told while calibrating. */
    public long calibrationSteps() {
        return choices.stream()
                        .mapToLong(choice -> steps(choice) * ((PARTS + 1L) * batches(calibration.size())))
                        .sum()
                + steps(choices.get(0)) * (long) batches(all.size() - calibration.size());
    }

    /** How often the listener will be told while measuring. */
    public long measuringSteps() {
        return planned.stream()
                .mapToLong(point -> steps(point.choice()) * (long) batches(all.size()))
                .sum();
    }

    private static int steps(SamplingChoice choice) {
        return choice.sampler().plannedSteps().orElseThrow();
    }

    private int batches(int images) {
        return (images + batch - 1) / batch;
    }

    /**
     * Runs the reference, evaluates the cheaper counts along it, and chooses what to measure: all static schedules, and the
     * best by prediction.
     *
     * @param schedules how many of the best, spread over the costs
     * @param budgets shares of the reference's cost; the best within each is measured too
     */
    public void calibrate(int schedules, List<Double> budgets) {
        Generation first = calibrate(choices.get(0), null);
        for (SamplingChoice choice : choices.subList(1, choices.size())) {
            calibrate(choice, first);
        }
        reference = all.size() == calibration.size() ? first : joined(first);
        planned = choose(schedules, budgets);
    }

    private Generation joined(Generation first) {
        return first.plus(make(all.subList(calibration.size(), all.size()), reference(choices.get(0))));
    }

    /** @param first the reference, null if this is it */
    private Generation calibrate(SamplingChoice choice, @Nullable Generation first) {
        List<MediatorCount> cheaper =
                generator.costs().counts().subList(0, generator.costs().counts().size() - 1);
        RunPlan plan = reference(choice);
        Fidelity.requireComparable(choice.sampler());
        LocalErrorRecorder recorder = new LocalErrorRecorder(generator, plan, cheaper, onStep);
        Generation own = recorder.run(calibration, plan, batch);
        LocalErrors local = recorder.measured(own);
        List<Double> gains = gains(choice, local, own);
        double base = first == null ? 0 : rootMeanSquare(Fidelity.LATENT.errors(own, first));
        Profile profile = new Profile(choice.sampler().points(), interval(choice), base, gains, localErrors(local));
        calibrated.add(new Calibrated(choice, new ScheduleSearch(plan.setup(), local.withGains(gains), base), profile));
        return own;
    }

    /** One run for each part of the way from noise to picture, through the cheapest count there and the costliest elsewhere. */
    private List<Double> gains(SamplingChoice choice, LocalErrors local, Generation own) {
        List<Double> gains = new ArrayList<>();
        int parts = Math.min(PARTS, local.ends().length);
        for (int part = 0; part < parts; part++) {
            int from = local.partBegin(part, parts);
            int to = local.partBegin(part + 1, parts);
            MediatorCount cheapest = local.counts().get(0);
            FixedSchedule probe = FixedSchedule.ofSteps(
                    List.of(costliest(), cheapest, costliest()),
                    List.of(local.begin(from), local.begin(to)),
                    local.steps());
            Generation run = make(calibration, plan(choice, probe));
            double expected = local.prediction().error(0, from, to);
            double found = rootMeanSquare(Fidelity.LATENT.errors(run, own));
            gains.add(expected > 0 ? found / expected : 1);
        }
        return gains;
    }

    private static Map<String, List<Double>> localErrors(LocalErrors local) {
        Map<String, List<Double>> byCount = new LinkedHashMap<>();
        int parts = Math.min(PARTS, local.ends().length);
        for (int c = 0; c < local.counts().size(); c++) {
            List<Double> each = new ArrayList<>();
            for (int part = 0; part < parts; part++) {
                each.add(local.prediction().error(c, local.partBegin(part, parts), local.partBegin(part + 1, parts)));
            }
            byCount.put(local.counts().get(c).toString(), each);
        }
        return byCount;
    }

    private static double rootMeanSquare(double... errors) {
        return Math.sqrt(Arrays.stream(errors).map(e -> e * e).average().orElseThrow());
    }

    private static List<Double> interval(SamplingChoice choice) {
        return List.of(choice.guidance().tMin(), choice.guidance().tMax());
    }

    private List<Planned> choose(int schedules, List<Double> budgets) {
        List<Planned> front = front();
        List<Planned> chosen = new ArrayList<>();
        for (Calibrated each : calibrated) {
            generator
                    .costs()
                    .counts()
                    .forEach(count ->
                            chosen.add(new Planned(each.choice(), each.search().single(count))));
        }
        double least = front.get(0).candidate().gflops();
        double most = front.get(front.size() - 1).candidate().gflops();
        for (int i = 0; i < schedules; i++) {
            double target = least + (most - least) * (i + 1) / (schedules + 1);
            chosen.add(front.stream()
                    .min(Comparator.comparingDouble(
                            point -> Math.abs(point.candidate().gflops() - target)))
                    .orElseThrow());
        }
        for (double budget : budgets) {
            front.stream()
                    .filter(point -> point.candidate().gflops() <= budget * referenceGflops())
                    .max(Comparator.comparingDouble(point -> point.candidate().gflops()))
                    .ifPresent(chosen::add);
        }
        return chosen.stream()
                .distinct()
                .sorted(Comparator.comparingDouble(point -> point.candidate().gflops()))
                .toList();
    }

    private List<Planned> front() {
        List<Planned> everything = calibrated.stream()
                .flatMap(each -> each.search().front().stream().map(c -> new Planned(each.choice(), c)))
                .toList();
        List<ScheduleSearch.Candidate> best =
                ScheduleSearch.front(everything.stream().map(Planned::candidate).toList());
        return everything.stream()
                .filter(point -> best.contains(point.candidate()))
                .sorted(Comparator.comparingDouble(point -> point.candidate().gflops()))
                .toList();
    }

    /** Runs what was chosen, one after another. */
    public void measure() {
        Generation against = Objects.requireNonNull(reference, "calibrate() comes before measure()");
        for (Planned point : planned) {
            Generation run = make(all, plan(point.choice(), point.candidate().schedule()));
            double[] errors = Fidelity.LATENT.errors(run, against);
            int chosenBy = calibration.size();
            measured.add(new TunedPoint(
                    point.candidate().schedule().toString(),
                    point.choice().sampler().points(),
                    interval(point.choice()),
                    point.candidate().gflops(),
                    run.gflopsPerImage(),
                    run.gflopsPerImage() / referenceGflops(),
                    point.candidate().error(),
                    Average.of(Arrays.copyOf(errors, chosenBy)),
                    errors.length == chosenBy
                            ? null
                            : Average.of(Arrays.copyOfRange(errors, chosenBy, errors.length))));
        }
    }

    /** What was measured so far, from the cheapest to the costliest. */
    public List<TunedPoint> measured() {
        return List.copyOf(measured);
    }

    /** What was learnt of each way of sampling. */
    public List<Profile> profiles() {
        return calibrated.stream().map(Calibrated::profile).toList();
    }
}
