/**
 * Which schedule for which budget: found on trajectories of the network itself.
 *
 * <p>One run through the costliest count is the reference; how far the final latents of another run on the same noise are
 * from its own is that run's error ({@link dev.mediator.tuning.Fidelity}). Running every schedule would take forever. But
 * along the reference each cheaper count needs one more evaluation per step to tell what it would have done there
 * ({@link dev.mediator.tuning.LocalErrors}), and four more runs tell how much of what is done wrong early, late or in
 * between is left at the end. From these the error of any fixed schedule is predicted, all of them are searched
 * ({@link dev.mediator.tuning.ScheduleSearch}), and only the best are run ({@link dev.mediator.tuning.Tuner}).
 *
 * <p>The idea that a budget is spent by calibration is that of arXiv 2408.05710, section 3.3, taken further: there,
 * thresholds are set by hand.
 */
@NullMarked
package dev.mediator.tuning;

import org.jspecify.annotations.NullMarked;
