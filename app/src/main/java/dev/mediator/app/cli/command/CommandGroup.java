package dev.mediator.app.cli.command;

/** What stands before a command's name: the program itself, or a command that is a group of others. */
public interface CommandGroup {
    /** The options that every command takes. */
    CommonOptions common();
}
