/**
 * Step-wise dynamic mediators: few mediators in the early, redundant steps of sampling, more in the late ones that add
 * detail (arXiv 2408.05710, section 3.3).
 *
 * <p>A {@link dev.mediator.stepwise.Schedule} says which mediator count serves which step: one for all steps, given
 * fractions of the steps, a share of the cost of the costliest run, or the paper's rule. That one compares the distance
 * d between successive states with the mean d̄ of the first m distances: while stage i is active and d &lt; ρ_i·d̄, stage
 * i + 1 takes over from the next step on, several stages may be passed in one step, and none is ever returned to.
 *
 * <p>A {@link dev.mediator.stepwise.StepwiseRun} carries a schedule out for one batch. To the sampler it is a network
 * and a listener. It decides for each sample alone: at each evaluation it groups the samples by stage, evaluates each group as one
 * dense batch, guided pairs included, and puts the results back in order. So a sample does not depend on the batch it
 * is in. The paper's release decides for a whole batch; {@link dev.mediator.stepwise.ThresholdSchedule#batchWide}
 * reproduces that. All that a run remembers is in its StepwiseRun, never in a network.
 *
 * <p>The stages are {@link dev.mediator.stepwise.StageNetworks}: one elastic network, or several of one count each.
 */
@NullMarked
package dev.mediator.stepwise;

import org.jspecify.annotations.NullMarked;
