package dev.mediator.codec;

import dev.mediator.tensor.RandomStream;
import dev.mediator.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Translates images into latents and back. Images are [B, C, H, W] fp32 in [−1, 1]; latents are [B, C', H', W'] fp32,
 * scaled so that their variance is about 1. Results belong to the calling thread's scope, unless they are the argument itself.
 *
 * <p>Any thread may use a codec; several take turns.
 */
public interface Codec extends AutoCloseable {
    /** The codec's kind, such as {@code pixel}. */
    String name();

    /**
     * What tells codecs of one kind apart, such as the SHA-256 of its weights: latents that were stored with one
     * fingerprint are of no use to another. Empty for a codec without weights.
     */
    String fingerprint();

    /**
     * Shape of one image's latent.
     *
     * @param imageShape [C, H, W]
     * @return [C', H', W']
     * @throws IllegalArgumentException if there is no latent of such an image
     */
    long[] latentShape(long... imageShape);

    /**
     * Shape of one latent's image, the inverse of {@link #latentShape}.
     *
     * @param latentShape [C', H', W']
     * @return [C, H, W]
     * @throws IllegalArgumentException if there is no image of such a latent
     */
    long[] imageShape(long... latentShape);

    /**
     * The distributions of images' latents; those of a codec whose latents are no matter of chance have no width.
     *
     * @param images [B, C, H, W]
     * @return of [B, C', H', W']
     */
    Posterior posterior(Tensor images);

    /**
     * Latents of images. A codec whose encoder gives a distribution draws from it.
     *
     * @param images [B, C, H, W]
     * @param noise one stream per image, for codecs that draw; an image's latent depends on its own stream alone
     * @return [B, C', H', W']
     */
    default Tensor encode(Tensor images, List<RandomStream> noise) {
        return Scope.keepResult(() -> posterior(images).draw(noise));
    }

    /**
     * Images of latents.
     *
     * @param latents [B, C', H', W']
     * @return [B, C, H, W], about [−1, 1]; values outside are possible and are clamped when a picture is made
     */
    Tensor decode(Tensor latents);

    /** Frees the codec's weights. */
    @Override
    void close();
}
