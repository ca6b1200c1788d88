package dev.mediator.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.mediator.analysis.AttentionSnapshot.Choice;
import dev.mediator.generation.Generation;
import dev.mediator.generation.GenerationObserver;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.Picture;
import dev.mediator.model.Sit;
import dev.mediator.nn.MediatorCount;
import dev.mediator.tensor.Engine;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttentionSnapshotTest {
    private static final ImageRequest REQUEST = new ImageRequest(1, 3);
    private static final Choice CHOICE =
            new Choice(List.of(1), List.of(1, 0), List.of(new Token(3, 0), new Token(1, 2)));
    private static final int RED = 0xff2d2d;

    private Sit sit;

    @BeforeAll
    static void startEngine() {
        Engine.start();
    }

    @BeforeEach
    void makeNetwork() {
        sit = TinyNetwork.sit(8); // a grid of 4×4 tokens
    }

    @AfterEach
    void close() {
        sit.close();
    }

    @Test
    void takesTheChosenRowsHeadsAndLayers() {
        AttentionStudy study = TinyNetwork.study(sit, TinyNetwork.FOUR);
        AtomicInteger steps = new AtomicInteger();
        AttentionSnapshot snapshot = AttentionSnapshot.take(
                study, REQUEST, study.fromNearest(0.3), CHOICE, (step, soFar) -> steps.incrementAndGet());

        assertThat(snapshot.step()).isEqualTo(1);
        assertThat(snapshot.t()).isEqualTo(0.25);
        assertThat(steps).as("the picture is finished").hasValue(4);
        assertThat(snapshot.layers()).hasSize(1);
        LayerAttention layer = snapshot.layers().get(0);
        assertThat(layer.layer()).isEqualTo(1);
        try (Scope scope = Scope.open()) {
            AttentionStudy.Visitor visitor = (step, sample, index, maps) -> {
                if (index == 1) {
                    assertWeights(layer.queries(), maps.get().rows(12, 6));
                    assertThat(layer.mediators()).hasSize(2).allSatisfy(head -> assertThat(head)
                            .hasSize(4));
                }
                Tensor denoised = step.estimate().denoised().squeeze(0);
                assertThat(snapshot.estimate()).isEqualTo(Picture.of(denoised));
            };
            GenerationObserver observer = study.observer(List.of(REQUEST), step -> step.index() == 1, visitor);
            Generation made = study.generator().generate(List.of(REQUEST), study.plan(), observer);
            assertThat(snapshot.result()).isEqualTo(made.pictures().get(0));
        }
    }

    @Test
    void softmaxLayersHaveNoMediators() {
        AttentionStudy study = TinyNetwork.study(sit, MediatorCount.FULL);

        assertThat(take(study, CHOICE).layers().get(0).mediators()).isEmpty();
    }

    @Test
    void whatDoesNotExistIsRefused() {
        AttentionStudy study = TinyNetwork.study(sit, TinyNetwork.FOUR);
        List<Token> corner = List.of(new Token(0, 0));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> take(study, new Choice(List.of(2), List.of(0), corner)))
                .withMessage("layer is 2, the network has 0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> take(study, new Choice(List.of(0), List.of(-1), corner)))
                .withMessage("head is -1, the network has 0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> take(study, new Choice(List.of(0), List.of(0), List.of(new Token(0, 4)))))
                .withMessage("query 0:4 is not in the grid of 4×4 tokens, allowed are 0:0 to 3:3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> take(study, new Choice(List.of(0), List.of(0), List.of())))
                .withMessage("there is no query");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> AttentionSnapshot.take(study, REQUEST, step -> false, CHOICE, GenerationObserver.NONE))
                .withMessageContaining("none of the sampler's steps");
    }

    @Test
    void weightsKnowTheirPeakAndSpread() {
        float[] uniform = new float[16];
        Arrays.fill(uniform, 1 / 16f);
        float[] single = new float[16];
        single[6] = 1;
        try (Scope scope = Scope.open()) {
            TokenWeights flat = TokenWeights.of(Tensors.of(uniform, 16));
            TokenWeights sharp = TokenWeights.of(Tensors.of(single, 16));

            assertThat(flat.spread()).isEqualTo(16, within(1e-5));
            assertThat(sharp.spread()).isEqualTo(1);
            assertThat(sharp.peak()).isEqualTo(new Token(1, 2)).hasToString("1:2");
            assertThat(rgb(sharp.draw(), 2, 1)).as("bright").isEqualTo(0xfde725);
            assertThat(rgb(sharp.draw(), 1, 2)).as("dark").isEqualTo(0x440154);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TokenWeights.of(Tensors.of(new float[15], 15)))
                    .withMessageContaining("no square grid");
        }
    }

    /** Each of the 2 queries is outlined in 4 pictures: estimate, result and two heads. */
    @Test
    void queriesAreMarkedWhereTheyAre() {
        AttentionSnapshot snapshot = take(TinyNetwork.study(sit, TinyNetwork.FOUR), CHOICE);
        AttentionPictures pictures = new AttentionPictures(snapshot, CHOICE, 4, "a subject");
        Picture sheet = pictures.queries(snapshot.layers().get(0));

        int patch = 112 / 4;
        long outline = (long) patch * patch - (long) (patch - 4) * (patch - 4);
        assertThat(count(sheet, RED)).isEqualTo(2 * 4 * outline);
        assertThat(count(pictures.mediators(snapshot.layers().get(0)), 0xfde725))
                .as("the brightest token of each of 4 mediators in 2 heads")
                .isGreaterThanOrEqualTo(2 * 4);
    }

    /** As autoencoders make them: reduced to whole tokens, so that maps fit beside them. */
    @Test
    void largePicturesAreReduced() {
        AttentionSnapshot snapshot = take(TinyNetwork.study(sit, TinyNetwork.FOUR), CHOICE);
        Picture large = snapshot.result().withChannels(3).enlarged(40); // 320×320
        AttentionSnapshot decoded = new AttentionSnapshot(2, 0.5, large, large, snapshot.layers());
        Picture sheet = new AttentionPictures(decoded, CHOICE, 4, "a subject")
                .queries(snapshot.layers().get(0));

        int patch = 256 / 4;
        long outline = (long) patch * patch - (long) (patch - 4) * (patch - 4);
        assertThat(count(sheet, RED)).isEqualTo(2 * 4 * outline);
    }

    private static AttentionSnapshot take(AttentionStudy study, Choice choice) {
        return AttentionSnapshot.take(study, REQUEST, study.atStep(2), choice, GenerationObserver.NONE);
    }

    /** Rows [1, M, Q, N] against weights by query and head, the heads in the order 1, 0. */
    private static void assertWeights(List<List<TokenWeights>> weights, Tensor rows) {
        for (int query = 0; query < 2; query++) {
            for (int head = 0; head < 2; head++) {
                float[] expected = Tensors.floats(rows.select(2, query).select(1, 1 - head));
                TokenWeights found = weights.get(query).get(head);
                for (int token = 0; token < 16; token++) {
                    assertThat(found.weight(new Token(token / 4, token % 4))).isEqualTo(expected[token]);
                }
            }
        }
    }

    private static long count(Picture picture, int rgb) {
        return IntStream.range(0, picture.width() * picture.height())
                .filter(i -> rgb(picture, i % picture.width(), i / picture.width()) == rgb)
                .count();
    }

    private static int rgb(Picture picture, int x, int y) {
        return picture.sample(x, y, 0) << 16 | picture.sample(x, y, 1) << 8 | picture.sample(x, y, 2);
    }
}
