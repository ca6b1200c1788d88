package dev.mediator.app.cli;

import dev.mediator.app.cli.analyze.AnalyzeAttentionCommand;
import dev.mediator.app.cli.analyze.AnalyzeRedundancyCommand;
import dev.mediator.app.cli.analyze.AnalyzeSchedulesCommand;
import dev.mediator.app.cli.command.CommandGroup;
import dev.mediator.app.cli.command.CommonOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code analyze}: the group of commands that look into a network. */
@Command(
        name = "analyze",
        subcommands = {AnalyzeRedundancyCommand.class, AnalyzeAttentionCommand.class, AnalyzeSchedulesCommand.class},
        description = "Look into a network while it makes pictures.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Examples:",
            "  ./mediator analyze redundancy --mediators full   how much do tokens differ?",
            "  ./mediator analyze attention --class Sneaker     what does a token look at?",
            "  ./mediator analyze schedules --schedule budget:0.9   what does a schedule cost, and lose?"
        })
final class AnalyzeCommand implements CommandGroup {
    @ParentCommand
    private RootCommand root;

    @Override
    public CommonOptions common() {
        return root.common();
    }
}
