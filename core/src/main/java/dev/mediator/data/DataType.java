package dev.mediator.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.Locale;

/** The kinds of data sets that a config can name. */
public enum DataType {
    /** IDX files, the format of MNIST and Fashion-MNIST. */
    @JsonProperty("idx")
    IDX {
        @Override
        ImageDataset open(DataConfig config) throws IOException {
            return IdxDataset.open(config);
        }
    },
    /** Image files in one folder per class. */
    @JsonProperty("folder")
    FOLDER {
        @Override
        ImageDataset open(DataConfig config) throws IOException {
            return FolderDataset.open(config);
        }
    };

    abstract ImageDataset open(DataConfig config) throws IOException;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
