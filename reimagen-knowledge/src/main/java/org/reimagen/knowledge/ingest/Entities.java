package org.reimagen.knowledge.ingest;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which names of the picture sets mean the same thing: names, aliases, code points, emojibase labels and Unicode's own
 * names, joined where a set or Unicode says so.
 *
 * <p><b>Thread-safety</b>: one thread.
 */
final class Entities {
    private final Map<String, String> parents = new HashMap<>();
    private final Map<String, Label> labels = new HashMap<>();
    private final Map<String, TreeSet<String>> iconNames = new HashMap<>();
    private final Map<String, String> resolved = new HashMap<>();

    /**
     * What emojibase says of a code point.
     *
     * @param text lower-case label
     * @param tags search words
     */
    record Label(String text, List<String> tags) {}

    static String squeeze(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    static String codePoint(String hex) {
        return hex.toLowerCase(Locale.ROOT)
                .replace("-fe0f", "")
                .replace("fe0f-", "")
                .replace("fe0f", "");
    }

    private static String nameNode(String name) {
        return "n:" + squeeze(name);
    }

    private String root(String node) {
        String at = node;
        String parent = parents.computeIfAbsent(at, self -> self);
        while (!parent.equals(at)) {
            at = parent;
            parent = parents.getOrDefault(at, at);
        }
        parents.put(node, at);
        return at;
    }

    private void join(String a, String b) {
        parents.put(root(a), root(b));
    }

    /** A label of emojibase for a code point sequence. */
    void label(String hex, String text, List<String> tags) {
        String code = codePoint(hex);
        labels.put("c:" + code, new Label(text.toLowerCase(Locale.ROOT), tags));
        join(nameNode(text), "c:" + code);
        joinUnicodeName(code);
    }

    /** A set's statement that one of its names stands for a code point sequence. */
    void named(String name, String hex) {
        String code = codePoint(hex);
        join(nameNode(name), "c:" + code);
        joinUnicodeName(code);
    }

    /** A set's statement that two of its names mean the same picture. */
    void alias(String alias, String name) {
        join(nameNode(alias), nameNode(name));
    }

    /** A name under which a picture stands. */
    void icon(String name) {
        root(nameNode(name));
        iconNames.computeIfAbsent(squeeze(name), k -> new TreeSet<>()).add(name);
    }

    private void joinUnicodeName(String code) {
        if (!code.isEmpty() && !code.contains("-")) {
            String unicode = Character.getName(Integer.parseInt(code, 16));
            if (unicode != null) {
                join(nameNode(unicode), "c:" + code);
            }
        }
    }

    /** The entity's label: emojibase's for its first code point, else its shortest name. */
    Label entity(String name) {
        if (resolved.isEmpty()) {
            resolve();
        }
        String code = resolved.getOrDefault("code " + root(nameNode(name)), "");
        Label known = labels.get(code);
        if (known != null) {
            return known;
        }
        return new Label(
                resolved.getOrDefault("name " + root(nameNode(name)), name).replace('-', ' '), List.of());
    }

    private void resolve() {
        for (String code : new TreeMap<>(labels).keySet()) {
            resolved.putIfAbsent("code " + root(code), code);
        }
        iconNames.forEach((squeezed, names) ->
                names.forEach(name -> resolved.merge("name " + root("n:" + squeezed), name, Entities::shorter)));
    }

    private static String shorter(String a, String b) {
        if (a.length() != b.length()) {
            return a.length() < b.length() ? a : b;
        }
        return a.compareTo(b) <= 0 ? a : b;
    }
}
