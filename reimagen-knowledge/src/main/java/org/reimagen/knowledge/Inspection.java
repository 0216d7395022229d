package org.reimagen.knowledge;

import java.awt.image.BufferedImage;
import org.reimagen.knowledge.draw.PerceptualHash;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.draw.VectorDrawing;

/** Looks at a picture before it goes in: whether it decodes or draws at all, its size, its perceptual hash. */
final class Inspection {
    private static final int DRAWN_AT = 64;

    private Inspection() {}

    /** The pair that {@code added} becomes; throws in one line if its picture is broken. */
    static Pair inspect(NewPair added, String sha256) {
        try {
            return VectorDrawing.looksLikeSvg(added.original()) ? vector(added, sha256) : raster(added, sha256);
        } catch (PictureException e) {
            throw new KnowledgeException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Pair vector(NewPair added, String sha256) {
        VectorDrawing drawing = VectorDrawing.parse(added.id(), added.original());
        BufferedImage image = drawing.render(DRAWN_AT);
        return added.toPair(new Look(sha256, true, drawing.width(), drawing.height(), hash(added.id(), image)));
    }

    private static Pair raster(NewPair added, String sha256) {
        BufferedImage image = Pictures.decode(added.id(), added.original());
        return added.toPair(new Look(sha256, false, image.getWidth(), image.getHeight(), hash(added.id(), image)));
    }

    private static long hash(String id, BufferedImage image) {
        if (Pictures.isTransparent(image)) {
            throw new KnowledgeException(id + ": shows nothing, every pixel is transparent");
        }
        return PerceptualHash.of(image);
    }

    /** What was seen of a picture. */
    record Look(String sha256, boolean vector, int width, int height, long perceptualHash) {}
}
