package org.reimagen.eval.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;

/**
 * What a report shows: figures with expected scores, and plots.
 *
 * @param plots may be absent from the file
 */
public record ExpectedSheet(
        @JsonProperty(required = true) List<Expectation> figures,
        @Nullable List<PlotSpec> plots) {
    /** @throws ReImagenException naming a figure or plot that is there twice */
    public ExpectedSheet {
        if (figures == null) {
            throw new ReImagenException("figures must be a list");
        }
        figures = List.copyOf(figures);
        plots = plots == null ? List.of() : List.copyOf(plots);
        Set<String> names = new HashSet<>();
        Stream.concat(figures.stream().map(Expectation::name), plots.stream().map(PlotSpec::name))
                .forEach(name -> {
                    if (!names.add(name)) {
                        throw new ReImagenException("figure \"" + name + "\" is there twice");
                    }
                });
    }

    /** The plots, none where the file has none. */
    @Override
    public List<PlotSpec> plots() {
        return plots == null ? List.of() : plots;
    }

    /**
     * Reads a file of YAML: {@code figures} and {@code plots}. Unknown keys are errors.
     *
     * @throws ReImagenException naming the file and what is wrong
     */
    public static ExpectedSheet read(Path yaml) {
        if (!Files.isRegularFile(yaml)) {
            throw new ReImagenException(yaml + ": no such file");
        }
        try {
            YAMLMapper mapper = YAMLMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();
            return mapper.readValue(Files.readAllBytes(yaml), ExpectedSheet.class);
        } catch (JsonProcessingException e) {
            throw new ReImagenException(yaml + ": " + reason(e), e);
        } catch (IOException e) {
            throw new ReImagenException(yaml + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String reason(JsonProcessingException e) {
        Throwable cause = e.getCause();
        String message = cause instanceof ReImagenException ? cause.getMessage() : e.getOriginalMessage();
        return String.valueOf(message).lines().findFirst().orElse("is no valid YAML");
    }
}
