/**
 * Labelled images as training data: IDX files, image folders, latents encoded beforehand, the order in which samples are seen, and batches prepared
 * ahead of their use.
 *
 * <p>The stream of samples is endless and a pure function of (seed, position): position counts the samples taken since
 * the start, epoch = position / size, and each epoch is a Fisher-Yates shuffle (Durstenfeld, Algorithm 235, 1964) with a
 * random stream of its own. A run that is resumed at a position therefore sees exactly the batches it would have seen
 * uninterrupted; a batch may hold the end of one epoch and the start of the next. Worker threads only fill arrays:
 * tensors are made by the thread that consumes them, since scopes belong to a thread.
 *
 * <p>Pixels are fp32 in [−1, 1], channels first. Images of a folder are cropped as in ADM (Dhariwal and Nichol,
 * "Diffusion Models Beat GANs on Image Synthesis", arXiv 2105.05233).
 */
@NullMarked
package dev.mediator.data;

import org.jspecify.annotations.NullMarked;
