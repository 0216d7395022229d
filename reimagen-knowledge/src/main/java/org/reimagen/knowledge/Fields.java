package org.reimagen.knowledge;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.util.BytesRef;
import org.reimagen.knowledge.encoder.Embedder;

/** Names of the index's fields and their mapping from and to a {@link Pair}. */
public final class Fields {
    /** Exact id. */
    public static final String ID = "id";
    /** Exact style. */
    public static final String STYLE = "style";
    /** Exact SPDX licence. */
    public static final String LICENCE = "licence";
    /** Exact entity. */
    public static final String ENTITY = "entity";
    /** The entity in lower case, as a text may name it; what an earlier version added lacks it, and is looked up without. */
    public static final String NAME = "name";
    /** Exact hash of the original. */
    public static final String SHA256 = "sha256";
    /** Perceptual hash of the picture. */
    public static final String HASH = "hash";
    /** Caption, and title where the caption lacks it, analysed: what BM25 scores. */
    public static final String TEXT = "text";
    /** The tags, analysed. */
    public static final String TAGS = "tags";

    /** How vectors, all of length 1, compare. */
    public static final VectorSimilarityFunction SIMILARITY = VectorSimilarityFunction.DOT_PRODUCT;

    private Fields() {}

    /**
     * The field of the vectors that an embedder gave.
     *
     * @param of what was embedded: the caption or the picture
     */
    public static String vectors(Embedder.Modality of, String embedder) {
        return (of == Embedder.Modality.TEXT ? "caption@" : "picture@") + embedder;
    }

    /** As {@link #toDocument(Pair)}, with vectors of length 1 by the name of their field. */
    static Document toDocument(Pair pair, Map<String, float[]> vectors) {
        Document document = toDocument(pair);
        vectors.forEach((field, vector) -> document.add(new KnnFloatVectorField(field, vector, SIMILARITY)));
        return document;
    }

    /** English: lower case, no stop words, Porter stems. */
    public static Analyzer analyzer() {
        return new EnglishAnalyzer();
    }

    static Document toDocument(Pair pair) {
        Document document = new Document();
        document.add(new StringField(ID, pair.id(), Field.Store.YES));
        document.add(new SortedDocValuesField(ID, new BytesRef(pair.id())));
        document.add(new StringField(STYLE, pair.style(), Field.Store.YES));
        document.add(new StringField(LICENCE, pair.licence(), Field.Store.YES));
        document.add(new StringField(ENTITY, pair.entity(), Field.Store.YES));
        document.add(new StringField(NAME, pair.entity().toLowerCase(Locale.ROOT), Field.Store.NO));
        document.add(new StringField(SHA256, pair.sha256(), Field.Store.YES));
        document.add(new TextField(TEXT, text(pair), Field.Store.NO));
        document.add(new StoredField("caption", pair.caption()));
        document.add(new StoredField("title", pair.title()));
        document.add(new TextField(TAGS, String.join(" ", pair.tags()), Field.Store.NO));
        document.add(new StoredField("tagList", String.join("\n", pair.tags())));
        document.add(new StoredField("author", pair.author()));
        document.add(new StoredField("source", pair.source()));
        document.add(new StoredField("vector", pair.vector() ? 1 : 0));
        document.add(new StoredField("width", pair.width()));
        document.add(new StoredField("height", pair.height()));
        document.add(new NumericDocValuesField(HASH, pair.perceptualHash()));
        document.add(new StoredField(HASH, pair.perceptualHash()));
        return document;
    }

    private static String text(Pair pair) {
        return pair.caption().contains(pair.title()) ? pair.caption() : pair.caption() + "\n" + pair.title();
    }

    static Pair toPair(Document document) {
        String tags = string(document, "tagList");
        return new Pair(
                string(document, ID),
                string(document, "caption"),
                string(document, "title"),
                string(document, ENTITY),
                string(document, STYLE),
                tags.isEmpty() ? List.of() : Arrays.asList(tags.split("\n", -1)),
                string(document, LICENCE),
                string(document, "author"),
                string(document, "source"),
                string(document, SHA256),
                number(document, "vector") == 1,
                (int) number(document, "width"),
                (int) number(document, "height"),
                number(document, HASH));
    }

    private static String string(Document document, String field) {
        return Objects.requireNonNull(document.get(field), field);
    }

    private static long number(Document document, String field) {
        return Objects.requireNonNull(document.getField(field), field)
                .numericValue()
                .longValue();
    }
}
