package dev.mediator;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.ArrayList;
import java.util.List;

/** The direction of dependencies, as docs/architecture.md draws it: packages see those of lower layers only. */
@AnalyzeClasses(packages = "dev.mediator", importOptions = LayerTest.WithoutTests.class)
class LayerTest {
    /** ArchUnit's own option knows no build folder but target. */
    static final class WithoutTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    /** From the top: each package may use those of the layers below its own. */
    private static final List<List<String>> LAYERS = List.of(
            List.of("experiment"),
            List.of("training", "evaluation", "analysis", "tuning"),
            List.of("generation"),
            List.of("stepwise"),
            List.of("sampling", "model", "data", "codec", "vision"),
            List.of("transport", "nn", "checkpoint", "image", "parallel"),
            List.of("tensor", "file"));

    @ArchTest
    static final ArchRule packagesUseLowerLayersOnly = layers();

    @ArchTest
    static final ArchRule everyPackageHasALayer = noClasses()
            .should()
            .resideOutsideOfPackages(LAYERS.stream()
                    .flatMap(List::stream)
                    .map(name -> "dev.mediator." + name + "..")
                    .toArray(String[]::new));

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.mediator.(*)..").should().beFreeOfCycles();

    /** What reads files of strangers can neither find classes by name nor start programs. */
    @ArchTest
    static final ArchRule picklesReachNothing = classes()
            .that()
            .resideInAPackage("dev.mediator.checkpoint.pickle")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.mediator.checkpoint.pickle",
                    "java.lang",
                    "java.lang.invoke",
                    "java.io",
                    "java.math",
                    "java.nio",
                    "java.nio.charset",
                    "java.util",
                    "java.util.function",
                    "java.util.stream",
                    "org.jspecify.annotations");

    @ArchTest
    static final ArchRule filesRunNothing = noClasses()
            .that()
            .resideInAPackage("dev.mediator.checkpoint..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.Runtime")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ClassLoader")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.io.ObjectInputStream")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.reflect..")
            .orShould()
            .callMethod(Class.class, "forName", String.class);

    @ArchTest
    static final ArchRule theLibraryNeverPrints = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule theLibraryNeverLogs = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

    @ArchTest
    static final ArchRule theLibraryNeverExits = noClasses()
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class);

    /** Matrix products and convolutions, by libtorch's names. */
    private static final String PRODUCTS = "(.*mm|mv|addmv|v?dot|inner|outer|ger|addr|linear|bilinear|einsum|tensordot"
            + "|matmul|.*conv(olution)?[123]?d?.*|.*dot_product_attention.*|chain_matmul|kron|callBoxed)";

    /** So that a cost that was counted is what was computed: the classes named here report all that they multiply. */
    @ArchTest
    static final ArchRule productsAreCounted = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.mediator.tensor.Ops")
            .and()
            .doNotHaveFullyQualifiedName("dev.mediator.tensor.OneDnn")
            .and()
            .doNotHaveFullyQualifiedName("dev.mediator.tensor.NamedOperator") // counted by who calls it
            .and()
            .doNotHaveFullyQualifiedName("dev.mediator.tensor.OpsGradient") // the cost is that of a forward pass
            .and()
            .doNotHaveFullyQualifiedName("dev.mediator.nn.Heads")
            .and()
            .doNotHaveFullyQualifiedName("dev.mediator.nn.HeadsPass")
            .and()
            .resideOutsideOfPackage("dev.mediator.evaluation") // scores are no part of what a network costs
            .should()
            .callMethodWhere(
                    target(owner(resideInAPackage("org.bytedeco.pytorch.."))).and(target(nameMatching(PRODUCTS))))
            .as("matrix products and convolutions go through Ops, where MacCounter counts them");

    private static LayeredArchitecture layers() {
        LayeredArchitecture architecture =
                layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
        for (List<String> layer : LAYERS) {
            for (String name : layer) {
                architecture = architecture.layer(name).definedBy("dev.mediator." + name + "..");
            }
        }
        List<String> above = new ArrayList<>();
        for (List<String> layer : LAYERS) {
            for (String name : layer) {
                architecture = above.isEmpty()
                        ? architecture.whereLayer(name).mayNotBeAccessedByAnyLayer()
                        : architecture.whereLayer(name).mayOnlyBeAccessedByLayers(above.toArray(String[]::new));
            }
            above.addAll(layer);
        }
        return architecture;
    }
}
