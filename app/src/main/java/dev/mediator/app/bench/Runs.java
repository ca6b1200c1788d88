package dev.mediator.app.bench;

/**
 * How often a work is done.
 *
 * @param measured times that count
 * @param warmUpSeconds for how long it is done before, at least once: until Java has compiled what is between products. Works of a
 *     single call need that less, and are done {@value #WARM_UPS_OF_ONE_CALL} times at most
 */
public record Runs(int measured, double warmUpSeconds) {
    static final int WARM_UPS_OF_ONE_CALL = 20;
}
