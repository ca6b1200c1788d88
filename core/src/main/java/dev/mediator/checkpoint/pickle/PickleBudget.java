package dev.mediator.checkpoint.pickle;

/**
 * The memory that the objects of a file may take, an estimate on the safe side. It bounds counts, lengths and copies
 * alike: whoever allocates pays first, and nothing is paid back.
 *
 * <p>For one thread at a time: that which reads the file.
 */
public final class PickleBudget {
    /** What each value costs besides its content. */
    static final int OBJECT = 24;

    static final int TEXT = 48;
    static final int LIST = 48;
    static final int LIST_ELEMENT = 12;
    static final int MAP = 140;
    static final int MAP_ENTRY = 60;

    private final long bytes;
    private long left;

    /** A budget of so many bytes. */
    public PickleBudget(long bytes) {
        this.bytes = bytes;
        this.left = bytes;
    }

    /** Pays for something that is about to be allocated. */
    public void charge(long cost) throws PickleException {
        if (cost > left) {
            throw new PickleException("its objects take more than " + (bytes >> 20) + " MB without the tensors");
        }
        left -= cost;
    }

    void chargeList(long elements) throws PickleException {
        charge(LIST + LIST_ELEMENT * elements);
    }

    void chargeMap(long entries) throws PickleException {
        charge(MAP + MAP_ENTRY * entries);
    }
}
