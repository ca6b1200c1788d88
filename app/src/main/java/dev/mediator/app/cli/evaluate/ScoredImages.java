package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.console.Console;
import dev.mediator.evaluation.FeatureCollector;
import dev.mediator.image.Picture;
import java.io.IOException;
import java.util.List;

/** What is scored: images that are there, or images that a network makes while they are scored. */
interface ScoredImages extends AutoCloseable {
    /** In a few words, for headlines. */
    String name();

    /** A name of letters and digits, for folders. */
    String shortName();

    /** All that is known of how they were made, for the record. */
    Object description();

    /** How many. */
    int count() throws IOException;

    /** The class of each, or empty. */
    List<String> classes() throws IOException;

    /**
     * Adds all of them, in order.
     *
     * @return multiply-adds of each in 10⁹, or NaN if that is not known
     */
    double collect(Console console, FeatureCollector collector) throws IOException;

    /** Certain ones, by their place in the order, ascending. */
    List<Picture> pictures(List<Integer> indices) throws IOException;

    @Override
    void close();
}
