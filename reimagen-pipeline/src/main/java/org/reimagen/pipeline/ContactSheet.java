package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.reimagen.knowledge.draw.Pictures;

/** Pictures side by side, each with a title and a second line below. */
public final class ContactSheet {
    private static final int MARGIN = 8;
    private static final int TEXT = 34;

    private ContactSheet() {}

    /** One picture of the sheet. */
    public record Cell(BufferedImage image, String title, String note) {}

    /**
     * Draws the sheet.
     *
     * @param cells at least one
     * @param size side of a cell's picture in pixels; smaller pictures are enlarged pixel by pixel, larger ones averaged
     * @param columns cells in a row
     */
    public static BufferedImage draw(List<Cell> cells, int size, int columns) {
        int across = Math.min(columns, Math.max(1, cells.size()));
        int rows = (cells.size() + across - 1) / across;
        int cellWidth = size + MARGIN;
        int cellHeight = size + TEXT + MARGIN;
        BufferedImage sheet =
                new BufferedImage(across * cellWidth + MARGIN, rows * cellHeight + MARGIN, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        for (int i = 0; i < cells.size(); i++) {
            int x = MARGIN + i % across * cellWidth;
            int y = MARGIN + i / across * cellHeight;
            drawCell(graphics, cells.get(i), x, y, size);
        }
        graphics.dispose();
        return sheet;
    }

    private static void drawCell(Graphics2D graphics, Cell cell, int x, int y, int size) {
        BufferedImage picture = cell.image().getWidth() > size ? Pictures.fit(cell.image(), size) : cell.image();
        graphics.drawImage(picture, x, y, size, size, null);
        graphics.setColor(Color.LIGHT_GRAY);
        graphics.drawRect(x - 1, y - 1, size + 1, size + 1);
        graphics.setColor(Color.BLACK);
        line(graphics, cell.title(), Font.BOLD, x, y + size + 13, size);
        line(graphics, cell.note(), Font.PLAIN, x, y + size + 27, size);
    }

    private static void line(Graphics2D graphics, String text, int weight, int x, int y, int width) {
        graphics.setFont(new Font(Font.SANS_SERIF, weight, 11));
        String shown = text;
        while (shown.length() > 1 && graphics.getFontMetrics().stringWidth(shown) > width) {
            shown = shown.substring(0, shown.length() - 2) + "…";
        }
        graphics.drawString(shown, x, y);
    }
}
