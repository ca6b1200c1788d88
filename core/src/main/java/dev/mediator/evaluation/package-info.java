/**
 * How good samples are: features of images by a network, and distances between the features of samples and of a reference.
 *
 * <p>A {@link dev.mediator.evaluation.FeatureExtractor} turns pictures into features, a {@link
 * dev.mediator.evaluation.FeatureCollector} gathers those of a set into a {@link dev.mediator.evaluation.FeatureSet}, and {@link
 * dev.mediator.evaluation.Evaluation} compares two sets. The metrics and their papers: {@link
 * dev.mediator.evaluation.FrechetDistance} (Heusel et al., arXiv 1706.08500; on spatial features Nash et al., arXiv
 * 2103.03841), {@link dev.mediator.evaluation.KernelDistance} (Bińkowski et al., arXiv 1801.01401), {@link
 * dev.mediator.evaluation.InceptionScore} (Salimans et al., arXiv 1606.03498), {@link
 * dev.mediator.evaluation.PrecisionRecall} (Kynkäänniemi et al., arXiv 1904.06991), and {@link
 * dev.mediator.evaluation.Memorisation}.
 *
 * <p>Everything is computed in fp64. Statistics are streamed, and comparisons of all pairs go through tiles, so memory does not
 * grow with the number of images but for the features that are kept. Scores depend on the extractor and the number of images;
 * features carry who made them, and results carry warnings.
 */
@NullMarked
package dev.mediator.evaluation;

import org.jspecify.annotations.NullMarked;
