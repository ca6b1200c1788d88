package dev.mediator.training;

import dev.mediator.codec.Codec;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.GenerationSettings;
import dev.mediator.generation.ImageGenerator;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.image.PngFile;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.nn.StoredParameters;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tensor.Placement;
import dev.mediator.tensor.Scope;
import dev.mediator.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What the averaged weights make of a few seeds in the middle of a training, to look at. */
final class SampleSheet {
    private static final int CLASSES = 10;
    private static final int PER_CLASS = 4;
    private static final OdeConfig SAMPLER = OdeConfig.DEFAULT;
    private static final Guidance GUIDANCE = Guidance.DEFAULT;

    private SampleSheet() {}

    /** Where the weights are. */
    private static Placement placement(Map<String, Tensor> averaged) {
        return Placement.of(averaged.values().iterator().next());
    }

    /**
     * Draws the first classes, four pictures each, always of the same seeds.
     *
     * @param codec closed when this is done
     */
    static void write(
            Path file,
            long step,
            SitCheckpoint description,
            Transport transport,
            Map<String, Tensor> averaged,
            Codec codec)
            throws IOException {
        try (codec; // closed by the generator too, unless the network cannot be made
                Scope scope = Scope.open();
                ImageGenerator generator = new ImageGenerator(
                        Sit.fixed(description.config(), new StoredParameters(averaged, placement(averaged))),
                        description.classNames(),
                        transport,
                        codec)) {
            RunPlan plan = generator.plan(new GenerationSettings(
                    SAMPLER,
                    description.labels().guidance(GUIDANCE),
                    new StaticSchedule(description.config().largestMediators())));
            List<ContactSheet.Row> rows = new ArrayList<>();
            for (int label = 0; label < Math.min(CLASSES, description.config().numClasses()); label++) {
                List<ImageRequest> requests = new ArrayList<>();
                for (int seed = 0; seed < PER_CLASS; seed++) {
                    requests.add(new ImageRequest(label, seed));
                }
                List<Picture> pictures = generator
                        .generate(requests, plan, GenerationObserver.NONE)
                        .pictures();
                rows.add(new ContactSheet.Row(generator.classNames().get(label), pictures));
            }
            PngFile.write(
                    file, ContactSheet.of("After " + step + " updates", rows).draw());
        }
    }
}
