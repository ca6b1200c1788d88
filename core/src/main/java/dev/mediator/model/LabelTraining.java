package dev.mediator.model;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a network has learned of its labels. Guidance compares the answer for a class with the answer for no class (arXiv
 * 2207.12598), so it needs both. A network of unknown training is taken for one that has learned both.
 */
public enum LabelTraining {
    /** The classes, and to do without one: any guidance makes sense. */
    BOTH(null, null) {
        @Override
        public Guidance guidance(Guidance usual) {
            return usual;
        }

        @Override
        boolean allows(Guidance guidance) {
            return true;
        }
    },

    /** One class. Without a class the network makes the same, so guidance has no direction to follow. */
    ONE_CLASS("has one class, so that its answers with and without a class mean the same", null),

    /** The classes only: no sample was trained without its class. */
    CLASSES_ONLY(
            "was trained with labelDropout 0, so that its answer without a class, which guidance compares with, means nothing",
            "labelDropout is 0: the network will not learn to answer without a class, so by default it is sampled without"
                    + " guidance, which needs that"),

    /** To do without a class only: no sample was trained with its class. */
    NO_CLASSES(
            "was trained with labelDropout 1, so that its answers for classes mean nothing",
            "labelDropout is 1: the network will not learn its classes, so by default it is sampled without a class") {
        /** Scale 0 leaves the answer without a class alone. */
        private static final Guidance NO_CLASS = new Guidance(0, 0, 0, 1);

        @Override
        public Guidance guidance(Guidance usual) {
            return NO_CLASS;
        }

        @Override
        boolean allows(Guidance guidance) {
            return guidance.equals(NO_CLASS);
        }

        @Override
        String advice() {
            return "0 (no class)";
        }
    },

    /** The classes only: there is no label for none. */
    NO_NULL_LABEL("has no label for 'no class', whose answer guidance compares with", null) {
        @Override
        boolean allows(Guidance guidance) {
            return true; // anything that cannot be done is an error, see Guidance.requireUsable
        }
    };

    private final @Nullable String reason;
    private final @Nullable String trainingNote;

    LabelTraining(@Nullable String reason, @Nullable String trainingNote) {
        this.reason = reason;
        this.trainingNote = trainingNote;
    }

    /**
     * What a training with this label dropout teaches.
     *
     * @param labelDropout share of samples trained without their class, 0 to 1
     */
    public static LabelTraining of(double labelDropout) {
        return labelDropout == 0 ? CLASSES_ONLY : labelDropout == 1 ? NO_CLASSES : BOTH;
    }

    /**
     * What a network has learned.
     *
     * @param labelDropout of its last training; null if unknown
     */
    public static LabelTraining of(SitConfig config, @Nullable Double labelDropout) {
        if (config.lacksNullLabel()) {
            return NO_NULL_LABEL;
        }
        LabelTraining taught = labelDropout == null ? BOTH : of(labelDropout);
        return taught == BOTH && config.numClasses() == 1 ? ONE_CLASS : taught;
    }

    /**
     * The guidance to use where none is asked for.
     *
     * @param usual what is used with a network that has learned both
     */
    public Guidance guidance(Guidance usual) {
        return Guidance.NONE;
    }

    /** Whether the answer for no class means something. */
    boolean knowsNoClass() {
        return this != CLASSES_ONLY && this != NO_NULL_LABEL;
    }

    /** Whether guidance relies on nothing but what was learned. */
    boolean allows(Guidance guidance) {
        return guidance.scale() == 1;
    }

    /** The scale that suits, in words. */
    String advice() {
        return "1 (none)";
    }

    /** What to tell whoever asked for a guidance that relies on what was not learned. */
    public Optional<String> warning(Guidance guidance) {
        return reason == null || allows(guidance)
                ? Optional.empty()
                : Optional.of("guidance is " + guidance.scale() + ", but the network " + reason + "; " + advice()
                        + " suits it");
    }

    /** What to tell whoever asked for no guidance in particular and gets another than the usual one. */
    public Optional<String> defaultNote() {
        return reason == null
                ? Optional.empty()
                : Optional.of("guidance is " + advice() + " by default here: the network " + reason);
    }

    /** What to tell whoever starts a training that teaches this. */
    public Optional<String> trainingNote() {
        return Optional.ofNullable(trainingNote);
    }
}
