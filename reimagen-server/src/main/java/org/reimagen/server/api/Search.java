package org.reimagen.server.api;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.PerceptualHash;
import org.reimagen.knowledge.retrieval.Bm25Retriever;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Query;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.job.Studio;

/** Searches the knowledge base: texts by BM25, pictures by how they look (perceptual hash). */
final class Search {
    private static final int LONGEST = 2000;

    private final Studio studio;
    private final Uploads uploads;

    Search(Studio studio, Uploads uploads) {
        this.studio = studio;
        this.uploads = uploads;
    }

    /** The k nearest to a text. */
    List<Neighbor> byText(String text, int k) {
        if (text.isBlank() || text.length() > LONGEST) {
            throw ApiException.invalid("text", "the text must have 1 to " + LONGEST + " characters");
        }
        return studio.read(base -> new Bm25Retriever(base).retrieve(Query.of(text, k)));
    }

    /** The k that look most like a picture; the score is 1 for the same look, 0 for the opposite. */
    List<Neighbor> byPicture(String param, String base64, int k) {
        BufferedImage picture = uploads.decode(param, Uploads.base64(param, base64));
        long hash = PerceptualHash.of(picture);
        record Near(Pair pair, int distance) {}
        List<Near> near = studio.read(base -> base.pairs().stream()
                .map(pair -> new Near(pair, PerceptualHash.distance(hash, pair.perceptualHash())))
                .sorted(Comparator.comparingInt(Near::distance))
                .limit(k)
                .toList());
        List<Neighbor> neighbors = new ArrayList<>();
        for (Near one : near) {
            neighbors.add(new Neighbor(one.pair(), 1 - one.distance() / 64.0, neighbors.size() + 1));
        }
        return neighbors;
    }
}
