/** Files that are there whole or not at all, what they really are, whether their names are known as they are, and JSON in them. */
@NullMarked
package dev.mediator.file;

import org.jspecify.annotations.NullMarked;
