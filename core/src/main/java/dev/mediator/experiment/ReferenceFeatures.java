package dev.mediator.experiment;

import dev.mediator.data.ImageDataset;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.evaluation.FeatureExtractor;
import dev.mediator.evaluation.FeatureSet;
import dev.mediator.image.Picture;
import dev.mediator.tensor.Scope;
import dev.mediator.tensor.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The features of real images, which samples are compared with. */
final class ReferenceFeatures {
    private static final int BATCH = 250;

    private ReferenceFeatures() {}

    /**
     * Statistics of all images of a data set, and the features of the first ones. Its tensors belong to the caller's scope.
     *
     * @param kept how many features are kept: as many as there will be samples, since precision and recall depend on both numbers
     */
    static FeatureSet of(ImageDataset dataset, FeatureExtractor extractor, int kept, ExperimentListener listener)
            throws IOException {
        listener.onPhase("reading the reference", dataset.size(), "images");
        try (Scope scope = Scope.open();
                FeatureCollector collector = new FeatureCollector(extractor, dataset.size(), true)) {
            for (int first = 0; first < dataset.size(); first += BATCH) {
                collector.add(pictures(dataset, first, Math.min(BATCH, dataset.size() - first)));
                listener.onProgress((double) collector.count(), "");
            }
            FeatureSet all = collector.collected();
            scope.keep(all.pooled().mean());
            scope.keep(all.pooled().covariance());
            if (all.spatial() != null) {
                scope.keep(all.spatial().mean());
                scope.keep(all.spatial().covariance());
            }
            return new FeatureSet(
                    all.extractor(),
                    all.pooled(),
                    all.spatial(),
                    all.features() == null
                            ? null
                            : scope.keep(all.features()
                                    .narrow(0, 0, Math.min(kept, all.count()))
                                    .clone()),
                    null);
        }
    }

    private static List<Picture> pictures(ImageDataset dataset, int first, int count) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            try (Scope scope = Scope.open()) {
                pictures.add(Picture.of(Tensors.of(
                        dataset.load(i, false),
                        dataset.shape().channels(),
                        dataset.shape().height(),
                        dataset.shape().width())));
            }
        }
        return pictures;
    }
}
