package dev.mediator.app.selftest;

import dev.mediator.checkpoint.SafeTensors;

/** Settings of a golden file: its metadata strings. */
final class GoldenSettings {
    private GoldenSettings() {}

    /** A number setting. */
    static double number(SafeTensors file, String name) {
        return Double.parseDouble(text(file, name));
    }

    /** An integer setting. */
    static int integer(SafeTensors file, String name) {
        return Integer.parseInt(text(file, name));
    }

    /** A truth setting, {@code True} or {@code true}. */
    static boolean flag(SafeTensors file, String name) {
        return Boolean.parseBoolean(text(file, name));
    }

    /** A setting as it stands. */
    static String text(SafeTensors file, String name) {
        String value = file.metadata().get(name);
        if (value == null) {
            throw new IllegalArgumentException(file.file() + " lacks the setting '" + name + "'");
        }
        return value;
    }
}
