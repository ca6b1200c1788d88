/**
 * Training: the loop, optimizer and average over flat buffers, run directory, checkpoints and exact resume.
 *
 * <p>All parameters are views of one tensor and all gradients views of another, so AdamW, the exponential moving
 * average and clipping are a handful of vector operations whatever the number of layers.
 */
@NullMarked
package dev.mediator.training;

import org.jspecify.annotations.NullMarked;
