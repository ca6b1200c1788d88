package dev.mediator.app.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the program's version and those of the parts that decide its numbers. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        Properties build = buildProperties();
        return new String[] {
            String.format(
                    Locale.ROOT,
                    "mediator %s (libtorch %s, Java %s)",
                    build.getProperty("version"),
                    build.getProperty("libtorch").replaceFirst("-.*", ""),
                    System.getProperty("java.version"))
        };
    }

    private static Properties buildProperties() {
        Properties properties = new Properties();
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("build.properties"))) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
