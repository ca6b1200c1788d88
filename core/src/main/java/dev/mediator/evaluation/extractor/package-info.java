/**
 * The networks that pictures are scored with, each with the preprocessing that belongs to it.
 *
 * <p>Scores depend on preprocessing as much as on the network ("On Aliased Resizing and Surprising Subtleties in GAN
 * Evaluation", arXiv 2104.11222). So a resize is part of an extractor and named in its version, and numbers of one are never
 * compared with numbers of another.
 */
@NullMarked
package dev.mediator.evaluation.extractor;

import org.jspecify.annotations.NullMarked;
