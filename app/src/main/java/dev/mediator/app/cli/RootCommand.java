package dev.mediator.app.cli;

import dev.mediator.app.cli.analyze.TuneCommand;
import dev.mediator.app.cli.checkpoint.AdaptCommand;
import dev.mediator.app.cli.checkpoint.ConvertCommand;
import dev.mediator.app.cli.checkpoint.InfoCommand;
import dev.mediator.app.cli.command.CommandGroup;
import dev.mediator.app.cli.command.CommonOptions;
import dev.mediator.app.cli.command.Version;
import dev.mediator.app.cli.compare.CompareCommand;
import dev.mediator.app.cli.cost.BenchCommand;
import dev.mediator.app.cli.cost.FlopsCommand;
import dev.mediator.app.cli.cost.SelftestCommand;
import dev.mediator.app.cli.evaluate.ConvertExtractorCommand;
import dev.mediator.app.cli.evaluate.EvaluateCommand;
import dev.mediator.app.cli.evaluate.MakeReferenceCommand;
import dev.mediator.app.cli.sample.SampleCommand;
import dev.mediator.app.cli.train.EncodeCommand;
import dev.mediator.app.cli.train.ExperimentCommand;
import dev.mediator.app.cli.train.TrainAutoencoderCommand;
import dev.mediator.app.cli.train.TrainClassifierCommand;
import dev.mediator.app.cli.train.TrainCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The program itself: what stands before the command's name. Every command is listed here. */
@Command(
        name = "mediator",
        subcommands = {
            SampleCommand.class,
            TrainCommand.class,
            EncodeCommand.class,
            TrainAutoencoderCommand.class,
            TrainClassifierCommand.class,
            EvaluateCommand.class,
            CompareCommand.class,
            MakeReferenceCommand.class,
            ConvertExtractorCommand.class,
            InfoCommand.class,
            ConvertCommand.class,
            AdaptCommand.class,
            SelftestCommand.class,
            BenchCommand.class,
            TuneCommand.class,
            ExperimentCommand.class,
            AnalyzeCommand.class,
            FlopsCommand.class,
        },
        versionProvider = Version.class,
        description = {
            "",
            "Makes images with diffusion transformers whose attention goes through a few mediator",
            "tokens, and trains them."
        },
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions, before or after the command's name:%n",
        footer = {
            "",
            "Examples:",
            "  ./mediator info FILE                       what is in a checkpoint",
            "  ./mediator info --json FILE | jq .config   the same for programs",
            "",
            "'./mediator COMMAND --help' tells what a command takes. The documentation starts at docs/README.md."
        })
public final class RootCommand implements CommandGroup {
    @Mixin
    private CommonOptions common;

    @Override
    public CommonOptions common() {
        return common;
    }
}
