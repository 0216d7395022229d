package org.reimagen.knowledge.draw;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.DocumentLimits;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.parser.resources.ResourcePolicy;
import com.github.weisj.jsvg.renderer.NullPlatformSupport;
import com.github.weisj.jsvg.view.FloatSize;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An SVG drawing, rendered at any size on transparency.
 *
 * <p>External references are denied, entities and deep nesting refused; the renderer knows no scripts.
 * <b>Thread-safety</b>: one thread a drawing.
 */
public final class VectorDrawing {
    private static final DocumentLimits LIMITS = new DocumentLimits(64, 8, 50_000);

    private final String name;
    private final SVGDocument document;

    private VectorDrawing(String name, SVGDocument document) {
        this.name = name;
        this.document = document;
    }

    /**
     * Parses a drawing.
     *
     * @param name names it in errors
     * @throws PictureException if it is no SVG with a size
     */
    public static VectorDrawing parse(String name, byte[] svg) {
        refuseEntities(name, svg);
        LoaderContext context = LoaderContext.builder()
                .externalResourcePolicy(ResourcePolicy.DENY_EXTERNAL)
                .documentLimits(LIMITS)
                .build();
        try {
            SVGDocument document = new SVGLoader().load(new ByteArrayInputStream(svg), null, context);
            if (document == null || !(document.size().width > 0 && document.size().height > 0)) {
                throw new PictureException(name + ": is no SVG drawing with a size");
            }
            return new VectorDrawing(name, document);
        } catch (PictureException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw new PictureException(name + ": cannot be read as SVG: " + reason(e), e);
        }
    }

    /** Entities are how a small file grows without bound or reads another one; no drawing needs them. */
    private static void refuseEntities(String name, byte[] svg) {
        if (new String(svg, StandardCharsets.ISO_8859_1).contains("<!ENTITY")) {
            throw new PictureException(name + ": declares XML entities, which are not read");
        }
    }

    /** Whether bytes look like SVG rather than a raster. */
    public static boolean looksLikeSvg(byte[] bytes) {
        String head = new String(bytes, 0, Math.min(bytes.length, 4096), StandardCharsets.UTF_8);
        String start = head.startsWith("\uFEFF") ? head.substring(1) : head;
        return start.stripLeading().startsWith("<")
                && start.toLowerCase(Locale.ROOT).contains("<svg");
    }

    /** Width in SVG units, at least 1. */
    public int width() {
        return Math.max(1, Math.round(document.size().width));
    }

    /** Height in SVG units, at least 1. */
    public int height() {
        return Math.max(1, Math.round(document.size().height));
    }

    /**
     * The drawing, centred in a square.
     *
     * @param size of the square in pixels, 1 to 8192
     * @return TYPE_INT_ARGB, transparent around and behind the drawing
     * @throws PictureException if the renderer gives up on it
     */
    public BufferedImage render(int size) {
        Pictures.checkSide(size);
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            document.renderWithPlatform(NullPlatformSupport.INSTANCE, graphics, centred(size));
        } catch (RuntimeException | StackOverflowError e) {
            throw new PictureException(name + ": cannot be drawn: " + reason(e), e);
        } finally {
            graphics.dispose();
        }
        return image;
    }

    private ViewBox centred(int size) {
        FloatSize natural = document.size();
        float scale = size / Math.max(natural.width, natural.height);
        float w = natural.width * scale;
        float h = natural.height * scale;
        return new ViewBox((size - w) / 2, (size - h) / 2, w, h);
    }

    private static String reason(Throwable e) {
        return e instanceof StackOverflowError ? "it is nested too deeply" : String.valueOf(e.getMessage());
    }
}
