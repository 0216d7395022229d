package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.retrieval.Filters;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Query;
import org.reimagen.knowledge.retrieval.Retriever;

/** Finds the references of a request and makes them into what the network reads. */
final class ReferenceFinder {
    private final KnowledgeBase base;
    private volatile Retriever retriever;
    private final Set<String> styles;

    ReferenceFinder(KnowledgeBase base, Retriever retriever) {
        this.base = base;
        this.retriever = retriever;
        this.styles = base.styles();
    }

    void use(Retriever other) {
        retriever = other;
    }

    void wrap(UnaryOperator<Retriever> around) {
        retriever = around.apply(retriever);
    }

    /** The pinned pairs, then the nearest to the prompt's subject; K in all, or as many as are pinned. */
    List<Neighbor> find(GenerationRequest request) {
        References references = request.references();
        List<Neighbor> found = new ArrayList<>();
        for (String id : references.pinned()) {
            Pair pair =
                    base.find(id).orElseThrow(() -> new ReImagenException("no pair " + id + " in " + base.folder()));
            found.add(new Neighbor(pair, 0, found.size() + 1));
        }
        int room = Math.min(request.knn(), References.MAX - references.own().size()) - found.size();
        if (room > 0) {
            for (Neighbor neighbor : nearest(request, room)) {
                found.add(new Neighbor(neighbor.pair(), neighbor.score(), found.size() + 1));
            }
        }
        return found;
    }

    private List<Neighbor> nearest(GenerationRequest request, int k) {
        References references = request.references();
        PromptReading reading = PromptReading.of(request.prompt(), styles);
        Set<String> excluded = new HashSet<>(references.excluded());
        excluded.addAll(references.pinned());
        Query query = Query.of(reading.subject(), k)
                .filtered(filters(references, reading))
                .excluding(excluded);
        Retriever used = retriever;
        List<Neighbor> found = used.retrieve(query);
        double least = found.isEmpty() ? 0 : found.getFirst().score() * used.leastShare();
        return found.stream().filter(n -> n.score() >= least).toList();
    }

    private Filters filters(References references, PromptReading reading) {
        Filters filters = references.filters();
        if (reading.styleAlone() && filters.styles().isEmpty()) {
            Set<String> named = Set.copyOf(reading.style().stream().toList());
            return new Filters(named, filters.licences(), filters.entities(), filters.excludedStyles());
        }
        if (references.sameStyle() || reading.styleAlone()) {
            return filters;
        }
        Set<String> excluded = new HashSet<>(filters.excludedStyles());
        excluded.addAll(reading.family(styles));
        return new Filters(filters.styles(), filters.licences(), filters.entities(), excluded);
    }

    /**
     * What is read: the request's own references, then the neighbours, those of weight 0 left out by the caller.
     *
     * @param pictures by pair id, of this size, read before; a picture that two requests share is one object and encoded once
     */
    List<BaseStage.Reference> read(
            List<Neighbor> neighbors, References references, int size, Map<String, BufferedImage> pictures) {
        List<BaseStage.Reference> read = new ArrayList<>();
        for (OwnReference own : references.own()) {
            if (own.weight() > 0) {
                read.add(new BaseStage.Reference(
                        Pictures.on(Color.WHITE, Pictures.fit(own.picture(), size)), own.caption(), own.weight()));
            }
        }
        for (Neighbor neighbor : neighbors) {
            Pair pair = neighbor.pair();
            BufferedImage picture =
                    pictures.computeIfAbsent(pair.id(), _ -> Pictures.on(Color.WHITE, base.picture(pair, size)));
            read.add(new BaseStage.Reference(picture, pair.caption(), references.weight(pair.id())));
        }
        return read;
    }

    /** The pictures of {@link #read} in its order, of this size, on the colour that a drawing's background shall have. */
    List<BufferedImage> on(Color background, List<Neighbor> neighbors, References references, int size) {
        List<BufferedImage> pictures = new ArrayList<>();
        references.own().stream()
                .filter(own -> own.weight() > 0)
                .forEach(own -> pictures.add(Pictures.on(background, Pictures.fit(own.picture(), size))));
        neighbors.forEach(n -> pictures.add(Pictures.on(background, base.picture(n.pair(), size))));
        return pictures;
    }
}
