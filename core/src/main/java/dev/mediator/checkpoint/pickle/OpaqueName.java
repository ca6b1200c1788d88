package dev.mediator.checkpoint.pickle;

/** A class or function that is not known here: its name and nothing else. It is never looked for and never called. */
record OpaqueName(String name) implements PickleGlobal {
    /** Keeps what can be shown: the name ends up in messages. */
    OpaqueName {
        name = Quoted.of(name);
    }
}
