package dev.mediator.app.cli.evaluate;

import dev.mediator.app.cli.command.MediatorCommand;
import dev.mediator.app.cli.command.Result;
import dev.mediator.app.cli.console.Console;
import dev.mediator.evaluation.ExtractorDescription;
import dev.mediator.evaluation.extractor.ExtractorKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code convert-extractor}: published weights of an extractor as safetensors. */
@Command(
        name = "convert-extractor",
        description = "Convert the published weights of an extractor to safetensors, and check that they are its own.",
        footer = {
            "",
            "evaluate reads the published files too; a converted one opens faster, and tells",
            "which file it was made of. docs/evaluation.md says where the files are from.",
            "",
            "Examples:",
            "  ./mediator convert-extractor efficientnet-lite0 efficientnet-lite0-57934424.pth \\",
            "      lite0.safetensors"
        })
public final class ConvertExtractorCommand extends MediatorCommand {
    @Parameters(
            index = "0",
            paramLabel = "EXTRACTOR",
            description = "Whose weights: inception, efficientnet-lite0, fashion.")
    private String extractor = "";

    @Parameters(index = "1", paramLabel = "IN", description = "A PyTorch or safetensors file.")
    private Path in = Path.of("");

    @Parameters(index = "2", paramLabel = "OUT", description = "The safetensors file; replaced if it exists.")
    private Path out = Path.of("");

    /**
     * What {@code --json} prints.
     *
     * @param file the new file
     * @param extractor whose weights
     * @param weightsSha256 what identifies them, whatever the format
     * @param distanceName what the Fréchet distance is called with them: FID for the published Inception only
     */
    record Answer(String file, String extractor, String weightsSha256, String distanceName) {}

    @Override
    protected Result run(Console console) throws IOException {
        ExtractorKind kind = ExtractorKind.parse(extractor);
        if (Files.isDirectory(out)) {
            throw new IOException(out + " is a folder, OUT names a file");
        }
        if (Files.exists(out) && Files.isSameFile(in, out)) {
            throw new IOException(out + " is the file that is converted; name another one");
        }
        lockFile(out);
        ExtractorDescription made = kind.convert(in, out);
        console.say(made.label() + "; its distance is called " + made.distanceName());
        console.say("weights: " + out);
        return Result.ok(new Answer(out.toString(), made.name(), made.weightsSha256(), made.distanceName()));
    }
}
