package dev.mediator.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.mediator.app.cli.command.MediatorCommand;

/** The program's own layers: the command line may start the server, never the other way, and speaks through Console. */
@AnalyzeClasses(packages = "dev.mediator.app", importOptions = AppLayerTest.WithoutTests.class)
class AppLayerTest {
    /** ArchUnit's own option knows no build folder but target. */
    static final class WithoutTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    @ArchTest
    static final ArchRule theServerKnowsNoCommandLine = noClasses()
            .that()
            .resideInAPackage("dev.mediator.app.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.mediator.app.cli..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule measuringKnowsNoCommandLine = noClasses()
            .that()
            .resideInAnyPackage("dev.mediator.app.bench..", "dev.mediator.app.selftest..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.mediator.app.cli..");

    @ArchTest
    static final ArchRule onlyMainExits =
            noClasses().that().areNotAssignableTo(Main.class).should().callMethod(System.class, "exit", int.class);

    @ArchTest
    static final ArchRule commandsSpeakThroughTheConsole = noClasses()
            .that()
            .areNotAssignableTo(Main.class)
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule commandsAreNamedCommand = classes()
            .that()
            .areAssignableTo(MediatorCommand.class)
            .should()
            .haveSimpleNameEndingWith("Command")
            .andShould()
            .resideInAPackage("dev.mediator.app.cli..");

    @ArchTest
    static final ArchRule roomsDependInOneDirection =
            slices().matching("dev.mediator.app.cli.(*)..").should().beFreeOfCycles();
}
