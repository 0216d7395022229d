package org.reimagen.eval.listing;

/**
 * A true picture that a drawing is held against.
 *
 * @param file PNG, relative to the folder of the listing
 * @param entity what it pictures
 * @param title short name to show
 * @param style how it is drawn, or empty
 * @param author who made it, or empty
 * @param licence SPDX identifier
 * @param used whether the drawing was made from it; if not, it only shows what the entity looks like
 */
public record ListedReference(
        String file, String entity, String title, String style, String author, String licence, boolean used) {}
