package org.reimagen.knowledge;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;

/** Finds every damage of a base: index files, missing or changed originals, originals that no pair names. */
public final class Verification {
    private Verification() {}

    /**
     * Checks a base that no writer holds.
     *
     * @return one line a fault; empty if all is well
     * @throws KnowledgeException if there is no base or a writer holds it
     */
    public static List<String> verify(Path folder) {
        if (!Files.isDirectory(Layout.index(folder))) {
            throw new KnowledgeException(folder + ": is no knowledge base");
        }
        List<String> faults = new ArrayList<>();
        checkIndex(folder, faults);
        if (faults.isEmpty()) {
            checkOriginals(folder, faults);
        }
        return faults;
    }

    private static void checkIndex(Path folder, List<String> faults) {
        try (Directory directory = FSDirectory.open(Layout.index(folder));
                CheckIndex check = new CheckIndex(directory)) {
            check.setInfoStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
            check.setLevel(CheckIndex.Level.MIN_LEVEL_FOR_INTEGRITY_CHECKS);
            CheckIndex.Status status = check.checkIndex();
            if (!status.clean) {
                faults.add(Layout.index(folder) + ": the index is damaged");
            }
        } catch (LockObtainFailedException e) {
            throw new KnowledgeException(folder + ": a writer has this knowledge base open; verify it afterwards", e);
        } catch (IOException | RuntimeException e) {
            faults.add(Layout.index(folder) + ": the index is damaged: " + Reasons.of(e));
        }
    }

    private static void checkOriginals(Path folder, List<String> faults) {
        Originals originals = new Originals(folder);
        Set<String> named = new HashSet<>();
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            base.pairs().stream()
                    .filter(pair -> named.add(pair.sha256()))
                    .forEach(pair -> check(originals, pair, faults));
        } catch (KnowledgeException e) {
            faults.add(String.valueOf(e.getMessage()));
        }
        for (String name : originals.names()) {
            if (!named.contains(name)) {
                faults.add(name + ": an original that no pair names");
            }
        }
    }

    private static void check(Originals originals, Pair pair, List<String> faults) {
        try {
            originals.read(pair.sha256());
        } catch (KnowledgeException e) {
            faults.add(pair.id() + ": " + e.getMessage());
        }
    }
}
