/**
 * Looks at the attention of a network while it samples.
 *
 * <p>{@link dev.mediator.analysis.AttentionStudy} runs trajectories as sampling does and, at chosen steps, hands out the
 * attention maps of each sample and layer. Two things are made of them: how alike the queries of a layer see the picture
 * ({@link dev.mediator.analysis.Redundancy}, followed over time by {@link dev.mediator.analysis.RedundancyProfile}), which
 * is what the paper's step-wise mediators rest on ("Efficient Diffusion Transformer with Step-wise Dynamic Attention
 * Mediators", arXiv 2408.05710); and pictures of what chosen queries look at ({@link
 * dev.mediator.analysis.AttentionPictures}).
 *
 * <p>For mediators the map is the product of the two stages, tokens to mediators and mediators to tokens. The depthwise
 * convolution beside them is no attention and not part of it.
 */
@NullMarked
package dev.mediator.analysis;

import org.jspecify.annotations.NullMarked;
