/**
 * The command line. {@link dev.mediator.app.cli.Cli} parses the arguments, runs one command and maps what happened to an
 * exit code: 0 done, 1 failed, 2 bad usage; Ctrl-C ends the process with 130.
 *
 * <p>A command is one class that extends {@link dev.mediator.app.cli.command.MediatorCommand}, in the room of its theme, plus its name
 * in the list of {@link dev.mediator.app.cli.RootCommand}. Rooms know each other in one direction only: themes may use options,
 * options may use what all commands share, and that speaks through the console. {@code AppLayerTest} holds the directions.
 */
@NullMarked
package dev.mediator.app.cli;

import org.jspecify.annotations.NullMarked;
