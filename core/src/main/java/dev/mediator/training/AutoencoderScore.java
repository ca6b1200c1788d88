package dev.mediator.training;

/**
 * How well images are got back from the means of their latents.
 *
 * @param images how many were tried
 * @param absoluteError mean absolute error of a pixel, in units of the whole range from black to white
 * @param psnr peak signal-to-noise ratio in dB, from the mean squared error over all pixels
 */
public record AutoencoderScore(long images, double absoluteError, double psnr) {}
