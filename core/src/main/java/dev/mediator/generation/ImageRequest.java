package dev.mediator.generation;

/**
 * A picture to make.
 *
 * @param label the class, or the network's null label for none
 * @param seed decides the noise; the same seed with another class starts from the same noise
 */
public record ImageRequest(int label, long seed) {}
