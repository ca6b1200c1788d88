package dev.mediator.data;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The excerpt of Fashion-MNIST among the test resources: 200 training and 100 test images. */
final class Excerpt {
    private Excerpt() {}

    static DataConfig config() {
        try {
            Path folder = Path.of(Excerpt.class.getResource("/fashion-mnist").toURI());
            return DataConfig.defaults().withPath(folder.toString());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
