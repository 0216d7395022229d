package org.reimagen.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.tensor.Team;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.data.KnnDataset;
import org.reimagen.train.optim.Parameters;

/**
 * The training loop of a stage.
 *
 * <p>{@code StageTraining → Batch → loss → Optimizer → Ema → TrainingState}. No update is applied from a loss or gradient
 * that is not finite; after three such batches in a row the run ends. The next batch is dealt on a thread of its own, and parts
 * of a batch are learned from side by side ({@link Team}).
 * <b>Thread-safety</b>: one thread; {@link #stop} from any. <b>Owns</b>: the dealing thread, until {@link #close}; data set and
 * encoder are the caller's and must stay open until then.
 */
public final class Trainer implements AutoCloseable {
    private static final int MAX_SKIPPED = 3;

    private final TrainingConfig config;
    private final StageTraining training;
    private final TrainingState state;
    private final TrainingListener listener;
    private final Team team;
    private final Backpropagation backpropagation;
    private final Ahead ahead;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private int skipped;

    /** A run of the first stage that starts from fresh weights; see {@link #resume}. */
    public Trainer(TrainingConfig config, KnnDataset dataset, TextEncoder encoder, TrainingListener listener) {
        this(config, new BaseTraining((StageConfig) config.stage(), config.data(), dataset, encoder), listener);
    }

    /** A run of any stage that starts from the weights it has; see {@link #resume}. */
    public Trainer(TrainingConfig config, StageTraining training, TrainingListener listener) {
        this.config = config;
        this.training = training;
        this.listener = listener;
        this.state = new TrainingState(config, training.network());
        this.team = Team.shared();
        this.backpropagation = new Backpropagation(
                state.parameters(), team, config.optimization().bfloat16());
        this.ahead = new Ahead(training);
    }

    /** Steps done. */
    public long step() {
        return state.step();
    }

    /** The parameters by name: live tensors. */
    public Map<String, Tensor> parameters() {
        return state.parameters();
    }

    /** The averaged parameters by name: live tensors. */
    public Map<String, Tensor> averages() {
        return state.ema().averages();
    }

    /** Goes on from the newest checkpoint in {@code folder}, if there is one; returns whether there was. */
    public boolean resume(Path folder) {
        TrainingState.latest(folder).ifPresent(state::resume);
        return state.step() > 0;
    }

    /** Asks the loop to end after the step that it is in. */
    public void stop() {
        stopping.set(true);
    }

    /**
     * Trains to the end or until {@link #stop}, and saves.
     *
     * @param folder for checkpoints
     * @param every steps between two checkpoints
     * @return whether the end was reached
     */
    public boolean run(Path folder, long every) {
        long first = state.step();
        long start = System.nanoTime();
        long max = config.optimization().maxSteps();
        while (state.step() < max && !stopping.get()) {
            double value = trainStep();
            double seconds = (System.nanoTime() - start) / 1e9;
            double rate = (state.step() - first) * config.data().batchSize() / seconds;
            listener.onStep(
                    new TrainingListener.Progress(state.step(), max, value, learningRate(state.step() - 1), rate));
            if (state.step() % every == 0 && state.step() < max) {
                listener.onSaved(state.save(folder));
                samples();
            }
        }
        listener.onSaved(state.save(folder));
        samples();
        return state.step() >= max;
    }

    private double learningRate(long step) {
        TrainingConfig.Optimization o = config.optimization();
        return o.learningRate() * o.schedule().factor(step, o.warmUpSteps(), o.maxSteps());
    }

    /** One step; returns its loss, NaN where the batch was skipped. */
    public double trainStep() {
        try (var _ = new PointerScope()) {
            long step = state.step();
            StageTraining.Batch batch = ahead.take(step, config.optimization().maxSteps());
            double value = backpropagation.add(batch.losses(team.size()));
            double norm =
                    Parameters.clip(state.parameters(), config.optimization().maxGradNorm());
            boolean finite = Double.isFinite(value) && Double.isFinite(norm);
            if (finite) {
                update(step);
            } else {
                skip(step, batch.ids());
            }
            Parameters.zeroGrad(state.parameters());
            state.stepDone();
            return finite ? value : Double.NaN;
        }
    }

    private void update(long step) {
        try (var _ = new NoGradGuard()) {
            state.optimizer().step(learningRate(step), step + 1);
            state.ema().update(state.parameters(), step + 1);
            skipped = 0;
        }
    }

    private void skip(long step, List<String> ids) {
        listener.onSkipped(step, String.join(" ", ids));
        if (++skipped >= MAX_SKIPPED) {
            throw new ReImagenException(
                    "loss or gradients were not finite in %d batches in a row, up to step %d".formatted(skipped, step));
        }
    }

    private void samples() {
        listener.onSamples(state.step(), training.samples(averages()));
    }

    /** Ends the dealing thread. */
    @Override
    public void close() {
        ahead.close();
    }

    /** Writes the averaged weights as a model folder. */
    public void publish(Path folder, Map<String, String> metadata) {
        try (var _ = new PointerScope()) {
            training.publish(folder, averages(), metadata);
        }
    }
}
