package dev.mediator.app.cli.checkpoint;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.app.cli.console.Progress;
import dev.mediator.app.cli.option.MediatorsList;
import dev.mediator.model.Adaptation;
import dev.mediator.model.Sit;
import dev.mediator.model.SitCheckpoint;
import dev.mediator.model.SitConfig;
import dev.mediator.model.SitDraft;
import dev.mediator.model.SitFile;
import dev.mediator.tensor.DType;
import dev.mediator.transport.Labels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code adapt}: a network's weights as a start for another network. */
@Command(
        name = "adapt",
        description = {
            "Carry a network's weights over to another input size, other mediators or other classes.",
            "The result is a start for training: name it as initFrom in a configuration."
        },
        footer = {
            "",
            "Examples:",
            "  ./mediator adapt sit256.safetensors sit512.safetensors --input-size 64 --mediators 64",
            "  ./mediator adapt softmax.safetensors elastic.safetensors --mediators 4,16,64,full",
            "  ./mediator train configs/finetune.json --set initFrom=sit512.safetensors"
        })
public final class AdaptCommand extends MediatorCommand {
    private static final JsonMapper JSON = new JsonMapper();

    @Mixin
    private DraftOptions files;

    @Option(
            names = "--input-size",
            paramLabel = "N",
            description = "Side of the image or latent, a multiple of the patch size. Default: as it is.")
    private @Nullable Integer inputSize;

    @Option(
            names = "--mediators",
            paramLabel = "LIST",
            description = "What attention is to go through: counts, or full, with commas between. Default: as it is.")
    private @Nullable String mediators;

    @Option(
            names = "--mediator-blocks",
            paramLabel = "LIST",
            description =
                    "Blocks that are to have mediators, counted from 0, with commas between, or all; the others have"
                            + " softmax attention. Default: as it is.")
    private @Nullable String mediatorBlocks;

    @Option(
            names = "--classes",
            paramLabel = "N",
            description = "Number of classes; the first ones stay what they are. Default: as it is.")
    private @Nullable Integer classes;

    @Option(
            names = "--forget-classes",
            description = "The classes are to mean something else: each begins as no class.")
    private boolean forgetClasses;

    /**
     * What {@code --json} prints.
     *
     * @param in the file that was read
     * @param out the file that was written
     * @param from the network that was
     * @param to the network that is
     * @param changes what was done, one line each
     */
    public record Answer(FileInfo in, FileInfo out, SitConfig from, SitConfig to, List<String> changes) {}

    @Override
    protected List<String> dtypes() {
        return List.of("fp32", "fp16", "bf16");
    }

    @Override
    protected Result run(Console console) throws IOException {
        files.requireUsable();
        lockFile(files.out());
        FileInfo before = FileInfo.of(files.in(), console);
        console.say(before.headline());
        try (SitFile source = SitFile.open(files.in(), files.weights())) {
            SitConfig from = source.description().config();
            SitConfig to = adapted(from);
            Adaptation adaptation = new Adaptation(from, source.description().labels(), to, !forgetClasses);
            DType dtype = common().requestedDtype().orElse(source.dtype());
            Path published;
            try (Progress progress = console.progress("adapting", 2, "steps");
                    Sit sit = source.adapt(adaptation, dtype)) {
                progress.step(1);
                try (SitDraft draft = SitDraft.write(
                        files.out(), files.shardBytes(), description(source.description(), adaptation, to), sit)) {
                    progress.step(1);
                    published = draft.publish();
                }
            }
            FileInfo after = FileInfo.of(published, console);
            List<String> changes = adaptation.changes();
            changes.forEach(change -> console.say("  " + change));
            if (changes.isEmpty()) {
                console.say("  nothing changes");
            }
            console.say(after.headline());
            return Result.ok(new Answer(before, after, from, to, changes));
        }
    }

    private SitConfig adapted(SitConfig from) {
        return new SitConfig(
                inputSize != null ? inputSize : from.inputSize(),
                from.patchSize(),
                from.inChannels(),
                from.width(),
                from.depth(),
                from.heads(),
                from.mlpRatio(),
                classes != null ? classes : from.numClasses(),
                from.learnSigma(),
                mediators != null ? MediatorsList.parse(mediators) : from.mediators(),
                mediatorBlocks != null ? blocks(mediatorBlocks) : from.mediatorBlocks(),
                from.lacksNullLabel());
    }

    private static @Nullable List<Integer> blocks(String list) {
        if (Labels.word(list).equals("all")) {
            return null;
        }
        try {
            return Arrays.stream(list.split(",", -1))
                    .map(String::strip)
                    .map(Integer::valueOf)
                    .toList();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--mediator-blocks is '" + list + "', allowed are numbers with commas between, and all");
        }
    }

    private SitCheckpoint description(SitCheckpoint from, Adaptation adaptation, SitConfig to) {
        List<String> names = forgetClasses
                ? List.of()
                : from.classNames().stream().limit(to.numClasses()).toList();
        ObjectNode provenance = JSON.createObjectNode();
        provenance.put("madeBy", "Mediator adapt");
        provenance.put("file", files.in().getFileName().toString());
        provenance.set("changes", JSON.valueToTree(adaptation.changes()));
        provenance.set("from", from.provenance());
        return from.derived(to, names, provenance);
    }
}
