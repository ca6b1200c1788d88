package dev.mediator.app.cli.command;

import dev.mediator.file.FileNames;
import dev.mediator.sampling.SamplingException;
import dev.mediator.tensor.CudaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What went wrong, as the user sees it.
 *
 * @param message one line
 * @param exitCode 1 for a failure, 2 for bad usage, 130 for an interruption
 * @param cause what {@code --verbose} shows
 */
record Failure(String message, int exitCode, Throwable cause) {
    private static final String CARD_IS_FULL = "CUDA out of memory";

    static Failure of(Throwable cause) {
        if (cause instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return of(unchecked.getCause());
        } else if (cause instanceof MissingParameterException missing && hasUnmatched(missing)) {
            // A misspelt word explains what is missing better than its absence does.
            CommandLine line = missing.getCommandLine();
            return of(new UnmatchedArgumentException(line, line.getUnmatchedArguments()));
        } else if (cause instanceof UnmatchedArgumentException unmatched) {
            return new Failure(describe(unmatched), CommandExit.USAGE, cause);
        } else if (cause instanceof ParameterException parameter) {
            return new Failure(lowerCaseStart(firstLine(parameter)) + help(parameter), CommandExit.USAGE, cause);
        } else if (cause instanceof InvalidPathException path) {
            return new Failure(FileNames.explained(path), CommandExit.USAGE, cause);
        } else if (cause instanceof IllegalArgumentException) {
            return new Failure(firstLine(cause), CommandExit.USAGE, cause);
        } else if (cause instanceof FileSystemException file) {
            return new Failure(describe(file), CommandExit.FAILURE, cause);
        } else if (cause instanceof IOException) {
            return new Failure(firstLine(cause), CommandExit.FAILURE, cause);
        } else if (cause instanceof CancellationException) {
            return new Failure("interrupted", CommandExit.INTERRUPTED, cause);
        } else if (cause instanceof SamplingException || cause instanceof CudaException) {
            return new Failure(firstLine(cause), CommandExit.FAILURE, cause);
        } else if (cause instanceof OutOfMemoryError) {
            return new Failure(
                    "out of memory: " + firstLine(cause) + "; a smaller batch needs less", CommandExit.FAILURE, cause);
        } else if (isOutOfMemoryOfCard(cause)) {
            return new Failure(onCard(firstLine(cause)) + "; a smaller batch needs less", CommandExit.FAILURE, cause);
        } else if (cause instanceof LinkageError) {
            return new Failure(
                    "the native libraries do not load: " + firstLine(innermost(cause)) + " (see docs/platforms.md)",
                    CommandExit.FAILURE,
                    cause);
        }
        return new Failure(
                "unexpected " + cause.getClass().getSimpleName() + ": " + firstLine(cause) + " (--verbose shows where)",
                CommandExit.FAILURE,
                cause);
    }

    /** The same with more to say, if that is not empty. */
    Failure with(String more) {
        return more.isEmpty() ? this : new Failure(message + "; " + more, exitCode, cause);
    }

    /** libtorch has no exception of its own for it. */
    private static boolean isOutOfMemoryOfCard(Throwable cause) {
        return cause instanceof RuntimeException && firstLine(cause).startsWith(CARD_IS_FULL);
    }

    /** What was asked for and what there is; libtorch goes on with advice for Python. */
    private static String onCard(String message) {
        String facts = message.substring(CARD_IS_FULL.length())
                .replaceFirst("^\\. ", ": ")
                .replaceFirst(" Including non-.*", "");
        return "out of memory on the card" + facts.replaceFirst("\\.$", "");
    }

    /** The loader says first that it found nothing, and what was wrong with what it found last. */
    private static Throwable innermost(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost;
    }

    private static boolean hasUnmatched(MissingParameterException missing) {
        return !missing.getCommandLine().getUnmatchedArguments().isEmpty();
    }

    /** Unknown options and words, with the near ones that exist. */
    private static String describe(UnmatchedArgumentException unmatched) {
        String first = unmatched.getUnmatched().get(0);
        String kind = first.startsWith("-") ? "unknown option" : "unexpected argument";
        if (!unmatched.getCommandLine().getSubcommands().isEmpty() && !first.startsWith("-")) {
            kind = "unknown command";
        }
        List<String> near = unmatched.getSuggestions();
        String suggestion = near.isEmpty() ? "" : "; did you mean '" + near.get(0) + "'?";
        return kind + " '" + first + "'" + suggestion + help(unmatched);
    }

    private static String help(ParameterException failure) {
        return " (see ./" + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help)";
    }

    /** The JDK's file exceptions name the file only, or say why as a reason. */
    private static String describe(FileSystemException failure) {
        if (failure.getReason() != null) {
            return firstLine(failure);
        } else if (failure instanceof NoSuchFileException) {
            return failure.getMessage() + ": no such file or folder";
        } else if (failure instanceof AccessDeniedException) {
            return failure.getMessage() + ": permission denied";
        } else if (failure instanceof FileAlreadyExistsException) {
            return failure.getMessage() + ": exists already";
        }
        return failure.getMessage() + ": " + failure.getClass().getSimpleName();
    }

    private static String firstLine(Throwable cause) {
        @Nullable String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            return cause.getClass().getSimpleName();
        }
        return message.strip().lines().findFirst().orElse(message).strip();
    }

    private static String lowerCaseStart(String sentence) {
        return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
