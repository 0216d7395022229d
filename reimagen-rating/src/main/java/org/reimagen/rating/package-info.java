/** What people say of drawings: the questions, their order, the answers in SQLite. Statistics and the page lie below. */
@NullMarked
package org.reimagen.rating;

import org.jspecify.annotations.NullMarked;
