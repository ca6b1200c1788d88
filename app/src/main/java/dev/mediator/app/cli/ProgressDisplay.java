package dev.mediator.app.cli;

/** How progress looks. */
sealed interface ProgressDisplay permits BarDisplay, LineDisplay {
    /**
     * Shows the state of the job.
     *
     * @param done steps done so far
     * @param elapsedSeconds since the job started
     * @param detail what else is worth knowing, such as the loss; may be empty
     */
    void show(long done, double elapsedSeconds, String detail);

    /** The job has ended, at the state shown last. */
    void end();
}
