package dev.mediator.checkpoint.pickle;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads the pickles of a stream, one after the other. */
public final class PickleReader {
    private final PickleInput input;
    private final PickleVocabulary vocabulary;
    private final PickleBudget budget;

    /**
     * Reads nothing yet.
     *
     * @param stream where the first pickle begins; may be read beyond the last one
     * @param length how many bytes the stream has, at most
     * @param vocabulary what the pickles may name
     * @param budget what all of them may take together
     */
    public PickleReader(InputStream stream, long length, PickleVocabulary vocabulary, PickleBudget budget) {
        this.input = new PickleInput(stream, length, budget);
        this.vocabulary = vocabulary;
        this.budget = budget;
    }

    /**
     * The next pickle's value.
     *
     * @throws PickleException if the pickle is broken, too large, or names what is not in the vocabulary
     */
    public @Nullable Object next() throws IOException {
        return new PickleMachine(input, vocabulary, budget).run();
    }

    /** How many bytes the pickles had that were read. */
    public long position() {
        return input.position();
    }
}
