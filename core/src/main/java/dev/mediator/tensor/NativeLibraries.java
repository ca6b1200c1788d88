package dev.mediator.tensor;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch and what it needs, before anything touches a class of it: see {@link NativeCache}. */
final class NativeLibraries {
    private static final List<Class<?>> PRESETS = List.of(Pointer.class, torch.class, openblas_nolapack.class);
    private static final String FOLDER = "org.bytedeco.javacpp.cachedir";
    private static volatile boolean loaded;

    private NativeLibraries() {}

    /**
     * Loads the libraries once per process; whatever makes a tensor out of nothing calls this first.
     *
     * @throws UncheckedIOException if they cannot be unpacked
     */
    static void load() {
        if (!loaded) {
            loadOnce();
        }
    }

    private static synchronized void loadOnce() {
        if (loaded) {
            return;
        }
        nameFolderWithoutHome();
        new NativeCache(folder(), key()).load(NativeLibraries::packed, () -> PRESETS.forEach(Loader::load));
        loaded = true;
    }

    /** Names the archives with natives of this platform; all archives if none is called so, as in a program of one jar. */
    private static String key() {
        try {
            List<String> archives = new ArrayList<>();
            Enumeration<URL> manifests = NativeLibraries.class.getClassLoader().getResources("META-INF/MANIFEST.MF");
            while (manifests.hasMoreElements()) {
                archives.add(manifests.nextElement().toString());
            }
            List<String> natives = archives.stream()
                    .filter(archive -> archive.contains(Loader.getPlatform()))
                    .toList();
            return Integer.toHexString((natives.isEmpty() ? archives : natives).hashCode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The libraries of the presets that JavaCPP would unpack; none where they come from the system or java.library.path. */
    private static List<NativeCache.Library> packed() {
        Map<String, URL> found = new LinkedHashMap<>();
        Set<Class<?>> seen = new HashSet<>();
        for (Class<?> preset : PRESETS) {
            collect(preset, Loader.loadProperties(), seen, found);
        }
        List<NativeCache.Library> libraries = new ArrayList<>();
        found.values().forEach(url -> libraries.add(() -> Loader.cacheResource(url)));
        return libraries;
    }

    private static void collect(Class<?> preset, Properties platform, Set<Class<?>> seen, Map<String, URL> found) {
        if (!seen.add(preset) || !Loader.checkPlatform(preset, platform)) {
            return;
        }
        ClassProperties properties = Loader.loadProperties(preset, platform, true);
        for (Class<?> inherited : properties.getInheritedClasses()) {
            collect(inherited, platform, seen, found);
        }
        List<String> names = new ArrayList<>(properties.get("platform.preload"));
        names.addAll(properties.get("platform.link"));
        names.add(properties.getProperty("platform.library"));
        for (String name : names) {
            URL[] places = Loader.findLibrary(preset, properties, name);
            if (places.length > 0 && places[0].getProtocol().equals("jar")) {
                found.put(places[0].toString(), places[0]);
            }
        }
    }

    /** Without a home folder JavaCPP would make one named '?' wherever the program happens to run. */
    private static void nameFolderWithoutHome() {
        if (System.getProperty(FOLDER) == null && !new File(System.getProperty("user.home", "?")).isAbsolute()) {
            Path aside = Path.of(System.getProperty("java.io.tmpdir"), ".javacpp-" + System.getProperty("user.name"));
            System.setProperty(FOLDER, aside.resolve("cache").toString());
        }
    }

    private static Path folder() {
        try {
            return Loader.getCacheDir().toPath();
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(
                    "there is no folder that the native libraries can be unpacked to; name one by -D" + FOLDER
                            + "=FOLDER",
                    e));
        }
    }
}
