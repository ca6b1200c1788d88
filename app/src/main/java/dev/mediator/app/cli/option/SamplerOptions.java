package dev.mediator.app.cli.option;

import dev.mediator.app.cli.console.Console;
import dev.mediator.model.Guidance;
import dev.mediator.model.LabelTraining;
import dev.mediator.sampling.DiffusionForm;
import dev.mediator.sampling.LastStep;
import dev.mediator.sampling.OdeConfig;
import dev.mediator.sampling.OdeSolver;
import dev.mediator.sampling.SamplerConfig;
import dev.mediator.sampling.SdeConfig;
import dev.mediator.sampling.SdeSolver;
import dev.mediator.transport.Labels;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the way from noise to picture, whatever network is evaluated on it: equation, solver, steps, guidance. */
public final class SamplerOptions {
    @Option(
            names = "--sampler",
            paramLabel = "ode|sde",
            description = "Equation to integrate. Default: ${DEFAULT-VALUE}.",
            defaultValue = "ode")
    private String sampler = "ode";

    @Option(
            names = "--solver",
            paramLabel = "NAME",
            description = "ode: euler, midpoint (default), heun, heun3, rk4, dopri5; sde: euler (default), heun.")
    private @Nullable String solver;

    @Option(
            names = "--points",
            paramLabel = "K",
            description = "Points in time, K − 1 steps before the last step. Default for ode: midpoint 5, euler 16,"
                    + " heun 8, heun3 5, rk4 4, and dopri5 chooses its own steps; for sde: 250.")
    private @Nullable Integer points;

    @Option(
            names = "--rtol",
            paramLabel = "X",
            description = "Relative tolerance of dopri5. Default: " + OdeConfig.DEFAULT_RTOL + ".")
    private @Nullable Double rtol;

    @Option(
            names = "--atol",
            paramLabel = "X",
            description = "Absolute tolerance of dopri5. Default: " + OdeConfig.DEFAULT_ATOL + ".")
    private @Nullable Double atol;

    @Option(
            names = "--diffusion-form",
            paramLabel = "NAME",
            description = "sde: constant, sbdm, sigma (default), linear, decreasing, increasing-decreasing.")
    private @Nullable String diffusionForm;

    @Option(names = "--diffusion-norm", paramLabel = "X", description = "sde: factor of the diffusion. Default: 1.")
    private @Nullable Double diffusionNorm;

    @Option(
            names = "--last-step",
            paramLabel = "NAME",
            description =
                    "How t = 1 is reached: euler, tweedie, none; sde also mean. Default: mean for sde, euler for the"
                            + " ode solvers that would evaluate the network at t = 1 (heun, rk4, dopri5), none for the others.")
    private @Nullable String lastStep;

    @Option(names = "--last-step-size", paramLabel = "X", description = "Length of the last step. Default: 0.04.")
    private @Nullable Double lastStepSize;

    @Option(
            names = "--guidance",
            paramLabel = "S",
            description = "Guidance scale; 1 is none and halves the cost. Default: 2.5, or 1 for a network that was not"
                    + " trained for guidance.")
    private @Nullable Double guidance;

    @Option(
            names = "--guidance-channels",
            paramLabel = "N",
            description = "Guide the first N channels only; 0 guides all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private int guidanceChannels;

    @Option(
            names = "--guidance-interval",
            paramLabel = "A,B",
            description = "Guide only while t is between A and B (0 is noise, 1 the picture). Default: 0.2,0.9.")
    private @Nullable String guidanceInterval;

    /** Equation, solver and steps. */
    public SamplerConfig config() {
        return switch (Labels.word(sampler)) {
            case "ode" -> ode();
            case "sde" -> sde();
            default -> throw new IllegalArgumentException("--sampler is '" + sampler + "', allowed are ode and sde");
        };
    }

    private OdeConfig ode() {
        refuse("--diffusion-form", diffusionForm, "sde");
        refuse("--diffusion-norm", diffusionNorm, "sde");
        OdeSolver chosen = solver == null ? OdeConfig.DEFAULT.solver() : OdeSolver.parse(solver);
        if (chosen.isAdaptive()) {
            refuse("--points", points, "solvers of fixed steps");
        } else {
            refuse("--rtol", rtol, "dopri5");
            refuse("--atol", atol, "dopri5");
        }
        OdeConfig base = OdeConfig.of(chosen);
        LastStep last = lastStep == null ? base.lastStep() : LastStep.parse(lastStep);
        return new OdeConfig(
                base.solver(),
                points == null ? base.points() : points,
                rtol == null ? base.rtol() : rtol,
                atol == null ? base.atol() : atol,
                base.errorNorm(),
                last,
                lastStepSize == null ? last.defaultSize() : lastStepSize);
    }

    private SdeConfig sde() {
        refuse("--rtol", rtol, "dopri5");
        refuse("--atol", atol, "dopri5");
        LastStep last = lastStep == null ? LastStep.MEAN : LastStep.parse(lastStep);
        return new SdeConfig(
                solver == null ? SdeSolver.EULER : SdeSolver.parse(solver),
                diffusionForm == null ? DiffusionForm.SIGMA : DiffusionForm.parse(diffusionForm),
                diffusionNorm == null ? 1 : diffusionNorm,
                last,
                lastStepSize == null ? last.defaultSize() : lastStepSize,
                points == null ? SdeConfig.DEFAULT_POINTS : points);
    }

    /** {@link #guidance(LabelTraining)}, telling what is to be known of it. */
    public Guidance guidance(LabelTraining labels, Console console) {
        Guidance chosen = guidance(labels);
        (guidance == null ? labels.defaultNote() : labels.warning(chosen)).ifPresent(console::note);
        return chosen;
    }

    /** How strongly the class is followed, and when; where that is not said, as suits what the network has learned. */
    public Guidance guidance(LabelTraining labels) {
        Guidance usual = guidance == null ? labels.guidance(Guidance.DEFAULT) : Guidance.DEFAULT;
        double scale = guidance == null ? usual.scale() : guidance;
        if (guidanceInterval == null) {
            return new Guidance(scale, guidanceChannels, usual.tMin(), usual.tMax());
        }
        String[] ends = guidanceInterval.split(",", -1);
        try {
            if (ends.length == 2) {
                return new Guidance(
                        scale,
                        guidanceChannels,
                        Double.parseDouble(ends[0].strip()),
                        Double.parseDouble(ends[1].strip()));
            }
        } catch (NumberFormatException e) {
            // the message below names the text
        }
        throw new IllegalArgumentException(
                "--guidance-interval is '" + guidanceInterval + "', expected are two numbers such as 0.2,0.8");
    }

    private static void refuse(String option, @Nullable Object value, String owner) {
        if (value != null) {
            throw new IllegalArgumentException(option + " is " + value + ", but it belongs to " + owner);
        }
    }
}
