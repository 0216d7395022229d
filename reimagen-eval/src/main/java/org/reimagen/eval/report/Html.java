package org.reimagen.eval.report;

/** Text in HTML and SVG. */
final class Html {
    private Html() {}

    /** For element content and attributes in double quotes. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
