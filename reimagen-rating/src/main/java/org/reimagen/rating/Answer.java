package org.reimagen.rating;

/**
 * What one rater said to one question about one drawing.
 *
 * @param rater name that the rater gave
 * @param picture file of the drawing, as its listing names it
 */
public record Answer(String rater, String picture, Question question, Verdict verdict) {}
