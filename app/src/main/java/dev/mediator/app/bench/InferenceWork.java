package dev.mediator.app.bench;

import dev.mediator.generation.ImageRequest;
import dev.mediator.model.Guidance;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.NoiseSource;
import dev.mediator.sampling.Sampler;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.sampling.StepObserver;
import dev.mediator.stepwise.RunPlan;
import dev.mediator.transport.Transport;
import java.util.List;
import java.util.stream.IntStream;

/** What can be measured of a network without gradients. */
public enum InferenceWork {
    /** One evaluation of a batch. */
    FORWARD("forward") {
        @Override
        Work prepare(Inference.Inputs in) {
            return Work.of(title(), () -> in.forward(in.x(), in.t(), in.y()));
        }
    },

    /** One guided evaluation: a pair with and without its class for each sample. */
    GUIDED("guided forward") {
        @Override
        Work prepare(Inference.Inputs in) {
            Guidance guidance = new Guidance(4, 0, 0, 1);
            guidance.requireUsable(in.generator().config());
            int nullLabel = in.generator().config().nullLabel();
            return Work.of(title(), () -> guidance.predict(in::forward, nullLabel, in.x(), in.t(), in.y()));
        }
    },

    /** One Euler-Maruyama step of the sampler: an evaluation without guidance, its score, a draw of noise for each sample. */
    STEP("SDE step") {
        @Override
        Work prepare(Inference.Inputs in) {
            Transport transport = in.generator().plan(in.subject().settings()).transport();
            Sampler sampler = new Sampler(transport, ONE_STEP);
            NoiseSource.Streams noise =
                    NoiseSource.Streams.ofSeed(1, 0, in.subject().batch());
            return Work.of(title(), () -> sampler.run(in::forward, in.x(), in.y(), noise, StepObserver.NONE));
        }
    },

    /** A batch of whole images, from noise to pictures. */
    IMAGE("image") {
        @Override
        Work prepare(Inference.Inputs in) {
            RunPlan plan = in.generator().plan(in.subject().settings());
            int batch = in.subject().batch();
            int classes = in.generator().config().numClasses();
            List<ImageRequest> requests = IntStream.range(0, batch)
                    .mapToObj(i -> new ImageRequest(i % classes, i))
                    .toList();
            return Work.making(batch, title(), () -> in.generator()
                    .generate(requests, plan, (step, soFar) -> in.pulse().run()));
        }
    };

    /** A run of one step, from the start to as near to the end as the SDE is defined. */
    private static final SdeConfig ONE_STEP =
            new SdeConfig(SdeSolver.EULER, DiffusionForm.SIGMA, 1, LastStep.NONE, 0, 2);

    private final String title;

    InferenceWork(String title) {
        this.title = title;
    }

    final String title() {
        return title;
    }

    /** @throws IllegalArgumentException if the settings do not go with the network */
    abstract Work prepare(Inference.Inputs in);
}
