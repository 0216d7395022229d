package org.reimagen.core.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reimagen.core.tensor.Ops;

/** Our samplers against diffusers' schedulers (golden/diffusion_fixtures.py), step by step, under a linear model. */
class GoldenSamplersTest {
    private static final Path FIXTURE = Path.of("src/test/resources/golden/samplers.json");

    @ParameterizedTest
    @CsvSource({"ddim", "dpmpp2m", "ddpm_mean", "heun"})
    void followsDiffusers(String name) throws IOException {
        JsonNode fixture = new ObjectMapper().readTree(Files.readAllBytes(FIXTURE));
        JsonNode expected = fixture.path("cases").path(name);
        Sampler sampler = sampler(name);
        NoiseSchedule schedule = new NoiseSchedule.Cosine();
        Denoiser model = (xt, t) -> Prediction.EPS.toX0(eps(xt, t), xt, schedule.alpha(t), schedule.sigma(t));
        try (var _ = new PointerScope()) {
            Tensor x = Ops.floats(floats(fixture.path("start")), 1, 1, 1, 4);
            Tensor x0 = null;
            JsonNode times = expected.path("times");
            for (int i = 0; i < times.size(); i++) {
                double next = i + 1 < times.size() ? times.get(i + 1).asDouble() : 0;
                double previous = i > 0 ? times.get(i - 1).asDouble() : Double.NaN;
                Sampler.Step step = new Sampler.Step(x, times.get(i).asDouble(), next, x0, previous);
                Sampler.Result result = sampler.step(step, schedule, model, new Noise(1));
                x = sampler instanceof Sampler.Ddpm ? mean(result.x(), step, schedule) : result.x();
                x0 = result.x0();
                assertClose(name + " step " + i, x, expected.path("trajectory").get(i));
            }
        }
    }

    private static Sampler sampler(String name) {
        return switch (name) {
            case "ddim" -> new Sampler.Ddim(0);
            case "dpmpp2m" -> new Sampler.DpmSolverPlusPlus2M();
            case "ddpm_mean" -> new Sampler.Ddpm();
            case "heun" -> new Sampler.EdmHeun();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** What DDPM's step drew from, without the noise that it added: std = (σ'/σ)·√(1 − α²/α'²). */
    private static Tensor mean(Tensor x, Sampler.Step step, NoiseSchedule schedule) {
        double ratio = schedule.alpha(step.t()) / schedule.alpha(step.tNext());
        double std = schedule.sigma(step.tNext()) / schedule.sigma(step.t()) * Math.sqrt(1 - ratio * ratio);
        return x.sub(Ops.scale(new Noise(1).normal(1, 1, 4), std));
    }

    /** The fixture's model: eps = (0.9 − 0.5·(i + 1)/1000)·x + 0.05 with t = 0.995·(i + 1)/1000. */
    private static Tensor eps(Tensor x, double t) {
        return Ops.scale(x, 0.9 - 0.5 * t / 0.995).add(Ops.scalar(0.05));
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    private static void assertClose(String what, Tensor actual, JsonNode expected) {
        float[] got = Ops.toFloats(actual);
        for (int i = 0; i < got.length; i++) {
            assertThat((double) got[i])
                    .as(what + " [" + i + "]")
                    .isCloseTo(expected.get(i).asDouble(), within(2e-3));
        }
    }
}
