/**
 * Parameter maps in and out of files. The format is safetensors: an 8-byte little-endian header length, a JSON header
 * (name → dtype, shape, byte range, and a string map of metadata), then the raw row-major little-endian data.
 */
@NullMarked
package dev.mediator.checkpoint;

import org.jspecify.annotations.NullMarked;
