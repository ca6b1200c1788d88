package dev.mediator.app.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailureTest {
    @Test
    void wrongArgumentsAreUsageAndFilesAreFailures() {
        assertFailure(new IllegalArgumentException("seed is -1"), 2, "seed is -1");
        assertFailure(new IOException("a.png is no image"), 1, "a.png is no image");
        assertFailure(new UncheckedIOException(new IOException("disk full")), 1, "disk full");
    }

    @Test
    void theJdksFileExceptionsGetTheirReason() {
        assertFailure(new NoSuchFileException("a/b"), 1, "a/b: no such file or folder");
        assertFailure(new AccessDeniedException("/root/x"), 1, "/root/x: permission denied");
        assertFailure(new NoSuchFileException("a", null, "is a joke"), 1, "a: is a joke");
    }

    @Test
    void nativeErrorsKeepTheirFirstLineOnly() {
        assertFailure(
                new RuntimeException("sizes differ\nException raised from at torch.cpp:12"),
                1,
                "unexpected RuntimeException: sizes differ (--verbose shows where)");
        assertFailure(
                new UnsatisfiedLinkError("no jnitorch in java.library.path"),
                1,
                "the native libraries do not load: no jnitorch in java.library.path (see docs/platforms.md)");
    }

    @Test
    void aFullCardIsNamedWithWhatWasAskedForAndWhatThereIs() {
        assertFailure(
                new RuntimeException(
                        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB of"
                                + " which 1.50 GiB is free. Including non-PyTorch memory, this process has 77.00 GiB memory in use."
                                + "\nException raised from malloc"),
                1,
                "out of memory on the card: Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB of which"
                        + " 1.50 GiB is free; a smaller batch needs less");
    }

    private static void assertFailure(Throwable cause, int exitCode, String message) {
        Failure failure = Failure.of(cause);

        assertThat(failure.message()).isEqualTo(message);
        assertThat(failure.exitCode()).isEqualTo(exitCode);
    }
}
