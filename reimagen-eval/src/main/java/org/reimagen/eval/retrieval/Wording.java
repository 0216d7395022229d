package org.reimagen.eval.retrieval;

/** How an entity is asked for. */
public enum Wording {
    /** By its label. */
    CLEAN("clean"),
    /** By three of its tags, which the index holds. */
    TAGS("three tags"),
    /** By a name that neither the captions nor the tags of its pairs hold. */
    OTHER_NAME("other name"),
    /** By its label with one random edit in every word of four letters or more. */
    MISSPELT("misspelt"),
    /** By another picture of it, from a family of styles that is then left out. */
    PICTURE("picture");

    private final String words;

    Wording(String words) {
        this.words = words;
    }

    /** To be read. */
    public String words() {
        return words;
    }
}
