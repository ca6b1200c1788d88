/**
 * Between images and what the network models. A latent diffusion model (Rombach et al., "High-Resolution Image Synthesis
 * with Latent Diffusion Models", arXiv 2112.10752) works on the latents of an autoencoder; small images are modelled as
 * pixels, with a codec that changes nothing.
 */
@NullMarked
package dev.mediator.codec;

import org.jspecify.annotations.NullMarked;
