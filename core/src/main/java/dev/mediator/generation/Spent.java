package dev.mediator.generation;

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

    /** The sum of both. */
    public Spent plus(Spent other) {
        return new Spent(evaluations + other.evaluations, gflops + other.gflops, gflopsFull + other.gflopsFull);
    }
}
