package dev.mediator.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What became of a data set, as far as names and contents tell. */
public final class DataChanges {
    private static final int MOST_NAMED = 3;

    private final DataIdentity before;
    private final DataIdentity now;

    private DataChanges(DataIdentity before, DataIdentity now) {
        this.before = before;
        this.now = now;
    }

    /** What differs, a phrase for each kind of change; empty if nothing does. */
    public static List<String> between(DataIdentity before, DataIdentity now) {
        return before.equals(now) ? List.of() : new DataChanges(before, now).list();
    }

    private List<String> list() {
        List<String> changes = new ArrayList<>();
        if (!before.kind().equals(now.kind())) {
            String images = now.images();
            if (images != null && images.equals(before.images())) {
                return List.of(); // latents took the place of their images, or the reverse
            }
            return List.of("they were of the kind " + before.kind() + " and are " + now.kind() + " now");
        }
        Map<String, String> renamed = renamedClasses();
        renamed.forEach((old, name) -> changes.add("class '" + old + "' is called '" + name + "'"));
        addNames(changes, "class", "added", without(now.classes(), before.classes(), renamed.values()));
        addNames(changes, "class", "removed", without(before.classes(), now.classes(), renamed.keySet()));
        addFiles(changes, renamed);
        if (changes.isEmpty()) {
            changes.add("the order of classes or files is another");
        }
        return changes;
    }

    private void addFiles(List<String> changes, Map<String, String> renamed) {
        Map<String, DataIdentity.Entry> old = new LinkedHashMap<>();
        before.entries().forEach(entry -> old.put(underNewClass(entry.name(), renamed), entry));
        Map<String, DataIdentity.Entry> added = new LinkedHashMap<>();
        List<String> replaced = new ArrayList<>();
        for (DataIdentity.Entry entry : now.entries()) {
            DataIdentity.Entry previous = old.remove(entry.name());
            if (previous == null) {
                added.put(entry.name(), entry);
            } else if (previous.size() != entry.size() || !previous.content().equals(entry.content())) {
                replaced.add(entry.name());
            }
        }
        List<String> moved = takeMoved(old, added);
        addNames(changes, "file", "added", added.keySet());
        addNames(changes, "file", "removed", old.keySet());
        addNames(changes, "file", "replaced", replaced);
        addNames(changes, "file", "moved", moved);
    }

    /** Files that are gone and are there again under another name, out of both maps. */
    private static List<String> takeMoved(Map<String, DataIdentity.Entry> old, Map<String, DataIdentity.Entry> added) {
        Map<String, String> gone = new HashMap<>();
        old.forEach((name, entry) -> {
            if (!entry.content().isEmpty()) {
                gone.put(entry.size() + " " + entry.content(), name);
            }
        });
        List<String> moved = new ArrayList<>();
        for (DataIdentity.Entry entry : List.copyOf(added.values())) {
            String from = gone.remove(entry.size() + " " + entry.content());
            if (from != null) {
                old.remove(from);
                added.remove(entry.name());
                moved.add(from + " to " + entry.name());
            }
        }
        return moved;
    }

    /** Classes that are gone, most of whose files are in a new one. */
    private Map<String, String> renamedClasses() {
        Map<String, Set<String>> added = new LinkedHashMap<>();
        for (String name : without(now.classes(), before.classes(), List.of())) {
            added.put(name, filesOf(now, name));
        }
        Map<String, String> renamed = new LinkedHashMap<>();
        for (String name : without(before.classes(), now.classes(), List.of())) {
            Set<String> files = filesOf(before, name);
            added.entrySet().stream()
                    .filter(other -> 2 * common(files, other.getValue()) > files.size())
                    .findFirst()
                    .map(Map.Entry::getKey)
                    .ifPresent(other -> {
                        renamed.put(name, other);
                        added.remove(other);
                    });
        }
        return renamed;
    }

    private static long common(Set<String> files, Set<String> others) {
        return files.stream().filter(others::contains).count();
    }

    /** Name, size and content of the files of a class; its number where the data have no files of classes. */
    private static Set<String> filesOf(DataIdentity data, String name) {
        Set<String> files = data.entries().stream()
                .filter(entry -> entry.name().startsWith(name + "/"))
                .map(entry -> entry.name().substring(name.length()) + " " + entry.size() + " " + entry.content())
                .collect(Collectors.toCollection(TreeSet::new));
        return files.isEmpty() ? Set.of("class " + data.classes().indexOf(name)) : files;
    }

    private static String underNewClass(String file, Map<String, String> renamed) {
        int slash = file.indexOf('/');
        String name = slash < 0 ? "" : renamed.getOrDefault(file.substring(0, slash), "");
        return name.isEmpty() ? file : name + file.substring(slash);
    }

    private static List<String> without(List<String> names, List<String> others, Collection<String> known) {
        Set<String> out = Set.copyOf(others);
        return names.stream()
                .filter(name -> !out.contains(name) && !known.contains(name))
                .toList();
    }

    private static void addNames(List<String> changes, String kind, String change, Collection<String> names) {
        if (!names.isEmpty()) {
            String plural = kind.equals("class") ? "classes" : kind + "s";
            changes.add(names.size() + " " + (names.size() == 1 ? kind : plural) + " " + change + " ("
                    + names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                    + (names.size() > MOST_NAMED ? ", …)" : ")"));
        }
    }
}
