/**
 * The layers of a diffusion transformer (DiT, arXiv 2212.09748; SiT, arXiv 2401.08740) and attention through mediator
 * tokens ("Efficient Diffusion Transformer with Step-wise Dynamic Attention Mediators", arXiv 2408.05710).
 *
 * <p>Shapes: B batch, C channels, p patch size, h×w token grid, N = h·w tokens, D width, M heads, K = D/M head width,
 * n mediator tokens. A layer takes its tensors from a {@link dev.mediator.nn.ParameterSource} by the checkpoint's
 * names, and computes in their element type.
 */
@NullMarked
package dev.mediator.nn;

import org.jspecify.annotations.NullMarked;
