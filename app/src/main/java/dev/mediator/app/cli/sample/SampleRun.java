package dev.mediator.app.cli.sample;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.generation.Spent;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.stepwise.RunPlan;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;

/** Makes the pictures that a folder lacks, batch by batch, and tells how far it is. */
final class SampleRun {
    /** Progress within a batch whose solver chooses its own steps: hundredths of the way from noise to picture. */
    private static final int HUNDREDTHS = 100;

    private final Console console;
    private final ImageGenerator generator;
    private final RunPlan plan;
    private final SampleFolder folder;
    private final int batch;
    private final int partsPerBatch;
    private final boolean adaptive;
    private Spent spent = Spent.NOTHING;

    SampleRun(Console console, ImageGenerator generator, RunPlan plan, SampleFolder folder, int batch) {
        this.console = console;
        this.generator = generator;
        this.plan = plan;
        this.folder = folder;
        OptionalInt steps = plan.sampler().plannedSteps();
        this.adaptive = steps.isEmpty();
        this.batch = batch;
        this.partsPerBatch = steps.orElse(HUNDREDTHS);
    }

    /** Makes what is missing; what was finished before an interruption stays. */
    Spent make() throws IOException {
        List<SampleRecord.Image> missing = folder.missing();
        if (missing.isEmpty()) {
            console.note("all pictures are in " + folder.path() + " already");
            return spent;
        }
        long batches = (missing.size() + batch - 1L) / batch;
        try (Progress progress =
                console.progress("sampling", batches * partsPerBatch, adaptive ? "hundredths of a picture" : "steps")) {
            for (int first = 0; first < missing.size(); first += batch) {
                make(missing.subList(first, Math.min(first + batch, missing.size())), first, progress);
            }
        } catch (CancellationException e) {
            int made = folder.images().size() - folder.missing().size();
            console.stopped("stopped with " + made + " of " + folder.images().size() + " pictures in " + folder.path()
                    + "; the same command makes the rest");
            throw e;
        }
        return spent;
    }

    private void make(List<SampleRecord.Image> part, int before, Progress progress) throws IOException {
        BatchProgress listener = new BatchProgress(part.size(), before, progress);
        List<ImageRequest> requests = part.stream()
                .map(image -> new ImageRequest(image.label(), image.seed()))
                .toList();
        Generation made = generator.generate(requests, plan, listener);
        folder.add(part, made);
        spent = spent.plus(made.spent());
        listener.end();
    }

    /** Turns the steps of one batch into progress. */
    private final class BatchProgress implements GenerationObserver {
        private final int size;
        private final int before;
        private final Progress progress;
        private int done; // parts of this batch

        BatchProgress(int size, int before, Progress progress) {
            this.size = size;
            this.before = before;
            this.progress = progress;
        }

        @Override
        public void onStep(SamplerStep step, Spent soFar) {
            int now = (int) Math.floor(partsPerBatch * step.progress() + 1e-9);
            double images = before + (double) size * now / partsPerBatch;
            Spent total = spent.plus(soFar);
            progress.detail(String.format(
                    Locale.ROOT,
                    "%.2f images/s, %d evaluations, %.1f GFLOPs",
                    images / progress.elapsedSeconds(),
                    total.evaluations(),
                    total.gflops()));
            advance(now);
        }

        void end() {
            advance(partsPerBatch);
        }

        private void advance(int now) {
            progress.step(Math.max(0, now - done));
            done = Math.max(done, now);
        }
    }
}
