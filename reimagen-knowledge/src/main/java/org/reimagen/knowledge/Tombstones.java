package org.reimagen.knowledge;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.IndexWriter;

/** Hashes whose return is refused: kept in the index's commit data, so that they are as atomic and as checked as it is. */
final class Tombstones {
    private static final String PREFIX = "removed:";

    private final IndexWriter index;
    private final Set<String> hashes = ConcurrentHashMap.newKeySet();

    Tombstones(IndexWriter index) {
        this.index = index;
        Iterable<Map.Entry<String, String>> data = index.getLiveCommitData();
        if (data != null) {
            data.forEach(entry -> load(entry.getKey()));
        }
    }

    private void load(String key) {
        if (key.startsWith(PREFIX)) {
            hashes.add(key.substring(PREFIX.length()));
        }
    }

    boolean contains(String sha256) {
        return hashes.contains(sha256);
    }

    /** Takes effect on disk with the next commit. */
    void add(String sha256) {
        hashes.add(sha256);
        Map<String, String> data = new HashMap<>();
        hashes.forEach(hash -> data.put(PREFIX + hash, ""));
        index.setLiveCommitData(data.entrySet());
    }
}
