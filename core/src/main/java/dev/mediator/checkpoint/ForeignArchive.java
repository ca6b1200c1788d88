package dev.mediator.checkpoint;

import dev.mediator.checkpoint.pickle.PickleException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Zip archives that are no files of tensors, though some of them are named so: what each is, and how its weights become a
 * file of tensors.
 */
final class ForeignArchive {
    private static final String SAVE = "; in Python: torch.save(%s, \"weights.pt\")";

    /** One kind of archive. */
    private record Kind(Predicate<Collection<String>> holds, String reason) {}

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    names -> hasEnd(names, "/constants.pkl")
                            || (hasPart(names, "/code/") && hasEnd(names, "/model.json")),
                    "it is a TorchScript program, not a file of tensors"
                            + String.format(Locale.ROOT, SAVE, "torch.jit.load(FILE).state_dict()")),
            new Kind(
                    names -> hasEnd(names, "/archive_format") || hasEnd(names, "serialized_exported_program.json"),
                    "it is a program of torch.export, not a file of tensors"
                            + String.format(Locale.ROOT, SAVE, "torch.export.load(FILE).state_dict")),
            new Kind(
                    names -> hasEnd(names, "/.data/extern_modules") || hasEnd(names, "/.data/python_version"),
                    "it is an archive of torch.package, which holds code beside tensors"
                            + String.format(
                                    Locale.ROOT,
                                    SAVE,
                                    "torch.package.PackageImporter(FILE).load_pickle(PACKAGE, RESOURCE).state_dict()")),
            new Kind(names -> names.contains("model.weights.h5"), "it is a model of Keras, which is not read"),
            new Kind(
                    names -> !names.isEmpty() && names.stream().allMatch(name -> name.endsWith(".npy")),
                    "it is a zip archive with no data.pkl in a folder: it holds NumPy arrays (.npz)"));

    private ForeignArchive() {}

    /** Throws what an archive is, if its entries show one of these. */
    static void requireOther(Collection<String> names) throws PickleException {
        for (Kind kind : KINDS) {
            if (kind.holds().test(names)) {
                throw new PickleException(kind.reason());
            }
        }
    }

    private static boolean hasEnd(Collection<String> names, String end) {
        return names.stream().anyMatch(name -> name.endsWith(end));
    }

    private static boolean hasPart(Collection<String> names, String part) {
        return names.stream().anyMatch(name -> name.contains(part));
    }
}
