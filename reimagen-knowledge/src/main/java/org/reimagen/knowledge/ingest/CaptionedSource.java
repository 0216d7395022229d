package org.reimagen.knowledge.ingest;

import java.util.List;
import java.util.function.Consumer;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;

/** A data set of captioned pictures as pairs of a knowledge base: the title is the entity. */
public final class CaptionedSource implements Source {
    private final List<CaptionedPicture> pictures;
    private final NewPair.Credit credit;

    /**
     * @param credit licence and author where the data set names none; its source is replaced by the picture's own
     */
    public CaptionedSource(List<CaptionedPicture> pictures, NewPair.Credit credit) {
        this.pictures = List.copyOf(pictures);
        this.credit = credit;
    }

    @Override
    public void forEach(Consumer<NewPair> pairs, Consumer<Rejected> rejected) {
        for (CaptionedPicture picture : pictures) {
            NewPair pair;
            try {
                pair = pair(picture);
            } catch (KnowledgeException e) {
                rejected.accept(new Rejected(picture.id(), String.valueOf(e.getMessage())));
                continue;
            }
            pairs.accept(pair);
        }
    }

    private NewPair pair(CaptionedPicture picture) {
        NewPair.Text text =
                new NewPair.Text(picture.caption(), picture.title(), picture.title(), "", java.util.List.of());
        NewPair.Credit own = new NewPair.Credit(credit.licence(), credit.author(), picture.source());
        return new NewPair(picture.id(), text, own, picture.bytes().read());
    }
}
