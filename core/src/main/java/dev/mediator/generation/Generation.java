package dev.mediator.generation;

import dev.mediator.image.Picture;
import java.util.List;

/**
 * Pictures in the order of their requests.
 *
 * @param pictures what was made
 * @param spent what it has cost
 */
public record Generation(List<Picture> pictures, Spent spent) {
    public Generation {
        pictures = List.copyOf(pictures);
    }
}
