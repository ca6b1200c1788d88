package dev.mediator.parallel;

/**
 * One of several processes.
 *
 * @param rank which, from 0; process 0 is where the others meet
 * @param size how many there are
 */
public record Member(int rank, int size) {
    /** A ring of more would be slow, and a number like this is a slip. */
    private static final int MOST = 4096;

    /** A process that works alone. */
    public static final Member ALONE = new Member(0, 1);

    public Member {
        if (size < 1 || size > MOST) {
            throw new IllegalArgumentException("the number of processes is " + size + ", allowed are 1 to " + MOST);
        }
        if (rank < 0 || rank >= size) {
            throw new IllegalArgumentException(
                    "rank is " + rank + ", allowed with " + size + " processes are 0 to " + (size - 1));
        }
    }

    /** True for process 0. */
    public boolean isFirst() {
        return rank == 0;
    }

    /** The process that this one sends to in the ring. */
    Member next() {
        return new Member((rank + 1) % size, size);
    }

    /** The process that this one hears from in the ring. */
    Member previous() {
        return new Member((rank + size - 1) % size, size);
    }

    /** Another process of the same group. */
    Member other(int otherRank) {
        return new Member(otherRank, size);
    }

    @Override
    public String toString() {
        return "process " + rank + " of " + size;
    }
}
