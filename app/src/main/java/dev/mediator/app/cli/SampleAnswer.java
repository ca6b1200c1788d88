package dev.mediator.app.cli;

import dev.mediator.generation.Spent;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code sample --json} prints. Costs are those of this call: pictures that were there already cost nothing.
 *
 * @param images paths of the pictures
 * @param classes class name of each
 * @param seeds seed of each
 * @param evaluations forward passes of one picture each; a guided pair counts two
 * @param gflops multiply-adds spent, in 10⁹
 * @param gflopsFull the same at the network's largest setting
 * @param seconds time from the first step to the last file
 * @param contactSheet path of the contact sheet
 * @param record path of the record
 */
record SampleAnswer(
        List<String> images,
        List<String> classes,
        List<Long> seeds,
        long evaluations,
        double gflops,
        double gflopsFull,
        double seconds,
        String contactSheet,
        String record) {
    static SampleAnswer of(SampleFolder folder, Spent spent, double seconds, Path sheet) {
        return new SampleAnswer(
                folder.images().stream().map(i -> folder.file(i).toString()).toList(),
                folder.images().stream().map(SampleRecord.Image::className).toList(),
                folder.images().stream().map(SampleRecord.Image::seed).toList(),
                spent.evaluations(),
                spent.gflops(),
                spent.gflopsFull(),
                seconds,
                sheet.toString(),
                folder.recordFile().toString());
    }
}
