package org.reimagen.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.TreeSet;

/** The rules of the house, as docs/architecture.md states them. */
@AnalyzeClasses(packages = "org.reimagen", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule MODULES_DEPEND_ON_THOSE_ABOVE = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("core")
            .definedBy("org.reimagen.core..")
            .layer("knowledge")
            .definedBy("org.reimagen.knowledge..")
            .layer("pipeline")
            .definedBy("org.reimagen.pipeline..")
            .layer("train")
            .definedBy("org.reimagen.train..")
            .layer("eval")
            .definedBy("org.reimagen.eval..")
            .layer("server")
            .definedBy("org.reimagen.server..")
            .layer("rating")
            .definedBy("org.reimagen.rating..")
            .layer("app")
            .definedBy("org.reimagen.app..")
            .whereLayer("core")
            .mayOnlyBeAccessedByLayers("pipeline", "train", "eval", "server", "rating", "app")
            .whereLayer("knowledge")
            .mayOnlyBeAccessedByLayers("pipeline", "train", "eval", "server", "rating", "app")
            .whereLayer("pipeline")
            .mayOnlyBeAccessedByLayers("train", "eval", "server", "rating", "app")
            .whereLayer("train")
            .mayOnlyBeAccessedByLayers("eval", "app")
            .whereLayer("eval")
            .mayOnlyBeAccessedByLayers("rating", "app")
            .whereLayer("server")
            .mayOnlyBeAccessedByLayers("rating", "app")
            .whereLayer("rating")
            .mayOnlyBeAccessedByLayers("app")
            .whereLayer("app")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule ENGINE_STAYS_BELOW = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "org.reimagen.core..", "org.reimagen.pipeline..", "org.reimagen.train..", "org.reimagen.eval..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_PRINTS = noClasses()
            .that()
            .resideOutsideOfPackage("org.reimagen.app..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule NOBODY_COLLECTS_GARBAGE_BY_HAND = noClasses().should().callMethod(System.class, "gc");

    @ArchTest
    static final ArchRule NO_CYCLES_OF_MODULES =
            slices().matching("org.reimagen.(*)..").should().beFreeOfCycles();

    @ArchTest
    static void everyPackageSaysWhatItIsFor(JavaClasses classes) {
        JavaClasses all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.reimagen");
        Set<String> packages = new TreeSet<>();
        Set<String> described = new TreeSet<>();
        all.forEach(c -> {
            packages.add(c.getPackageName());
            if (c.getSimpleName().equals("package-info")) {
                described.add(c.getPackageName());
            }
        });
        assertThat(packages).hasSizeGreaterThan(10);
        assertThat(described).isEqualTo(packages);
    }
}
