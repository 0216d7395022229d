package org.reimagen.pipeline;

import java.awt.Color;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Named colours that captions ask for and pictures are then drawn on. */
public enum Background {
    /** Red. */
    RED(220, 50, 47),
    /** Orange. */
    ORANGE(245, 150, 50),
    /** Yellow. */
    YELLOW(250, 215, 75),
    /** Green. */
    GREEN(80, 175, 90),
    /** Teal. */
    TEAL(40, 160, 160),
    /** Light blue. */
    LIGHT_BLUE(150, 205, 245),
    /** Blue. */
    BLUE(60, 110, 220),
    /** Purple. */
    PURPLE(140, 90, 200),
    /** Pink. */
    PINK(250, 165, 200),
    /** Brown. */
    BROWN(140, 95, 60),
    /** Gray. */
    GRAY(150, 150, 150),
    /** Black. */
    BLACK(25, 25, 28),
    /** White: what a caption without a colour means. */
    WHITE(255, 255, 255);

    /** All but white. */
    public static final List<Background> COLOURS =
            Arrays.stream(values()).filter(b -> b != WHITE).toList();

    private final int red;
    private final int green;
    private final int blue;

    Background(int red, int green, int blue) {
        this.red = red;
        this.green = green;
        this.blue = blue;
    }

    /** One channel, 0 red, 1 green, 2 blue, in [0,255]. */
    public int channel(int c) {
        return c == 0 ? red : c == 1 ? green : blue;
    }

    /** The colour itself. */
    public Color color() {
        return new Color(red, green, blue);
    }

    /** What a prompt asks for, such as "on a light blue background"; white where it names none. */
    public static Background in(String prompt) {
        String lower = prompt.toLowerCase(Locale.ROOT);
        return COLOURS.stream()
                .sorted(Comparator.comparingInt((Background b) -> b.words().length())
                        .reversed())
                .filter(b -> Pattern.compile("\\b" + b.words() + " background\\b")
                        .matcher(lower)
                        .find())
                .findFirst()
                .orElse(WHITE);
    }

    /** How captions name it. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
