/**
 * How good samples are: features of images by a network, and distances between the features of samples and of a reference.
 *
 * <p>A {@link dev.mediator.evaluation.FeatureExtractor} turns pictures into features; everything else sees features only.
 */
@NullMarked
package dev.mediator.evaluation;

import org.jspecify.annotations.NullMarked;
