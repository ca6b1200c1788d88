package dev.mediator.app.cli.compare;

import dev.mediator.app.cli.sample.SampleFolderReader;
import dev.mediator.generation.ImageRequest;
import dev.mediator.image.Picture;
import dev.mediator.image.PictureFile;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Images of one way to make them, each known by its class and seed. */
public interface ComparedRun {
    /** In a few words; runs that are compared may have the same. */
    String name();

    /** All that is known of how they were made. */
    Object description();

    /** Their class names, in order. */
    Map<ImageRequest, String> images();

    /** One of them. */
    Picture picture(ImageRequest image) throws IOException;

    /** Multiply-adds that one has cost, in 10⁹; NaN if that is not known. */
    double gflops(ImageRequest image);

    /** The pictures of a folder that {@code sample} has filled. */
    static ComparedRun of(SampleFolderReader folder, String name) {
        Map<ImageRequest, SampleFolderReader.Image> images = new LinkedHashMap<>();
        folder.images().forEach(image -> images.put(new ImageRequest(image.label(), image.seed()), image));
        return new OfFolder(name, folder, images);
    }

    /** A folder's pictures, read when they are asked for. */
    record OfFolder(String name, SampleFolderReader folder, Map<ImageRequest, SampleFolderReader.Image> byRequest)
            implements ComparedRun {
        @Override
        public Object description() {
            return Map.of("folder", folder.path().toString(), "madeBy", folder.madeBy());
        }

        @Override
        public Map<ImageRequest, String> images() {
            Map<ImageRequest, String> names = new LinkedHashMap<>();
            byRequest.forEach((request, image) -> names.put(request, image.className()));
            return names;
        }

        @Override
        public Picture picture(ImageRequest image) throws IOException {
            return PictureFile.read(found(image).file());
        }

        @Override
        public double gflops(ImageRequest image) {
            Double gflops = found(image).gflops();
            return gflops == null ? Double.NaN : gflops;
        }

        private SampleFolderReader.Image found(ImageRequest image) {
            SampleFolderReader.@Nullable Image found = byRequest.get(image);
            if (found == null) {
                throw new IllegalArgumentException(
                        folder.path() + " has no picture of class " + image.label() + " and seed " + image.seed());
            }
            return found;
        }
    }

    /**
     * Pictures that were made for the comparison.
     *
     * @param made picture and cost of each
     */
    record Made(String name, Object description, Map<ImageRequest, String> images, Map<ImageRequest, One> made)
            implements ComparedRun {
        /** A picture and its cost. */
        record One(Picture picture, double gflops) {}

        @Override
        public Picture picture(ImageRequest image) {
            return found(image).picture();
        }

        @Override
        public double gflops(ImageRequest image) {
            return found(image).gflops();
        }

        private One found(ImageRequest image) {
            One found = made.get(image);
            if (found == null) {
                throw new IllegalArgumentException(
                        name + " has no picture of class " + image.label() + " and seed " + image.seed());
            }
            return found;
        }
    }
}
