/**
 * Networks that are trained alike, and scored alike: do the paper's claims (arXiv 2408.05710) hold on real data?
 *
 * <p>An {@link dev.mediator.experiment.ExperimentConfig} names runs, each a training with schedules to sample it by. An {@link
 * dev.mediator.experiment.Experiment} trains what is not trained and scores what is not scored in its {@link
 * dev.mediator.experiment.ExperimentFolder}, so that it can be stopped and started at any moment. All runs share seed, data order and
 * number of updates, and start from the same values wherever they have the same parameters; all sets of samples of one seed start
 * from the same noise. {@link dev.mediator.experiment.ExperimentReport} puts the scores side by side, as mean and deviation over
 * the seeds of sampling.
 */
@NullMarked
package dev.mediator.experiment;

import org.jspecify.annotations.NullMarked;
