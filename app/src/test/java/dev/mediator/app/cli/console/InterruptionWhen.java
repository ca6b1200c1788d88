package dev.mediator.app.cli.console;

import dev.mediator.app.cli.ProcessRun;
import java.time.Duration;

/** Ctrl-C at the first step of a job at which something is so: at the same place on every machine. */
public final class InterruptionWhen extends Interruption {
    private final ProcessRun.Condition condition;

    public InterruptionWhen(ProcessRun.Condition condition) {
        super(Duration.ZERO);
        this.condition = condition;
    }

    @Override
    public synchronized void check() {
        try {
            if (condition.holds()) {
                request();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        super.check();
    }
}
