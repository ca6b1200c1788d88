/**
 * Parameter maps and arrays in and out of files. The format of checkpoints is safetensors: an 8-byte little-endian header
 * length, a JSON header (name → dtype, shape, byte range, and a string map of metadata), then the raw row-major
 * little-endian data.
 *
 * <p>numpy's .npy (a header that tells type, shape and order, then the raw values; NEP 1) and .npz (a zip archive of these)
 * are how the field hands over images and statistics. Arrays may be larger than memory, so they are streamed; archives may
 * come from anywhere, so every size is checked before it is believed, and pickled objects are refused.
 */
@NullMarked
package dev.mediator.checkpoint;

import org.jspecify.annotations.NullMarked;
