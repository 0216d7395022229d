package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.knowledge.retrieval.Neighbor;

/**
 * Requests on their way through the cascade: the first stage in one batch, then one request after another, so that the first is
 * ready first. What befalls one leaves the others as they are. <b>Thread-safety</b>: one thread, one run.
 */
final class Batch {
    private final Cascade cascade;
    private final ResultListener listener;
    private final List<Member> members;
    private final Map<String, BufferedImage> pictures = new HashMap<>();

    /**
     * What draws.
     *
     * @param later stages after the first, in order
     */
    record Cascade(BaseStage stage, List<SuperResolutionStage> later, ReferenceFinder finder, Origin origin) {}

    /** What a result says of where it comes from. */
    record Origin(String model, Meanwhile<String> modelHash, Meanwhile<String> knowledgeHash) {
        /** Waits until nothing is read any more. */
        void settle() {
            modelHash.settle();
            knowledgeHash.settle();
        }
    }

    /** @throws IllegalArgumentException if the requests cannot be drawn in one batch */
    Batch(Cascade cascade, List<GenerationRequest> requests, ResultListener listener) {
        if (requests.isEmpty() || !requests.stream().allMatch(requests.getFirst()::drawsWith)) {
            throw new IllegalArgumentException(
                    "requests of one batch must have the same num_inference_steps and strength");
        }
        this.cascade = cascade;
        this.listener = listener;
        this.members = IntStream.range(0, requests.size())
                .mapToObj(i -> new Member(i, requests.get(i)))
                .toList();
    }

    /** Draws them all; every member's end is told. */
    void draw() {
        members.forEach(member -> member.attempt(member::lookUp));
        List<Member> found = left(members);
        if (!found.isEmpty()) {
            drawFirst(found);
        }
        left(members).forEach(member -> member.attempt(member::finish));
    }

    private static List<Member> left(List<Member> members) {
        return members.stream().filter(m -> !m.ended).toList();
    }

    /** Draws the first stage in one batch; where that fails, one by one, so that only who is at fault fails. */
    private void drawFirst(List<Member> together) {
        try {
            drawTogether(together);
        } catch (RuntimeException | OutOfMemoryError e) {
            List<Member> left = left(together);
            if (left.size() == 1) {
                left.getFirst().fail(e);
            } else {
                left.forEach(member -> drawFirst(List.of(member)));
            }
        }
    }

    private void drawTogether(List<Member> together) {
        List<Member> rows = new ArrayList<>(); // whose picture each row of the batch is
        List<BaseStage.Scene> scenes = new ArrayList<>();
        for (Member member : together) {
            scenes.addAll(member.scenes());
            rows.addAll(Collections.nCopies(member.seeds.length, member));
        }
        SamplingConfig sampling = together.getFirst().request.sampling(); // but for the guidance, everyone's
        BaseStage.Drawn drawn = cascade.stage()
                .draw(
                        scenes,
                        rows.stream().map(Member::guidance).toList(),
                        sampling,
                        (step, previews) -> heard(rows, step, sampling.steps(), previews));
        int at = 0;
        for (Member member : left(together)) {
            int end = at + member.seeds.length;
            member.firstDrawn(drawn, drawn.images().subList(at, end));
            at = end;
        }
    }

    /** Tells every member of a step; the rows of those that go on. */
    private List<Integer> heard(List<Member> rows, int step, int steps, Supplier<List<BufferedImage>> previews) {
        for (int at = 0; at < rows.size(); ) {
            Member member = rows.get(at);
            int from = at;
            int end = at + member.seeds.length;
            Progress progress = new Progress(
                    cascade.stage().resolution(),
                    0,
                    step,
                    steps,
                    () -> previews.get().subList(from, end));
            member.attempt(() -> member.hear(progress));
            at = end;
        }
        List<Integer> kept = IntStream.range(0, rows.size())
                .filter(i -> !rows.get(i).ended)
                .boxed()
                .toList();
        rows.removeIf(member -> member.ended);
        return kept;
    }

    /** One request of the batch. */
    private final class Member {
        private final int index;
        private final GenerationRequest request;
        private final long[] seeds;
        private final Map<String, Long> millis = new LinkedHashMap<>();
        private final SequencedMap<Integer, List<BufferedImage>> stages = new LinkedHashMap<>();
        private List<Neighbor> neighbors = List.of();
        private List<BaseStage.Reference> references = List.of();
        private List<BufferedImage> starts = List.of();
        private boolean ended;

        Member(int index, GenerationRequest request) {
            this.index = index;
            this.request = request;
            this.seeds = LongStream.range(0, request.numImagesPerPrompt())
                    .map(i -> request.seed() + i)
                    .toArray();
        }

        /** Does a part of the work; what goes wrong in it ends this member alone. */
        private void attempt(Runnable part) {
            try {
                part.run();
            } catch (RuntimeException | OutOfMemoryError e) {
                fail(e);
            }
        }

        private void fail(Throwable reason) {
            ended = true;
            listener.failed(index, reason);
        }

        private void lookUp() {
            long start = System.nanoTime();
            neighbors = cascade.finder().find(request).stream()
                    .filter(n -> request.references().weight(n.pair().id()) > 0)
                    .toList();
            lap("retrieve", start);
            references = cascade.finder()
                    .read(neighbors, request.references(), cascade.stage().resolution(), pictures);
            if (request.strength() < 1) {
                starts = cascade.finder()
                        .on(
                                Background.in(request.prompt()).color(),
                                neighbors,
                                request.references(),
                                cascade.stage().resolution());
            }
        }

        private void lap(String stage, long start) {
            millis.put(stage, (System.nanoTime() - start) / 1_000_000);
        }

        private List<BaseStage.Scene> scenes() {
            int candidates = cascade.stage().candidates(request);
            return Arrays.stream(seeds)
                    .mapToObj(seed -> new BaseStage.Scene(
                            request.prompt(),
                            request.negativePrompt(),
                            references,
                            starts,
                            seed,
                            candidates,
                            request.finish()))
                    .toList();
        }

        private Guidance guidance() {
            return request.sampling().guidance();
        }

        private void hear(Progress progress) {
            if (!request.listener().onStep(progress)) {
                throw new CancellationException("stopped after step " + progress.step());
            }
        }

        private void firstDrawn(BaseStage.Drawn drawn, List<BufferedImage> images) {
            millis.put("encode", drawn.encodeMillis());
            millis.put("sample", drawn.sampleMillis());
            stages.put(cascade.stage().resolution(), images);
        }

        private void finish() {
            enlarge();
            GenerationResult result = new GenerationResult(
                    request,
                    stages.lastEntry().getValue(),
                    stages,
                    copyScores(stages.firstEntry().getValue()),
                    Arrays.stream(seeds).boxed().toList(),
                    neighbors,
                    cascade.origin().model(),
                    cascade.origin().modelHash().get(),
                    cascade.origin().knowledgeHash().get(),
                    millis);
            ended = true;
            listener.drawn(index, result);
        }

        /** Draws the later stages, as far as the request asks and the model goes. */
        private void enlarge() {
            int asked = request.upscaling().resolution();
            for (SuperResolutionStage next : cascade.later()) {
                if (asked != 0 && next.resolution() > asked) {
                    return;
                }
                long start = System.nanoTime();
                List<BufferedImage> low = stages.lastEntry().getValue();
                stages.put(
                        next.resolution(),
                        next.enlarge(
                                low, guide(next), seeds, request.upscaling().options(), request.listener()));
                lap("sr" + next.resolution(), start);
            }
        }

        private StageGuide guide(SuperResolutionStage next) {
            int side = next.neighborResolution();
            return new StageGuide(
                    request.prompt(),
                    side == 0
                            ? List.of()
                            : cascade.finder().read(neighbors, request.references(), side, new HashMap<>()));
        }

        private List<Double> copyScores(List<BufferedImage> images) {
            return images.stream()
                    .map(image -> references.stream()
                            .mapToDouble(r -> CopyScore.of(image, r.picture()))
                            .max()
                            .orElse(0))
                    .toList();
        }
    }

    /** Keeps the end of the only request of a batch. */
    static final class Alone implements ResultListener {
        private @Nullable GenerationResult result;
        private @Nullable Throwable failure;

        @Override
        public void drawn(int index, GenerationResult drawn) {
            result = drawn;
        }

        @Override
        public void failed(int index, Throwable reason) {
            failure = reason;
        }

        /** The result, or what stood in its way, thrown. */
        GenerationResult get() {
            if (result != null) {
                return result;
            }
            switch (failure) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> throw new IllegalStateException("the request has not ended", failure);
            }
        }
    }
}
