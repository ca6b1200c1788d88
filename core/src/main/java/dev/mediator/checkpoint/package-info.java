/**
 * Parameter maps in and out of files; {@link dev.mediator.checkpoint.TensorFile} is any file of named tensors.
 *
 * <p>Our own format is safetensors: an 8-byte little-endian header length, a JSON header (name → dtype, shape, byte
 * range, and a string map of metadata), then the raw row-major little-endian data. Besides, indices of several such files
 * are read and written, and PyTorch's files: a pickle that describes the object ({@link dev.mediator.checkpoint.pickle}),
 * and the raw storages that its tensors are strided views of, in a zip archive or, only read, one after the other.
 *
 * <p>Files come from strangers. Descriptions are checked as a whole against the file's size before any of it is used,
 * with limits on every count and length; the data are mapped and never copied without need.
 *
 * <p>numpy's .npy (a header that tells type, shape and order, then the raw values; NEP 1) and .npz (a zip archive of these)
 * are how the field hands over images and statistics. Arrays may be larger than memory, so they are streamed; archives may
 * come from anywhere, so every size is checked before it is believed, and pickled objects are refused.
 */
@NullMarked
package dev.mediator.checkpoint;

import org.jspecify.annotations.NullMarked;
