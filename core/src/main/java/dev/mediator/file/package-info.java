/** Files that are there whole or not at all. */
@NullMarked
package dev.mediator.file;

import org.jspecify.annotations.NullMarked;
