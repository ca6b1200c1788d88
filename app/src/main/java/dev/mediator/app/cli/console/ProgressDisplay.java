package dev.mediator.app.cli.console;

/** How progress looks. */
sealed interface ProgressDisplay permits BarDisplay, LineDisplay, ProgressDisplay.Nothing {
    /** Nothing is shown. */
    ProgressDisplay NONE = new Nothing();

    /**
     * Shows that the job goes on, though no step is done.
     *
     * @param elapsedSeconds since the job started
     */
    void begin(double elapsedSeconds);

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

    /** Shows nothing. */
    final class Nothing implements ProgressDisplay {
        @Override
        public void begin(double elapsedSeconds) {
            // another process shows it
        }

        @Override
        public void show(long done, double elapsedSeconds, String detail) {
            // another process shows it
        }

        @Override
        public void end() {
            // nothing is shown
        }
    }
}
