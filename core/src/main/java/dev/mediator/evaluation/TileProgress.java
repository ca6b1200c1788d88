package dev.mediator.evaluation;

/** Told how much of a computation is done, for those that take long. */
@FunctionalInterface
public interface TileProgress {
    /** Listens to nothing. */
    TileProgress NONE = (done, total) -> {};

    /**
     * A piece is done.
     *
     * @param done pieces done so far, from 1
     * @param total pieces in all
     */
    void onTile(long done, long total);
}
