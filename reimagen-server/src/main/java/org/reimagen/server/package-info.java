/**
 * The HTTP server: one thin layer over the pipeline and the knowledge base. Decides nothing about diffusion or retrieval.
 *
 * <p>{@code http} speaks the protocol, {@code job} queues and draws, {@code gallery} keeps pictures, {@code api} holds the routes.
 */
@NullMarked
package org.reimagen.server;

import org.jspecify.annotations.NullMarked;
