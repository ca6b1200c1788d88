package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.ImagePreparation;
import dev.mediator.evaluation.ImageSource;
import dev.mediator.evaluation.Memorisation;
import dev.mediator.evaluation.NearestNeighbours;
import dev.mediator.evaluation.NearestNeighbours.Neighbour;
import dev.mediator.evaluation.PictureBatch;
import dev.mediator.image.ContactSheet;
import dev.mediator.image.Picture;
import dev.mediator.image.Resampling;
import dev.mediator.tensor.Ops;
import dev.mediator.tensor.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/** Finds the training image that is nearest to each sample, and draws the closest pairs. */
final class NearestSearch {
    /** Training images that are compared at a time. */
    private static final int PIECE = 1024;

    private static final int PAIRS = 12;

    private final Console console;
    private final NearestSettings settings;
    private final FeatureExtractor extractor;
    private final ImagePreparation preparation;

    /**
     * What was found.
     *
     * @param memorisation against held-out images
     * @param closest the samples that are closest to a training image, closest first
     */
    record Found(Memorisation memorisation, List<Neighbour> closest) {}

    NearestSearch(Console console, NearestSettings settings, FeatureExtractor extractor, ImagePreparation preparation) {
        this.console = console;
        this.settings = settings;
        this.extractor = extractor;
        this.preparation = preparation;
    }

    /**
     * Searches.
     *
     * @param samples their features or pixels, [N, D]
     * @param like one of the samples: pixels of smaller training images are compared on a black margin
     */
    Found search(Tensor samples, Picture like) throws IOException {
        try (Scope scope = Scope.open();
                NearestNeighbours ofSamples = new NearestNeighbours(samples);
                NearestNeighbours ofHeldOut = new NearestNeighbours(heldOut(like))) {
            try (ImageSource source = settings.training().open();
                    Progress progress = console.progress(
                            "nearest training images", settings.training().count(), "images")) {
                for (List<Picture> piece = source.next(PIECE); !piece.isEmpty(); piece = source.next(PIECE)) {
                    try (Scope step = Scope.open()) {
                        Tensor features = described(settings.training(), piece, like);
                        ofSamples.add(features);
                        ofHeldOut.add(features);
                    }
                    progress.step(piece.size());
                }
            }
            List<Neighbour> found = ofSamples.found();
            return new Found(
                    Memorisation.of(found, ofHeldOut.found()),
                    found.stream()
                            .sorted(Comparator.comparingDouble(Neighbour::distance))
                            .limit(PAIRS)
                            .toList());
        }
    }

    private Tensor heldOut(Picture like) throws IOException {
        List<Tensor> pieces = new ArrayList<>();
        try (ImageSource source = settings.heldOut().open();
                Progress progress =
                        console.progress("held-out images", settings.heldOut().count(), "images")) {
            for (List<Picture> piece = source.next(PIECE); !piece.isEmpty(); piece = source.next(PIECE)) {
                pieces.add(described(settings.heldOut(), piece, like));
                progress.step(piece.size());
            }
        }
        return Ops.cat(0, pieces.toArray(Tensor[]::new));
    }

    private Tensor described(StoredImages images, List<Picture> pictures, Picture like) throws IOException {
        try {
            return describe(pictures.stream()
                    .map(preparation::apply)
                    .map(picture -> settings.byPixels() ? framed(picture, like) : picture)
                    .toList());
        } catch (IllegalArgumentException e) { // of other sizes or colours
            throw new IOException(images.path() + ": " + e.getMessage(), e);
        }
    }

    /** Whether distances are of pixels. */
    boolean byPixels() {
        return settings.byPixels();
    }

    /** {@code pixels} or {@code features}. */
    String by() {
        return settings.by();
    }

    /** A picture as it is compared. */
    Picture prepared(Picture picture) {
        return preparation.apply(picture);
    }

    private Tensor describe(List<Picture> prepared) {
        return settings.byPixels()
                ? PictureBatch.pixels(prepared, extractor.description().channels())
                : extractor.extract(prepared).pooled();
    }

    /** Training pads small images with black; so does this, and nothing else is changed. */
    private static Picture framed(Picture picture, Picture like) {
        int horizontal = like.width() - picture.width();
        int vertical = like.height() - picture.height();
        if (horizontal < 0 || vertical < 0 || horizontal % 2 != 0 || vertical % 2 != 0) {
            throw new IllegalArgumentException("pixels of " + picture.width() + "×" + picture.height()
                    + " images cannot be compared with those of samples of " + like.width() + "×" + like.height()
                    + "; --size makes them alike");
        }
        return picture.framed(like.width(), like.height());
    }

    /** A row per pair: sample, training image. */
    Picture draw(Found found, ScoredImages samples) throws IOException {
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (Neighbour pair : found.closest()) {
            Picture sample = preparation.apply(
                    samples.pictures(List.of((int) pair.query())).get(0));
            Picture training = preparation.apply(
                    settings.training().pictures(List.of((int) pair.index())).get(0));
            rows.add(new ContactSheet.Row(
                    String.format(Locale.ROOT, "%d: %.4g", pair.query(), pair.distance()),
                    List.of(sample, alike(training, sample))));
        }
        return new ContactSheet(
                        "The samples closest to a training image",
                        String.format(
                                Locale.ROOT,
                                "number of the sample: distance of %s; 1 in 100 held-out images is closer than %.4g",
                                settings.byPixels()
                                        ? "pixels"
                                        : "features of "
                                                + extractor.description().name(),
                                found.memorisation().threshold()),
                        List.of("sample", "training"),
                        rows)
                .draw();
    }

    private static Picture alike(Picture picture, Picture like) {
        if (picture.width() == like.width() && picture.height() == like.height()) {
            return picture;
        }
        return picture.width() <= like.width() && picture.height() <= like.height()
                ? picture.framed(like.width(), like.height())
                : Resampling.BICUBIC.resize(picture, like.width(), like.height());
    }
}
