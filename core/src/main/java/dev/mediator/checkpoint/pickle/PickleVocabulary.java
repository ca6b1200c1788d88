package dev.mediator.checkpoint.pickle;

import org.jspecify.annotations.Nullable;

/** All that a pickle may name. */
public interface PickleVocabulary {
    /**
     * What a full name such as {@code collections.OrderedDict} stands for, or null if it is not known.
     *
     * @throws PickleException if the name is known to stand for what is not supported
     */
    @Nullable
    PickleGlobal find(String fullName) throws PickleException;

    /** The object outside of the pickle that this id stands for. */
    Object persistent(@Nullable Object id) throws PickleException;
}
