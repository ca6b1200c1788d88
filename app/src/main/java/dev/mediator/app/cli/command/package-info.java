/**
 * What every command shares: {@link MediatorCommand} is the class that a command extends, {@link CommonOptions} the options that
 * all have, {@link Result} the answer for {@code --json} and the exit code, and {@link Execution} runs one command and turns what
 * it throws into a message. Commands throw plain exceptions and never exit: the price is one place, {@link Failure}, that knows which
 * exception is whose fault.
 */
@NullMarked
package dev.mediator.app.cli.command;

import org.jspecify.annotations.NullMarked;
