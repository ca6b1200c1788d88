/**
 * Networks that look at pictures: what samples are measured with.
 *
 * <ul>
 *   <li>{@link dev.mediator.vision.FidInception}: Inception v3 ("Rethinking the Inception Architecture for Computer
 *       Vision", arXiv 1512.00567) in the variant of December 2015 that the Fréchet inception distance is defined with.
 *   <li>{@link dev.mediator.vision.EfficientNetLite0}: EfficientNet-B0 (arXiv 1905.11946) without squeeze-and-excitation
 *       and with ReLU6.
 *   <li>{@link dev.mediator.vision.FashionClassifier}: a small residual network (arXiv 1512.03385) with group
 *       normalisation (arXiv 1803.08494), the only one that is trained here.
 * </ul>
 *
 * <p>Shapes: B batch, C channels, H×W size. Networks with published weights take their tensors by the published names; a
 * batch normalisation (arXiv 1502.03167) whose statistics are fixed is an affine map per channel, and is folded into the
 * convolution before it when the network is made.
 */
@NullMarked
package dev.mediator.vision;

import org.jspecify.annotations.NullMarked;
