/** The KNN training set: pictures with their neighbours, captions that vary, entities held out. No tensors here. */
@NullMarked
package org.reimagen.train.data;

import org.jspecify.annotations.NullMarked;
