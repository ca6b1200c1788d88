package dev.mediator.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** Which part of a data set is used. */
public enum Split {
    /** What is learned from. */
    @JsonProperty("train")
    TRAIN,
    /** What is held out for measuring. */
    @JsonProperty("test")
    TEST,
    /** Everything: an image folder that is not divided. */
    @JsonProperty("all")
    ALL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
