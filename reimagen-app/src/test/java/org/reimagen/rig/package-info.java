/** What tests share that run the program in processes of its own, kill them, or take their disk away. */
@NullMarked
package org.reimagen.rig;

import org.jspecify.annotations.NullMarked;
