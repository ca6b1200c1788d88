/**
 * Measuring: {@link dev.mediator.app.bench.Subject}s hand {@link dev.mediator.app.bench.Work} to a {@link
 * dev.mediator.app.bench.Meter}, which does it several times and makes a {@link dev.mediator.app.bench.Row} of it. Knows
 * nothing of the command line.
 *
 * <p>Times of one machine mean little elsewhere. What carries over is the share of the rate at which the same machine, at the
 * same minute, multiplies large matrices; it is measured first. Multiply-adds are counted while the work runs, not
 * computed from a formula, so that they are right for any schedule, guidance and solver.
 */
@NullMarked
package dev.mediator.app.bench;

import org.jspecify.annotations.NullMarked;
