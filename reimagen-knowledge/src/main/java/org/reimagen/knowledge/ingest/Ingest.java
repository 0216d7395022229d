package org.reimagen.knowledge.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.UnwritableException;
import org.reimagen.knowledge.ingest.Source.Rejected;

/** Adds a source to a base: what is broken is listed, the rest goes in. */
public final class Ingest {
    /** Pairs between two commits; a kill loses at most these, and none that was reported. */
    public static final int COMMIT_EVERY = 1000;

    private final KnowledgeBaseWriter writer;
    private final IntConsumer committed;

    /**
     * @param committed told the number of pairs that are durable, after each commit
     */
    public Ingest(KnowledgeBaseWriter writer, IntConsumer committed) {
        this.writer = writer;
        this.committed = committed;
    }

    /**
     * What came of it.
     *
     * @param added pairs that went in, all durable
     * @param rejected items that did not, each with its reason
     */
    public record Report(int added, List<Rejected> rejected) {}

    /** Adds all of {@code source} and commits. */
    public Report run(Source source) {
        List<Rejected> rejected = new ArrayList<>();
        int[] added = new int[1];
        source.forEach(pair -> add(pair, added, rejected), rejected::add);
        writer.commit();
        committed.accept(added[0]);
        return new Report(added[0], rejected);
    }

    private void add(NewPair pair, int[] added, List<Rejected> rejected) {
        try {
            writer.add(pair);
        } catch (UnwritableException e) {
            throw e; // the next pair would meet the same
        } catch (KnowledgeException e) {
            rejected.add(new Rejected(pair.id(), String.valueOf(e.getMessage())));
            return;
        }
        added[0]++;
        if (added[0] % COMMIT_EVERY == 0) {
            writer.commit();
            committed.accept(added[0]);
        }
    }
}
