package dev.mediator.app.cli.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mediator.app.cli.console.Console;
import dev.mediator.tensor.ComputeDevice;
import dev.mediator.tensor.CudaState;
import dev.mediator.tensor.Engine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What there is to compute on, as {@code info --device} shows it.
 *
 * @param auto what {@code --device auto} takes
 * @param problem why no card can be used; null if one can
 * @param cuda natives, libraries, driver, number of cards
 * @param cards the cards as the driver describes them
 * @param threads of one operation on the CPU
 * @param cpuBf16 whether the CPU multiplies bf16 matrices in hardware
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DeviceInfo(
        String auto, @Nullable String problem, CudaState cuda, List<Card> cards, int threads, boolean cpuBf16) {
    /** Looks at this machine. */
    static DeviceInfo find() {
        CudaState cuda = CudaState.find();
        return new DeviceInfo(
                cuda.best().toString(),
                cuda.problem().orElse(null),
                cuda,
                Card.all(),
                Engine.threads(),
                ComputeDevice.CPU.hasFastBf16());
    }

    /** For people. */
    void sayAll(Console console) {
        console.say("natives: " + (cuda.builtFor().isEmpty() ? "CPU only" : "CUDA " + cuda.builtFor()));
        if (!cuda.runtime().isEmpty()) {
            console.say("libraries: CUDA runtime " + cuda.runtime() + ", cuDNN " + cuda.cudnn());
        }
        console.say("driver: " + (cuda.driver().isEmpty() ? "none" : cuda.driver()));
        cards.forEach(card -> console.say("card: " + card));
        console.say("cpu: " + threads + " threads" + (cpuBf16 ? ", bf16" : ", no bf16"));
        console.say("auto: " + auto + (problem == null ? "" : ", since " + problem));
    }
}
