package org.reimagen.train.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.reimagen.pipeline.Background;

/** Deals one batch of {@link GuidedCrops}: groups of a picture and some that it retrieves. */
final class GuidedCropDealer {
    private static final int GROUP = 4;
    private static final double DROPPED = 0.1;

    private final CropDataset set;
    private final RandomGenerator random;
    private final int most;

    GuidedCropDealer(CropDataset set, RandomGenerator random, int most) {
        this.set = set;
        this.random = random;
        this.most = most;
    }

    GuidedCrops deal(int count, int side, int factor) {
        CropDataset.Cutter crops = set.cutter(count, side, factor);
        CropDataset.Cutter whole = set.cutter(count, set.size(), factor);
        List<String> captions = new ArrayList<>();
        List<Boolean> dropText = new ArrayList<>();
        float[] places = new float[3 * count];
        long[] index = new long[count * most];
        float[] logWeights = new float[count * most];
        Arrays.fill(logWeights, Float.NEGATIVE_INFINITY);
        while (captions.size() < count) {
            int first = captions.size();
            List<Integer> group = group(count - first);
            CropDataset.Turn turn = new CropDataset.Turn(
                    random.nextBoolean(), random.nextInt(10) < 3, random.nextInt(10) < 3 ? random.nextInt(6) : 0);
            for (int row : group) {
                int at = captions.size();
                Background background = random.nextInt(10) < 6
                        ? Background.WHITE
                        : Background.COLOURS.get(random.nextInt(Background.COLOURS.size()));
                int steps = (set.size() - side) / factor + 1;
                int left = random.nextInt(steps) * factor;
                int top = random.nextInt(steps) * factor;
                crops.cut(row, left, top, background, turn);
                whole.cut(row, 0, 0, background, turn);
                place(places, 3 * at, left, top, side, turn);
                captions.add(set.caption(row));
                dropText.add(random.nextDouble() < DROPPED);
                List<Integer> read = read(group, row);
                boolean dropped = random.nextDouble() < DROPPED;
                for (int k = 0; k < read.size(); k++) {
                    index[at * most + k] = (long) first + read.get(k);
                    logWeights[at * most + k] = dropped ? Float.NEGATIVE_INFINITY : 0;
                }
            }
        }
        return new GuidedCrops(crops.batch(), places, captions, dropText, whole.batch(), index, logWeights);
    }

    private List<Integer> group(int room) {
        int leader = set.training().get(random.nextInt(set.training().size()));
        List<Integer> others = new ArrayList<>(set.neighbors(leader));
        Collections.shuffle(others, Random.from(random));
        List<Integer> group = new ArrayList<>(List.of(leader));
        group.addAll(others.subList(0, Math.min(GROUP - 1, others.size())));
        return group.subList(0, Math.min(room, group.size()));
    }

    /** Places in the group that {@code row} reads: one to the most of those that it retrieves. */
    private List<Integer> read(List<Integer> group, int row) {
        List<Integer> places = new ArrayList<>();
        for (int k = 0; k < group.size(); k++) {
            if (set.neighbors(row).contains(group.get(k))) {
                places.add(k);
            }
        }
        Collections.shuffle(places, Random.from(random));
        return most == 0 ? List.of() : places.subList(0, Math.min(1 + random.nextInt(most), places.size()));
    }

    /** Where the crop lies in its turned picture. */
    private void place(float[] places, int at, int left, int top, int side, CropDataset.Turn turn) {
        float size = set.size();
        float x = (turn.flip() ? set.size() - side - left : left) / size;
        float y = top / size;
        places[at] = turn.transpose() ? y : x;
        places[at + 1] = turn.transpose() ? x : y;
        places[at + 2] = side / size;
    }
}
