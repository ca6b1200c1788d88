/** The one place that touches native memory: scopes, shape checks, devices, dtypes and random streams. */
@NullMarked
package dev.mediator.tensor;

import org.jspecify.annotations.NullMarked;
