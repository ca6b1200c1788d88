package dev.mediator.generation;

import dev.mediator.stepwise.StepwiseRun;

/**
 * What a generation has cost, counted while it ran.
 *
 * @param evaluations forward passes of one image each; a guided pair counts two
 * @param gflops multiply-adds of these passes, in 10⁹
 * @param gflopsFull the same had every pass gone through the network's costliest attention
 */
public record Spent(long evaluations, double gflops, double gflopsFull) {
    /** Nothing yet. */
    public static final Spent NOTHING = new Spent(0, 0, 0);

    /** What a run has cost so far. */
    static Spent of(StepwiseRun run) {
        return new Spent(run.evaluations(), run.macs() / 1e9, run.macsFull() / 1e9);
    }

    /** The sum of both. */
    public Spent plus(Spent other) {
        return new Spent(evaluations + other.evaluations, gflops + other.gflops, gflopsFull + other.gflopsFull);
    }
}
