package dev.mediator.parallel;

import java.util.List;

/** Small messages between process 0 and each of the others, as a star: one round trip, and sums in the same order every time. */
abstract class Star implements AutoCloseable {
    /** What stands before each message of process 0. */
    private static final int OK = 1;

    private static final int LOST = 2;

    abstract double[] sum(double[] values) throws LostProcessException;

    abstract String fromFirst(String text) throws LostProcessException;

    @Override
    public abstract void close();

    /** Process 0's part. When a process has gone, it tells all that are left. */
    static final class Centre extends Star {
        private final List<Link> others;

        /** @param others links to the processes 1, 2, … */
        Centre(List<Link> others) {
            this.others = List.copyOf(others);
        }

        @Override
        double[] sum(double[] values) throws LostProcessException {
            try {
                double[] sums = values.clone();
                for (Link link : others) {
                    double[] theirs = link.readDoubles(values.length);
                    for (int i = 0; i < sums.length; i++) {
                        sums[i] += theirs[i];
                    }
                }
                for (Link link : others) {
                    link.writeInt(OK);
                    link.writeDoubles(sums);
                }
                return sums;
            } catch (LostProcessException e) {
                throw told(e);
            }
        }

        @Override
        String fromFirst(String text) throws LostProcessException {
            try {
                for (Link link : others) {
                    link.writeInt(OK);
                    link.writeText(text);
                }
                return text;
            } catch (LostProcessException e) {
                throw told(e);
            }
        }

        private LostProcessException told(LostProcessException loss) {
            for (Link link : others) {
                try {
                    link.writeInt(LOST);
                    link.writeText(String.valueOf(loss.getMessage()));
                } catch (LostProcessException e) {
                    loss.addSuppressed(e); // the one that has gone, or another one
                }
            }
            return loss;
        }

        @Override
        public void close() {
            others.forEach(Link::close);
        }
    }

    /** The part of any other process. */
    static final class Point extends Star {
        private final Link centre;

        Point(Link centre) {
            this.centre = centre;
        }

        @Override
        double[] sum(double[] values) throws LostProcessException {
            centre.writeDoubles(values);
            requireOk();
            return centre.readDoubles(values.length);
        }

        @Override
        String fromFirst(String text) throws LostProcessException {
            requireOk();
            return centre.readText();
        }

        private void requireOk() throws LostProcessException {
            int status = centre.readInt();
            if (status == LOST) {
                throw new LostProcessException(centre.readText());
            } else if (status != OK) {
                throw new LostProcessException(centre.other() + " sends something that is not a message");
            }
        }

        @Override
        public void close() {
            centre.close();
        }
    }
}
