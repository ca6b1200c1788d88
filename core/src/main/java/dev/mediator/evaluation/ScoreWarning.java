package dev.mediator.evaluation;

/**
 * Why a score means less than it seems to.
 *
 * @param kind of the reason
 * @param text one line for people
 */
public record ScoreWarning(Kind kind, String text) {
    /** Reasons. */
    public enum Kind {
        /** No more images than feature dimensions: the covariance lacks directions, the distance is far too large. */
        RANK_DEFICIENT,
        /** Few images for the features' dimension or the classes: the score is biased and noisy. */
        FEW_IMAGES,
        /** Too few images for a score, which is left out. */
        LEFT_OUT,
        /** The inception score is of all images at once: there are fewer than splits. */
        FEWER_SPLITS,
        /** The kernel distance's subsets are smaller than asked for. */
        SMALLER_SUBSETS,
        /** The reference does not tell which extractor made it: it may be another one with as many features. */
        UNKNOWN_EXTRACTOR,
        /** The reference's statistics are not those of its images: distances are to other images than the other scores. */
        DISAGREEING_REFERENCE,
        /** Images that could not be read were left out. */
        SKIPPED_IMAGES
    }
}
