/**
 * JMH benchmarks of the inner parts: layers and kernels by the number of tokens, width and element type. They are for whoever
 * changes one of these; what a whole network does is measured by {@code ./mediator bench}.
 *
 * <p>Each invocation opens a {@link dev.mediator.tensor.Scope}, as the library's loops do, so that memory does not grow, and
 * the time of freeing belongs to what is measured.
 */
@NullMarked
package dev.mediator.benchmarks;

import org.jspecify.annotations.NullMarked;
