package dev.mediator.training;

import java.io.IOException;

/** What a training leaves behind while it goes on. Of several processes only process 0 leaves anything. */
interface TrainingOutput {
    /** Nothing. */
    TrainingOutput NONE = new TrainingOutput() {
        @Override
        public void begun() {}

        @Override
        public void updated(Update update) {}

        @Override
        public void stopped() {}

        @Override
        public void finished() {}

        @Override
        public TrainingDivergedException diverged(String what, double value, long step) {
            return new TrainingDivergedException("the " + what + " is " + value + " at step " + step);
        }
    };

    /**
     * An update.
     *
     * @param loss mean loss of its batch, over all processes
     * @param norm of its gradient, before clipping
     * @param rateFactor of the learning rate
     * @param forwardMacs multiply-adds of one image's forward pass
     */
    record Update(double loss, double norm, double rateFactor, long forwardMacs) {}

    /** The training begins or goes on; what an interruption kept from being drawn is drawn now. */
    void begun() throws IOException;

    /** An update is done. */
    void updated(Update update) throws IOException;

    /** The training stops before its end. */
    void stopped() throws IOException;

    /** The training is done. */
    void finished() throws IOException;

    /**
     * What is thrown when a number is no longer one.
     *
     * @param what such as {@code loss}
     * @param step updates done
     */
    TrainingDivergedException diverged(String what, double value, long step) throws IOException;
}
