package dev.mediator.nn;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * How many mediator tokens attention goes through, or {@link #FULL} for softmax attention without mediators. In order of
 * size, full attention is the largest.
 *
 * @param tokens n, a perfect square, or 0 for full attention
 */
public record MediatorCount(int tokens) implements Comparable<MediatorCount> {
    /** Softmax attention between all pairs of tokens. */
    public static final MediatorCount FULL = new MediatorCount(0);

    public MediatorCount {
        int side = (int) Math.round(Math.sqrt(tokens));
        if (tokens < 0 || tokens > 65536 || side * side != tokens) {
            throw new IllegalArgumentException(
                    "mediator count is " + tokens + ", allowed are perfect squares (4, 16, 64, …) and 'full'");
        }
    }

    /** Reads {@code 16} or {@code full}. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static MediatorCount parse(Object value) {
        String text = String.valueOf(value).strip();
        if (text.equalsIgnoreCase("full")) {
            return FULL;
        }
        try {
            int tokens = Integer.parseInt(text);
            if (tokens > 0) {
                return new MediatorCount(tokens);
            }
        } catch (NumberFormatException e) {
            // falls through to the message below, which names the text
        }
        throw new IllegalArgumentException(
                "mediator count is '" + text + "', allowed are perfect squares (4, 16, 64, …) and 'full'");
    }

    /** True for softmax attention. */
    public boolean isFull() {
        return tokens == 0;
    }

    /** Mediators per side of their grid, √n. */
    public int side() {
        return (int) Math.round(Math.sqrt(tokens));
    }

    @Override
    public int compareTo(MediatorCount other) {
        return isFull() || other.isFull()
                ? Boolean.compare(isFull(), other.isFull())
                : Integer.compare(tokens, other.tokens);
    }

    /** {@code 16} or {@code full}. */
    @Override
    public String toString() {
        return isFull() ? "full" : Integer.toString(tokens);
    }

    @JsonValue
    Object toJson() {
        return isFull() ? "full" : (Object) tokens;
    }
}
