/** The routes: our own, OpenAI's images, clip-retrieval's knn-service, the knowledge base, the gallery, operation. */
@NullMarked
package org.reimagen.server.api;

import org.jspecify.annotations.NullMarked;
