package dev.mediator.app.cli.sample;

import dev.mediator.app.cli.sample.SampleFolder.Finished;
import dev.mediator.generation.Spent;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sample --json} prints. Costs are those of this call: pictures that were there already cost nothing.
 *
 * @param images paths of the pictures
 * @param classes class name of each
 * @param seeds seed of each
 * @param schedule which mediator count served when, as it ran
 * @param switchSteps of each picture, after which step (from 0) each stage but the first took over
 * @param evaluations forward passes of one picture each; a guided pair counts two
 * @param gflops multiply-adds spent, in 10⁹
 * @param gflopsFull the same at the network's largest setting
 * @param seconds time from the first step to the last file
 * @param contactSheet path of the contact sheet
 * @param stages path of the chart of stages; null with a static schedule
 * @param record path of the record
 * @param npz path of the .npz file; null without {@code --npz}
 */
public record SampleAnswer(
        List<String> images,
        List<String> classes,
        List<Long> seeds,
        String schedule,
        List<List<Integer>> switchSteps,
        long evaluations,
        double gflops,
        double gflopsFull,
        double seconds,
        String contactSheet,
        @Nullable String stages,
        String record,
        @Nullable String npz) {
    static SampleAnswer of(SampleFolder folder, Finished finished, @Nullable Path npz, Spent spent, double seconds) {
        return new SampleAnswer(
                folder.images().stream().map(i -> folder.file(i).toString()).toList(),
                folder.images().stream().map(SampleRecord.Image::className).toList(),
                folder.images().stream().map(SampleRecord.Image::seed).toList(),
                finished.record().schedule(),
                finished.record().images().stream()
                        .map(image -> Objects.requireNonNull(image.trace()).switchSteps())
                        .toList(),
                spent.evaluations(),
                spent.gflops(),
                spent.gflopsFull(),
                seconds,
                finished.contactSheet().toString(),
                finished.stages() == null ? null : finished.stages().toString(),
                folder.recordFile().toString(),
                npz == null ? null : npz.toString());
    }
}
