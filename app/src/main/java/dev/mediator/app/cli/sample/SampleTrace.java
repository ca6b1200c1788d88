package dev.mediator.app.cli.sample;

import dev.mediator.stepwise.StageTrace;
import java.util.List;

/**
 * What a picture went through, for the record: without distances, whose last digits depend on the batch.
 *
 * @param stages which mediator count served how many steps, in order
 * @param switchSteps after which step (from 0) each stage but the first took over
 * @param evaluations forward passes; a guided pair counts two
 * @param gflops multiply-adds of these passes, in 10⁹
 * @param gflopsFull the same at the network's largest setting
 */
record SampleTrace(
        List<StageTrace.Span> stages, List<Integer> switchSteps, long evaluations, double gflops, double gflopsFull) {
    static SampleTrace of(StageTrace trace) {
        return new SampleTrace(
                trace.stages(), trace.switchSteps(), trace.evaluations(), trace.gflops(), trace.gflopsFull());
    }
}
