package org.reimagen.rating;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.ListedReference;
import org.reimagen.eval.listing.Listing;
import org.reimagen.pipeline.PngWriter;

/** The folder of a small evaluation: entities in two frequencies, some pictures of each. */
public final class Evaluation {
    private Evaluation() {}

    /** Writes it. */
    public static List<ListedPicture> write(Path folder, int entities, int each) {
        List<ListedPicture> pictures = new ArrayList<>();
        for (int e = 0; e < entities; e++) {
            String reference = "references/" + e + ".png";
            PngWriter.write(folder.resolve(reference), picture(e, 64), Map.of());
            for (int i = 0; i < each; i++) {
                String file = "birds/bird-" + e + "-" + i + ".png";
                PngWriter.write(folder.resolve(file), picture(e * each + i, 48), Map.of("parameters", "K = 4"));
                pictures.add(new ListedPicture(
                        file,
                        "K = 4",
                        "bird " + e,
                        "bird " + e,
                        "birds",
                        e % 2 == 0 ? "frequent" : "held-out",
                        i,
                        0,
                        0.1,
                        List.of(new ListedReference(
                                reference, "bird " + e, "bird " + e, "drawn", "tester", "CC0-1.0", true))));
            }
        }
        Listing.write(folder, pictures);
        return pictures;
    }

    private static BufferedImage picture(int index, int side) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(Color.getHSBColor(index * 0.17f, 0.6f, 0.9f));
        g.fillRect(0, 0, side, side);
        g.setColor(Color.BLACK);
        g.fillOval(side / 4, side / 4, side / 2, 3 + index % (side / 2));
        g.dispose();
        return image;
    }
}
