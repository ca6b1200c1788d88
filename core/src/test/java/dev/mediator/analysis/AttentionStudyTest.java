package dev.mediator.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.ImageRequest;
import dev.mediator.model.ForwardProbe;
import dev.mediator.model.Guidance;
import dev.mediator.model.Sit;
import dev.mediator.nn.AttentionMaps;
import dev.mediator.nn.MediatorCount;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerStep;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.stepwise.Schedule;
import dev.mediator.stepwise.StaticSchedule;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttentionStudyTest {
    private static final List<ImageRequest> REQUESTS = List.of(new ImageRequest(2, 5), new ImageRequest(0, 6));

    private Scope scope;
    private Sit sit;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void makeNetwork() {
        scope = Scope.open();
        sit = TinyNetwork.sit(8);
    }

    @AfterEach
    void close() {
        sit.close();
        scope.close();
    }

    @Test
    void trajectoriesAreThoseOfSamplingWhetherLookedAtOrNot() {
        AttentionStudy study = TinyNetwork.study(sit, TinyNetwork.FOUR);
        Generation looked = study.generator()
                .generate(
                        REQUESTS,
                        study.plan(),
                        study.observer(REQUESTS, step -> true, (step, sample, layer, maps) -> maps.get()
                                .effective()));
        Generation unseen = study.generator().generate(REQUESTS, study.plan(), GenerationObserver.NONE);

        assertThat(looked.latents()).usingRecursiveComparison().isEqualTo(unseen.latents());
        assertThat(looked.pictures()).isEqualTo(unseen.pictures());
        assertThat(study.generator()
                        .sample(REQUESTS, study.plan(), GenerationObserver.NONE)
                        .latents())
                .usingRecursiveComparison()
                .isEqualTo(unseen.latents());
    }

    /** The maps of a guided step are those of one more pass with the class, at the state where the step began. */
    @Test
    void theConditionalHalfIsLookedAtWhereTheStepBegins() {
        for (MediatorCount mediators : List.of(TinyNetwork.FOUR, MediatorCount.FULL)) {
            AttentionStudy study = TinyNetwork.study(sit, mediators);
            List<String> places = new ArrayList<>();
            List<double[]> seen = new ArrayList<>();
            List<double[]> expected = new ArrayList<>();
            AttentionStudy.Visitor visitor = (step, sample, layer, maps) -> {
                places.add(step.index() + " " + sample + " " + layer);
                seen.add(Tensors.doubles(maps.get().effective()));
                Tensor xt = step.estimate().xt().narrow(0, sample, 1);
                Tensor t = Tensors.full(step.t().get(sample), 1);
                Tensor y = Tensors.of(new long[] {REQUESTS.get(sample).label()}, 1);
                expected.add(map(xt, t, y, mediators, layer));
            };
            study.generator()
                    .sample(REQUESTS, study.plan(), study.observer(REQUESTS, step -> step.index() % 2 == 0, visitor));

            assertThat(places).containsExactly("0 0 0", "0 0 1", "0 1 0", "0 1 1", "2 0 0", "2 0 1", "2 1 0", "2 1 1");
            for (int i = 0; i < seen.size(); i++) {
                assertThat(seen.get(i)).isEqualTo(expected.get(i));
            }
            assertThat(seen.get(1)).as("layers").isNotEqualTo(seen.get(0));
            assertThat(seen.get(2)).as("samples").isNotEqualTo(seen.get(0));
            assertThat(seen.get(4)).as("steps").isNotEqualTo(seen.get(0));
        }
    }

    @Test
    void stepsAreChosenByNumberOrByTime() {
        AttentionStudy study = TinyNetwork.study(sit, TinyNetwork.FOUR); // t = 0, 0.25, 0.5, 0.75
        AttentionStudy sde = TinyNetwork.study(sit, SdeConfig.of(SdeSolver.EULER, 5), TinyNetwork.FOUR); // 0.24 apart

        assertThat(study.steps()).isEqualTo(4);
        assertThat(chosen(study, study.atStep(3))).containsExactly(3);
        assertThat(chosen(study, study.fromNearest(0))).first().isEqualTo(0);
        assertThat(chosen(study, study.fromNearest(0.3))).containsExactly(1, 2, 3);
        assertThat(chosen(study, study.fromNearest(0.4))).containsExactly(2, 3);
        assertThat(chosen(study, study.fromNearest(1))).containsExactly(3);
        assertThat(sde.steps()).isEqualTo(5);
        assertThat(chosen(sde, sde.fromNearest(0.9))).containsExactly(4);
        assertThat(chosen(sde, sde.fromNearest(1))).containsExactly(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> study.atStep(4))
                .withMessage("step is 4, the sampler has 0 to 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> study.fromNearest(1.1))
                .withMessage("t is 1.1, allowed are 0 to 1");
    }

    @Test
    void whatCannotBeStudiedIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyNetwork.study(sit, OdeConfig.of(OdeSolver.DOPRI5, 5), TinyNetwork.FOUR))
                .withMessageContaining("'ODE dopri5")
                .withMessageContaining("solvers of fixed steps only");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyNetwork.study(sit, new MediatorCount(16)))
                .withMessageContaining("the network serves [4, full]");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        TinyNetwork.study(sit, OdeConfig.DEFAULT, Guidance.NONE, Schedule.parse("fixed:4@0.5,full")))
                .withMessageContaining("static schedules only");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyNetwork.study(
                        sit, OdeConfig.DEFAULT, new Guidance(2, 3, 0, 1), new StaticSchedule(TinyNetwork.FOUR)))
                .withMessage("guidance channels is 3, the network has 1");
    }

    private static List<Integer> chosen(AttentionStudy study, Predicate<SamplerStep> steps) {
        List<Integer> chosen = new ArrayList<>();
        AttentionStudy.Visitor visitor = (step, sample, layer, maps) -> {
            if (layer == 0) {
                chosen.add(step.index());
            }
        };
        List<ImageRequest> one = REQUESTS.subList(0, 1);
        study.generator().sample(one, study.plan(), study.observer(one, steps, visitor));
        return chosen;
    }

    private double[] map(Tensor xt, Tensor t, Tensor y, MediatorCount mediators, int wanted) {
        List<double[]> found = new ArrayList<>();
        try (NoGradGuard guard = new NoGradGuard()) {
            sit.forward(xt, t, y, mediators, new ForwardProbe() {
                @Override
                public void record(String module, Tensor output) {}

                @Override
                public void attention(int block, Supplier<AttentionMaps> maps) {
                    if (block == wanted) {
                        found.add(Tensors.doubles(maps.get().effective()));
                    }
                }
            });
        }
        return found.get(0);
    }
}
