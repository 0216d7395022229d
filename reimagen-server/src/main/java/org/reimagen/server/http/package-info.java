/** Requests, replies, routes, limits and the guard before them; knows nothing of pictures. */
@NullMarked
package org.reimagen.server.http;

import org.jspecify.annotations.NullMarked;
