/** Files that are there whole or not at all, what they really are, and whether their names are known as they are. */
@NullMarked
package dev.mediator.file;

import org.jspecify.annotations.NullMarked;
