package dev.mediator.checkpoint.pickle;

/** What a name stands for that a pickle imports: an inert value, unless it is a {@link PickleFunction}. */
public interface PickleGlobal {
    /** Module and name as the file has them, such as {@code collections.OrderedDict}. */
    String name();
}
