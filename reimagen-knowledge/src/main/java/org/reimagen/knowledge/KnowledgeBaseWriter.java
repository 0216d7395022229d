package org.reimagen.knowledge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;

/**
 * The one writer of a knowledge base.
 *
 * <p>An original is on disk before its document; a document is acknowledged by {@link #commit}. Whatever kills the process,
 * the base opens at its last commit, and what the killed writer left beside it is swept by the next one.
 * <b>Thread-safety</b>: safe; {@link #add} decodes in parallel when called from several threads.
 */
public final class KnowledgeBaseWriter implements AutoCloseable {
    /** The largest original taken, in bytes. */
    public static final int MAX_BYTES = 64 << 20;

    private final Path folder;
    private final Originals originals;
    private final Directory directory;
    private final IndexWriter index;
    private final Tombstones removed;
    private final Map<String, Pair> pending = new ConcurrentHashMap<>();
    private final Set<String> replaced = ConcurrentHashMap.newKeySet();
    private KnowledgeBase committed;

    private KnowledgeBaseWriter(Path folder, Directory directory, IndexWriter index) throws IOException {
        this.folder = folder;
        this.originals = new Originals(folder);
        this.directory = directory;
        this.index = index;
        this.removed = new Tombstones(index);
        if (!DirectoryReader.indexExists(directory)) {
            index.commit();
        }
        this.committed = KnowledgeBase.open(folder);
        sweepAfterKill();
    }

    /**
     * Opens or creates the base in {@code folder} for writing.
     *
     * @throws KnowledgeException naming the folder if another writer holds it or it cannot be written
     */
    public static KnowledgeBaseWriter open(Path folder) {
        try {
            Files.createDirectories(Layout.index(folder));
            forceNames(folder);
            return open(folder, FSDirectory.open(Layout.index(folder)));
        } catch (LockObtainFailedException e) {
            throw new KnowledgeException(folder + ": another writer has this knowledge base open", e);
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new KnowledgeException(folder + ": cannot be opened for writing: " + Reasons.of(e), e);
        }
    }

    /** That the base's folder and its index have their names survives a loss of power. */
    private static void forceNames(Path folder) {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            Originals.forceFolder(parent);
        }
        Originals.forceFolder(folder);
    }

    private static KnowledgeBaseWriter open(Path folder, Directory directory) throws IOException {
        try {
            TieredMergePolicy merges = new TieredMergePolicy().setForceMergeDeletesPctAllowed(0);
            IndexWriterConfig config = new IndexWriterConfig(Fields.analyzer())
                    .setMergePolicy(merges)
                    .setCommitOnClose(false);
            return open(folder, directory, new IndexWriter(directory, config));
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static KnowledgeBaseWriter open(Path folder, Directory directory, IndexWriter index) throws IOException {
        try {
            return new KnowledgeBaseWriter(folder, directory, index);
        } catch (IOException | RuntimeException e) {
            index.rollback();
            throw e;
        }
    }

    private void sweepAfterKill() throws IOException {
        if (Files.exists(Layout.unfinished(folder))) {
            sweep();
        } else {
            Files.createFile(Layout.unfinished(folder));
            Originals.forceFolder(folder); // before any original that only this mark leads to
        }
    }

    /** Deletes temporary files and every original that no committed pair names. */
    private void sweep() throws IOException {
        originals.deleteTemporary();
        Set<String> named = new HashSet<>();
        committed.pairs().forEach(pair -> named.add(pair.sha256()));
        originals.delete(
                originals.names().stream().filter(name -> !named.contains(name)).toList());
    }

    /** The pair with this id, whether committed or only added. */
    public Optional<Pair> find(String id) {
        Pair added = pending.get(id);
        return added != null ? Optional.of(added) : committed.find(id);
    }

    /**
     * Adds a pair, or replaces the one with its id; does nothing if it is there already.
     *
     * @return the pair as stored
     * @throws KnowledgeException naming the id if the picture is broken, empty, too large, or was removed before
     * @throws UnwritableException naming the file if the disk is full or read-only
     */
    public Pair add(NewPair added) {
        if (added.original().length > MAX_BYTES) {
            throw new KnowledgeException(
                    "%s: %d bytes are over the limit of %d".formatted(added.id(), added.original().length, MAX_BYTES));
        }
        String sha256 = Originals.hash(added.original());
        refuseRemoved(added.id(), sha256);
        Optional<Pair> present = find(added.id());
        if (present.isPresent() && added.saysTheSameAs(present.get(), sha256)) {
            return present.get();
        }
        Pair pair = Inspection.inspect(added, sha256);
        store(pair, added.original());
        return pair;
    }

    /**
     * Gives a pair vectors, in place of all that it had; durable with the next {@link #commit}.
     *
     * @param pair as it is stored; one that was removed or replaced meanwhile is left as it is
     * @param vectors of length 1, by {@link Fields#vectors}
     */
    public synchronized void embed(Pair pair, Map<String, float[]> vectors) {
        if (find(pair.id()).filter(pair::equals).isEmpty()) {
            return;
        }
        try {
            index.updateDocument(new Term(Fields.ID, pair.id()), Fields.toDocument(pair, vectors));
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw failed(e);
        }
    }

    private void refuseRemoved(String id, String sha256) {
        if (removed.contains(sha256)) {
            throw new KnowledgeException(id + ": was removed from this base, and its return is blocked");
        }
    }

    private synchronized void store(Pair pair, byte[] original) {
        refuseRemoved(pair.id(), pair.sha256());
        find(pair.id()).ifPresent(old -> replaced.add(old.sha256()));
        originals.write(pair.sha256(), original);
        try {
            index.updateDocument(new Term(Fields.ID, pair.id()), Fields.toDocument(pair));
        } catch (IOException | IllegalStateException e) {
            throw failed(e);
        }
        pending.put(pair.id(), pair);
    }

    /**
     * Removes every pair with this original, its file included, and blocks its return; done and committed, with whatever was
     * added before, when it returns.
     *
     * @param sha256 64 lower-case hex digits
     * @return how many pairs went
     */
    public synchronized int remove(String sha256) {
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new KnowledgeException("sha256 must be 64 lower-case hex digits, was " + sha256);
        }
        commit();
        int count = committed.count(sha256);
        try {
            removed.add(sha256);
            index.deleteDocuments(new Term(Fields.SHA256, sha256));
            index.forceMergeDeletes(true);
        } catch (IOException | IllegalStateException e) {
            throw failed(e);
        }
        replaced.add(sha256);
        commit();
        return count;
    }

    /** Makes everything added so far durable: after it returns, neither a kill nor a loss of power undoes it. */
    public synchronized void commit() {
        try {
            originals.force(
                    pending.values().stream().map(Pair::sha256).distinct().toList());
            index.commit();
            committed.close();
            committed = KnowledgeBase.open(folder);
        } catch (IOException | IllegalStateException e) {
            throw failed(e);
        }
        originals.delete(
                replaced.stream().filter(sha256 -> committed.count(sha256) == 0).toList());
        replaced.clear();
        pending.clear();
    }

    private KnowledgeException failed(Exception e) {
        Throwable first = index.getTragicException(); // what closed the index, where something did
        return new UnwritableException(
                folder + ": the index cannot be written: " + Reasons.of(first == null ? e : first), e);
    }

    /** Closes without a commit: what was not committed is not there. */
    @Override
    public synchronized void close() {
        if (!index.isOpen() && index.getTragicException() == null) {
            return;
        }
        try (directory) {
            index.rollback();
            if (!pending.isEmpty()) {
                sweep();
            }
            committed.close();
            Files.deleteIfExists(Layout.unfinished(folder));
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
