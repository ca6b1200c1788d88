package dev.mediator.analysis;

import dev.mediator.analysis.AttentionStudy.Visitor;
import dev.mediator.codec.Codec;
import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.Picture;
import dev.mediator.nn.AttentionMaps;
import dev.mediator.sampling.SamplerStep;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one picture's attention looks like at one step of its making.
 *
 * @param step number of the step, from 0
 * @param t time at its start, 0 noise to 1 data
 * @param estimate the denoised estimate E[x1 | xt] there, guided as the trajectory is
 * @param result the picture at the end
 * @param layers the chosen layers
 */
public record AttentionSnapshot(int step, double t, Picture estimate, Picture result, List<LayerAttention> layers) {
    public AttentionSnapshot {
        layers = List.copyOf(layers);
    }

    /**
     * What to look at.
     *
     * @param layers numbers of the blocks
     * @param heads numbers of the heads
     * @param queries whose attention is taken
     */
    public record Choice(List<Integer> layers, List<Integer> heads, List<Token> queries) {
        public Choice {
            layers = List.copyOf(layers);
            heads = List.copyOf(heads);
            queries = List.copyOf(queries);
        }
    }

    /**
     * Makes a picture, and looks at its attention at the first step that {@code when} accepts.
     *
     * @param observer told of every step
     * @throws IllegalArgumentException if a layer, head or query does not exist, or if no step was accepted
     */
    public static AttentionSnapshot take(
            AttentionStudy study,
            ImageRequest request,
            Predicate<SamplerStep> when,
            Choice choice,
            GenerationObserver observer) {
        int grid = study.sit().config().grid();
        requireExists("layer", choice.layers(), study.sit().config().depth());
        requireExists("head", choice.heads(), study.sit().config().heads());
        long[] tokens =
                choice.queries().stream().mapToLong(query -> query.index(grid)).toArray();
        if (tokens.length == 0) {
            throw new IllegalArgumentException("there is no query");
        }
        Camera camera = new Camera(study.generator().codec(), choice, tokens);
        List<ImageRequest> requests = List.of(request);
        GenerationObserver looking = study.observer(requests, step -> camera.isEmpty() && when.test(step), camera);
        Generation made = study.generator().generate(requests, study.plan(), (step, soFar) -> {
            looking.onStep(step, soFar);
            observer.onStep(step, soFar);
        });
        return camera.snapshot(made.pictures().get(0));
    }

    private static void requireExists(String name, List<Integer> numbers, int count) {
        for (int number : numbers) {
            if (number < 0 || number >= count) {
                throw new IllegalArgumentException(name + " is " + number + ", the network has 0 to " + (count - 1));
            }
        }
        if (numbers.isEmpty()) {
            throw new IllegalArgumentException("there is no " + name);
        }
    }

    /** Takes the layers one by one, of one step only. */
    private static final class Camera implements Visitor {
        private final Codec codec;
        private final Choice choice;
        private final long[] tokens;
        private final List<LayerAttention> layers = new ArrayList<>();
        private int step;
        private double t;
        private @Nullable Picture estimate;

        Camera(Codec codec, Choice choice, long... tokens) {
            this.codec = codec;
            this.choice = choice;
            this.tokens = tokens;
        }

        boolean isEmpty() {
            return estimate == null;
        }

        @Override
        public void visit(SamplerStep at, int sample, int layer, Supplier<AttentionMaps> maps) {
            if (isEmpty()) {
                step = at.index();
                t = at.estimate().t().get(0);
                estimate =
                        Picture.ofBatch(codec.decode(at.estimate().denoised())).get(0);
            }
            if (choice.layers().contains(layer)) {
                layers.add(LayerAttention.of(layer, maps.get(), choice.heads(), tokens));
            }
        }

        AttentionSnapshot snapshot(Picture result) {
            if (estimate == null) {
                throw new IllegalArgumentException("none of the sampler's steps was to be looked at");
            }
            return new AttentionSnapshot(step, t, estimate, result, layers);
        }
    }
}
