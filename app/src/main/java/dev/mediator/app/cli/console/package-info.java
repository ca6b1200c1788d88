/**
 * What people see: {@link Console} is the only way to say something, {@link Progress} shows how far long work is, and {@link
 * Interruption} tells a running command that the process is to end. Nothing here knows a command, so that all of them speak alike.
 */
@NullMarked
package dev.mediator.app.cli.console;

import org.jspecify.annotations.NullMarked;
