/**
 * Between images and what the network models. A latent diffusion model (Rombach et al., "High-Resolution Image Synthesis
 * with Latent Diffusion Models", arXiv 2112.10752) works on the latents of an autoencoder; small images are modelled as
 * pixels, with a codec that changes nothing.
 *
 * <p>{@link dev.mediator.codec.Autoencoder} is the one of that paper as diffusers has it: a convolutional network of several
 * levels, attention at the coarsest. Its encoder gives a normal distribution per latent value, from which latents are drawn;
 * its decoder is evaluated in strips of rows ({@code Strips}) where maps are large.
 *
 * <p>Shapes: B batch, C channels, L latent channels, H×W size of a map, f the factor between the sides of image and latent.
 */
@NullMarked
package dev.mediator.codec;

import org.jspecify.annotations.NullMarked;
