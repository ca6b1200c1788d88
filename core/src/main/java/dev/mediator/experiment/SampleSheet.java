package dev.mediator.experiment;

import dev.mediator.checkpoint.Weights;
import dev.mediator.evaluation.ModelSamples;
import dev.mediator.experiment.ExperimentConfig.Run;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.ContactSheet;
import dev.mediator.image.PngFile;
import dev.mediator.stepwise.Schedule;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.Placement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** The first samples of each row of the table, from the same noise, to look at. */
final class SampleSheet {
    private static final int COLUMNS = 10;

    private final ExperimentConfig config;
    private final ExperimentFolder folder;
    private final ComputeDevice device;

    SampleSheet(ExperimentConfig config, ExperimentFolder folder, ComputeDevice device) {
        this.config = config;
        this.folder = folder;
        this.device = device;
    }

    /** Makes them anew: they are few, and those that were scored have not been kept. */
    void draw(List<ExperimentRow> rows, ExperimentListener listener) throws IOException {
        Scoring scoring = config.scoring();
        Placement placement = ExperimentScoring.placement(scoring, device);
        ModelSamples samples = new ModelSamples(
                Math.min(COLUMNS, scoring.samples()), scoring.seeds().get(0), COLUMNS);
        listener.onPhase("drawing samples", rows.size(), "rows");
        List<ContactSheet.Row> drawn = new ArrayList<>();
        Iterator<ExperimentRow> next = rows.iterator();
        for (Run run : config.runs()) {
            try (ImageGenerator generator = ImageGenerator.open(List.of(folder.model(run)), Weights.EMA, placement)) {
                int classes = generator.config().numClasses();
                List<ImageRequest> requests = IntStream.range(0, samples.count())
                        .mapToObj(i -> samples.request(i, classes))
                        .toList();
                for (Schedule schedule : run.schedules()) {
                    var made = generator.generate(
                            requests,
                            generator.plan(new GenerationSettings(scoring.sampler(), scoring.guidance(), schedule)),
                            GenerationObserver.NONE);
                    ExperimentRow row = next.next();
                    drawn.add(new ContactSheet.Row(row.number() + "  " + row.name(), made.pictures()));
                    listener.onProgress(drawn.size(), row.name());
                }
            }
        }
        PngFile.write(
                folder.samples(),
                ContactSheet.of(config.title() + ", the same noise in each column", drawn)
                        .draw());
        listener.onFile(folder.samples());
    }
}
