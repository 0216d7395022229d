package org.reimagen.knowledge;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.MultiTerms;
import org.apache.lucene.index.StandardDirectoryReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.StringHelper;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.draw.VectorDrawing;

/**
 * A knowledge base B of (picture, text) pairs, open for reading: a snapshot of the last commit.
 *
 * <p>Any number of readers may be open beside one {@link KnowledgeBaseWriter}. <b>Thread-safety</b>: safe. <b>Source</b>:
 * Re-Imagen, arXiv 2209.14491, section 3.1.
 */
public final class KnowledgeBase implements AutoCloseable {
    private final Path folder;
    private final Originals originals;
    private final Directory directory;
    private final StandardDirectoryReader reader;
    private final IndexSearcher searcher;

    private KnowledgeBase(Path folder, Directory directory, StandardDirectoryReader reader) {
        this.folder = folder;
        this.originals = new Originals(folder);
        this.directory = directory;
        this.reader = reader;
        this.searcher = new IndexSearcher(reader);
    }

    /**
     * Opens the base in {@code folder}.
     *
     * @throws KnowledgeException naming the folder if there is none or it cannot be read
     */
    public static KnowledgeBase open(Path folder) {
        if (!Files.isDirectory(Layout.index(folder))) {
            throw new KnowledgeException(folder + ": is no knowledge base; make one with kb add");
        }
        try {
            return open(folder, FSDirectory.open(Layout.index(folder)));
        } catch (IndexNotFoundException e) {
            throw new KnowledgeException(folder + ": the knowledge base is empty; fill it with kb add", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new KnowledgeException(folder + ": the index cannot be read: " + Reasons.of(e), e);
        }
    }

    private static KnowledgeBase open(Path folder, Directory directory) throws IOException {
        try {
            return new KnowledgeBase(folder, directory, (StandardDirectoryReader) DirectoryReader.open(directory));
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** The folder that was opened. */
    public Path folder() {
        return folder;
    }

    /** The searcher over this snapshot, for retrievers. */
    public IndexSearcher searcher() {
        return searcher;
    }

    /** Number of pairs. */
    public int size() {
        return reader.numDocs();
    }

    /** All pairs, ordered by id. */
    public List<Pair> pairs() {
        return pairs(MatchAllDocsQuery.INSTANCE);
    }

    private List<Pair> pairs(Query query) {
        try {
            Sort byId = new Sort(new SortField(Fields.ID, SortField.Type.STRING));
            TopDocs all = searcher.search(query, Math.max(1, size()), byId);
            List<Pair> pairs = new ArrayList<>(all.scoreDocs.length);
            for (var hit : all.scoreDocs) {
                pairs.add(pair(hit.doc));
            }
            return pairs;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The pair with this id. */
    public Optional<Pair> find(String id) {
        try {
            TopDocs hits = searcher.search(new TermQuery(new Term(Fields.ID, id)), 1);
            return hits.scoreDocs.length == 0 ? Optional.empty() : Optional.of(pair(hits.scoreDocs[0].doc));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** All pairs that lack one of these fields of vectors, ordered by id. */
    public List<Pair> lacking(Collection<String> fields) {
        BooleanQuery.Builder complete = new BooleanQuery.Builder();
        fields.forEach(field -> complete.add(new FieldExistsQuery(field), Occur.MUST));
        BooleanQuery.Builder lacking = new BooleanQuery.Builder().add(MatchAllDocsQuery.INSTANCE, Occur.MUST);
        lacking.add(complete.build(), Occur.MUST_NOT);
        return pairs(lacking.build());
    }

    /** Number of pairs whose original has this hash. */
    int count(String sha256) {
        try {
            return searcher.count(new TermQuery(new Term(Fields.SHA256, sha256)));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The pair stored under one of this snapshot's document numbers. */
    public Pair pair(int document) {
        try {
            Document stored = searcher.storedFields().document(document);
            return Fields.toPair(stored);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * The picture of a pair in a square of {@code size} pixels.
     *
     * @return ARGB, transparent where the original is or does not reach; a vector is drawn at this size
     * @throws KnowledgeException if the original is gone or damaged
     */
    public BufferedImage picture(Pair pair, int size) {
        byte[] bytes = originals.read(pair.sha256());
        try {
            return pair.vector()
                    ? VectorDrawing.parse(pair.id(), bytes).render(size)
                    : Pictures.fit(Pictures.decode(pair.id(), bytes), size);
        } catch (PictureException e) {
            throw new KnowledgeException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The original's bytes, checked against their hash. */
    public byte[] original(Pair pair) {
        return originals.read(pair.sha256());
    }

    /** SHA-256 over everything that is said of all pairs and their originals' hashes, whatever the order of adding. */
    public String hash() {
        return new HashFile(Layout.hash(folder), commit()).orElse(this::freshHash);
    }

    /** Id of this snapshot's commit, which no other has. */
    private String commit() {
        return StringHelper.idToString(reader.getSegmentInfos().getId());
    }

    private String freshHash() {
        MessageDigest digest = Originals.sha256();
        pairs().forEach(pair -> digest.update((pair + "\n").getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** All styles of the base, empty ones left out. */
    public Set<String> styles() {
        try {
            Terms terms = MultiTerms.getTerms(reader, Fields.STYLE);
            Set<String> styles = new TreeSet<>();
            TermsEnum each = terms == null ? TermsEnum.EMPTY : terms.iterator();
            for (BytesRef term = each.next(); term != null; term = each.next()) {
                if (term.length > 0) {
                    styles.add(term.utf8ToString());
                }
            }
            return styles;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Counts of what the base holds. */
    public Stats stats() {
        List<Pair> pairs = pairs();
        return new Stats(
                pairs.size(),
                (int) pairs.stream().map(Pair::entity).distinct().count(),
                (int) pairs.stream().map(Pair::sha256).distinct().count(),
                originals.bytes(),
                count(pairs, Pair::style),
                count(pairs, Pair::licence));
    }

    private static SortedMap<String, Integer> count(List<Pair> pairs, Function<Pair, String> key) {
        SortedMap<String, Integer> counts = new TreeMap<>();
        pairs.forEach(pair -> counts.merge(key.apply(pair), 1, Integer::sum));
        return counts;
    }

    /**
     * What a base holds.
     *
     * @param pairs number of pairs
     * @param entities number of different entities
     * @param originals number of different originals
     * @param bytes size of all originals
     * @param styles number of pairs by style
     * @param licences number of pairs by SPDX licence
     */
    public record Stats(
            int pairs,
            int entities,
            int originals,
            long bytes,
            SortedMap<String, Integer> styles,
            SortedMap<String, Integer> licences) {}

    /** Every damage of the base in {@code folder}, one line a fault; see {@link Verification#verify}. */
    public static List<String> verify(Path folder) {
        return Verification.verify(folder);
    }

    private KnowledgeException failed(IOException e) {
        return new KnowledgeException(folder + ": the index cannot be read: " + Reasons.of(e), e);
    }

    @Override
    public void close() {
        try {
            reader.close();
            directory.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
