/**
 * The command line. {@link dev.mediator.app.cli.Cli} parses the arguments, runs one command and maps what happened to an
 * exit code: 0 done, 1 failed, 2 bad usage; Ctrl-C ends the process with 130.
 *
 * <p>A command is one class that extends {@link dev.mediator.app.cli.MediatorCommand}, plus its name in the list of
 * {@link dev.mediator.app.cli.RootCommand}. The options that all commands share are {@link
 * dev.mediator.app.cli.CommonOptions}; everything a command says goes through {@link dev.mediator.app.cli.Console}, and
 * its answer is a {@link dev.mediator.app.cli.Result}.
 */
@NullMarked
package dev.mediator.app.cli;

import org.jspecify.annotations.NullMarked;
