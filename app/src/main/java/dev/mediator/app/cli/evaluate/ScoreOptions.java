package dev.mediator.app.cli.evaluate;

import dev.mediator.evaluation.EvaluationConfig;
import picocli.CommandLine.Option;

/** The options that scores depend on besides the features. Their defaults are those of published scores. */
public final class ScoreOptions {
    @Option(
            names = "--splits",
            paramLabel = "N",
            description = "Parts over which the inception score is averaged. Default: 10.")
    private int splits = EvaluationConfig.DEFAULT.inceptionSplits();

    @Option(
            names = "--neighbours",
            paramLabel = "K",
            description = "Neighbours that the manifolds of precision and recall reach to. Default: 3.")
    private int neighbours = EvaluationConfig.DEFAULT.neighbours();

    @Option(
            names = "--kid-subsets",
            paramLabel = "N",
            description = "Subsets over which the kernel distance is averaged. Default: 100.")
    private int kidSubsets = EvaluationConfig.DEFAULT.kernelSubsets();

    @Option(
            names = "--kid-subset-size",
            paramLabel = "N",
            description = "Images of each; fewer where there are fewer. Default: 1000.")
    private int kidSubsetSize = EvaluationConfig.DEFAULT.kernelSubsetSize();

    public EvaluationConfig config() {
        return new EvaluationConfig(splits, neighbours, kidSubsets, kidSubsetSize, EvaluationConfig.DEFAULT.seed());
    }
}
