@NullMarked
package dev.mediator.parallel;

import org.jspecify.annotations.NullMarked;
