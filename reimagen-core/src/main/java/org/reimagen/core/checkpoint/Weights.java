package org.reimagen.core.checkpoint;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.tensor.Ops;
import org.reimagen.core.tensor.Precision;

/** Parameters of a module, by name, and their strict exchange with a file. */
public final class Weights {
    private Weights() {}

    /**
     * Parameters of {@code module} by dotted name, in the order of their registration.
     *
     * @return handles of our own that share the module's storage: the dictionary's point into it and die with it.
     *     <b>Owns</b>: the innermost open scope
     */
    public static Map<String, Tensor> named(Module module) {
        StringTensorDict dict = module.named_parameters();
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (long i = 0; i < dict.size(); i++) {
            named.put(dict.get(i).key().getString(), new Tensor(dict.get(i).value()));
        }
        return named;
    }

    /**
     * Copies every parameter from {@code file}; names and shapes must agree exactly, the dtype is converted.
     *
     * @throws ReImagenException naming the file and the first tensor that is missing, surplus or of another shape
     */
    public static void load(Module module, SafeTensors file) {
        load(module, file, List.of());
    }

    /**
     * As {@link #load(Module, SafeTensors)}; parameters of submodules that the file knows nothing of stay as they are.
     *
     * @param mayLack names of such submodules; a file has all parameters of one or none
     */
    public static void load(Module module, SafeTensors file, List<String> mayLack) {
        try (var _ = new PointerScope()) {
            Map<String, Tensor> parameters = named(module);
            for (String submodule : mayLack) {
                if (file.names().stream().noneMatch(name -> name.startsWith(submodule + "."))) {
                    parameters.keySet().removeIf(name -> name.startsWith(submodule + "."));
                }
            }
            check(parameters, file);
            parameters.forEach((name, parameter) -> parameter.detach().copy_(file.tensor(name)));
        }
    }

    private static void check(Map<String, Tensor> parameters, SafeTensors file) {
        parameters.forEach((name, parameter) -> {
            long[] stored = file.entry(name).sizes();
            if (!Arrays.equals(stored, parameter.shape())) {
                throw new ReImagenException("%s: tensor %s has shape %s, the configuration asks for %s"
                        .formatted(file.file(), name, Arrays.toString(stored), Arrays.toString(parameter.shape())));
            }
        });
        for (String name : file.names()) {
            if (!parameters.containsKey(name)) {
                throw new ReImagenException(file.file() + ": tensor " + name + " is none of this network");
            }
        }
    }

    /** Copies of all {@code tensors} in bfloat16, as models are published. <b>Owns</b>: the innermost open scope. */
    public static Map<String, Tensor> bfloat16(Map<String, Tensor> tensors) {
        Map<String, Tensor> converted = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> converted.put(name, tensor.detach().to(ScalarType.BFloat16)));
        return converted;
    }

    /**
     * Holds kernels and matrices in the precision that drawing computes in, in place: {@link org.reimagen.core.tensor.Autocast} would
     * copy them for every picture anew. Nothing changes where that is float32. Not for a network that is still to learn.
     */
    public static void forDrawing(Module module) {
        if (!Precision.bfloat16IsFast()) {
            return;
        }
        try (var _ = new PointerScope()) {
            named(module).forEach((name, parameter) -> {
                if (name.endsWith(".weight") && parameter.dim() >= 2) {
                    parameter.set_data(parameter.detach().to(ScalarType.BFloat16));
                }
            });
        }
    }

    /** Lays out the kernels of every convolution channels-last, in place, as oneDNN is fastest. */
    public static void channelsLast(Module module) {
        try (var _ = new PointerScope()) {
            for (Tensor parameter : named(module).values()) {
                if (parameter.dim() == 4) {
                    parameter.set_data(Ops.channelsLast(parameter.detach()));
                }
            }
        }
    }
}
