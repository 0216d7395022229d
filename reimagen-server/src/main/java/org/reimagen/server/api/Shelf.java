package org.reimagen.server.api;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Pictures that are fetched by address, the newest few, in memory. <b>Thread-safety</b>: safe. */
final class Shelf {
    private static final int KEPT = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Map<String, Item> items = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Item> eldest) {
            return size() > KEPT;
        }
    };

    /** A picture and its media type. */
    static final class Item {
        private final String type;
        private final byte[] bytes;

        private Item(String type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        String type() {
            return type;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /** Keeps a picture for a while; its unguessable name. */
    synchronized String put(String type, byte[] bytes) {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        String name = HexFormat.of().formatHex(random);
        items.put(name, new Item(type, bytes));
        return name;
    }

    synchronized Optional<Item> get(String name) {
        return Optional.ofNullable(items.get(name));
    }
}
