package dev.mediator.training;

import java.util.List;

/**
 * How often a classifier is right on images it was not trained on.
 *
 * @param images how many were classified
 * @param accuracy share of them that it gave their own class
 * @param classAccuracy the same for each class
 */
public record ClassifierScore(long images, double accuracy, List<Double> classAccuracy) {
    public ClassifierScore {
        classAccuracy = List.copyOf(classAccuracy);
    }
}
