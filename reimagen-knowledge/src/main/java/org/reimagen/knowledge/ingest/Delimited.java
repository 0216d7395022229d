package org.reimagen.knowledge.ingest;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Rows of comma- or tab-separated values, quoted as RFC 4180 says. */
final class Delimited {
    private Delimited() {}

    /** The next row that is not blank; empty at the end. A quoted value may span lines. */
    static List<String> row(BufferedReader reader, char separator) throws IOException {
        String line = reader.readLine();
        while (line != null && line.isBlank()) {
            line = reader.readLine();
        }
        if (line == null) {
            return List.of();
        }
        List<String> values = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        int i = 0;
        while (true) {
            if (i == line.length()) {
                String more = quoted ? reader.readLine() : null;
                if (more == null) {
                    values.add(value.toString());
                    return values;
                }
                value.append('\n');
                line = more;
                i = 0;
                continue;
            }
            char c = line.charAt(i++);
            if (quoted && c == '"' && i < line.length() && line.charAt(i) == '"') {
                value.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                values.add(value.toString());
                value.setLength(0);
            } else {
                value.append(c);
            }
        }
    }
}
