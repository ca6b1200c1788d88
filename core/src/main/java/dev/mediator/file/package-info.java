/** Files that are written whole or not at all, what a file that is something else really is, and JSON in files. */
@NullMarked
package dev.mediator.file;

import org.jspecify.annotations.NullMarked;
