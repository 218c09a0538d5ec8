import { readFileSync } from 'node:fs';
import { describeWithShared, sharedDir } from '@donch/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import fixedHorizon from '../../test-data/fixed_horizon_10.json' with { type: 'json' };
import { combinations, cpcvSplits, groupBounds, pathCount, purgedSplit } from './purged-splits.ts';

const read = (...parts: readonly string[]): unknown => JSON.parse(readFileSync(sharedDir('vectors', ...parts), 'utf8'));

interface PublishedSplit {
  readonly test_groups: number[];
  readonly path_ids: number[];
}

describeWithShared('splits of others', () => {
  it('counts', () => {
    const { rows } = read('cpcv', 'counts.json') as {
      readonly rows: readonly { N: number; k: number; splits: number; paths: number }[];
    };
    for (const { N, k, splits, paths } of rows)
      expect([combinations(N, k).length, pathCount(N, k)]).toEqual([splits, paths]);
  });

  it('six groups, two tested: the example of the book', () => {
    const { splits, paths } = read('cpcv', 'afml_6_2_paths.json') as {
      readonly splits: readonly PublishedSplit[];
      readonly paths: readonly number[][];
    };
    const index = Array.from({ length: 60 }, (_, k) => k);
    const found = cpcvSplits({ startMs: index, endMs: index }, { groups: 6, testGroups: 2, embargoMs: 0 });
    expect(found.map(({ testGroups, pathIds }) => ({ test_groups: testGroups, path_ids: pathIds }))).toEqual(splits);
    const byPath = paths.map((_, path) =>
      paths[path].map((__, group) =>
        found.findIndex(({ testGroups, pathIds }) => pathIds[testGroups.indexOf(group)] === path),
      ),
    );
    expect(byPath).toEqual(paths);
  });

  it('twelve rows in three groups, purged and embargoed: the example of skfolio', () => {
    const file = read('cpcv', 'skfolio_12_3_2.json') as {
      readonly n: number;
      readonly N: number;
      readonly k: number;
      readonly cases: readonly {
        readonly purge: number;
        readonly embargo: number;
        readonly splits: readonly (PublishedSplit & { readonly train: number[]; readonly test: number[][] })[];
      }[];
    };
    expect(file.cases).toHaveLength(3);
    const startMs = Array.from({ length: file.n }, (_, row) => row);
    for (const { purge, embargo, splits } of file.cases) {
      // rows left out on both sides of a test are labels of that length
      const endMs = startMs.map((start) => start + purge);
      const found = cpcvSplits({ startMs, endMs }, { groups: file.N, testGroups: file.k, embargoMs: embargo });
      expect(found.map(({ testGroups, pathIds, train, test }) => [testGroups, pathIds, [...train], [...test]])).toEqual(
        splits.map((split) => [split.test_groups, split.path_ids, split.train, split.test.flat()]),
      );
    }
  });

  it('published cases, and the leak of a library that is not ours', () => {
    const times = read('purging', 'get_train_times.json') as {
      readonly t0: number[];
      readonly t1: number[];
      readonly cases: readonly { readonly test_start: number; readonly test_end: number; readonly train: number[] }[];
    };
    for (const { test_start: from, test_end: to, train } of times.cases) {
      // the test is a span of time there; here it is one row more with that label
      const startMs = [...times.t0, from];
      const endMs = [...times.t1, to];
      const order = startMs.map((_, row) => row).sort((a, b) => startMs[a] - startMs[b] || a - b);
      const at = order.indexOf(times.t0.length);
      const found = purgedSplit(
        { startMs: order.map((row) => startMs[row]), endMs: order.map((row) => endMs[row]) },
        [{ from: at, to: at + 1 }],
        0,
      );
      expect([...found.train].map((row) => order[row])).toEqual(train);
    }
    const bug = read('purging', 'known_bug_mlfinlab.json') as {
      readonly n: number;
      readonly horizon: number;
      readonly N: number;
      readonly leaky_train: number[][];
      readonly correct_train: number[][];
    };
    const startMs = Array.from({ length: bug.n }, (_, k) => k);
    const found = cpcvSplits(
      { startMs, endMs: startMs.map((t) => t + bug.horizon) },
      { groups: bug.N, testGroups: 1, embargoMs: 0 },
    ).map(({ train }) => [...train]);
    expect(found).toEqual(bug.correct_train);
    expect(found).not.toEqual(bug.leaky_train);
  });
});

describe('purging and embargo of labels of a fixed length', () => {
  it.each(fixedHorizon.cases)('$N groups, $k tested, embargo $embargo, closed $closed', (one) => {
    const { N: groups, k: testGroups, embargo: embargoMs, closed: isClosed, splits } = one;
    // in whole units of time a label that leaves its end out ends one unit earlier
    const endMs = fixedHorizon.t1.map((end) => (isClosed ? end : end - 1));
    const found = cpcvSplits({ startMs: fixedHorizon.t0, endMs }, { groups, testGroups, embargoMs });
    expect(
      found.map((split) => ({
        test_groups: split.testGroups,
        test: [...split.test],
        train: [...split.train],
        purged: [...split.purged],
        embargoed: [...split.embargoed],
      })),
    ).toEqual(splits);
  });
});

describe('splits', () => {
  it('give the remainder to the first groups', () => {
    expect(groupBounds(11, 3)).toEqual([0, 4, 8, 11]);
  });

  it('never train on a label that touches a tested one, and lose no row', () => {
    const outcome = fc.check(
      fc.property(
        fc.array(fc.tuple(fc.nat(50), fc.nat(20)), { minLength: 6, maxLength: 40 }),
        fc.integer({ min: 3, max: 6 }),
        fc.nat(5),
        (labels, groups, embargoMs) => {
          const sorted = labels.map(([start, length]) => [start, start + length] as const).sort((a, b) => a[0] - b[0]);
          const startMs = sorted.map(([start]) => start);
          const endMs = sorted.map(([, end]) => end);
          return cpcvSplits({ startMs, endMs }, { groups, testGroups: 2, embargoMs }).every(
            ({ train, test, purged, embargoed }) => {
              const all = [...train, ...test, ...purged, ...embargoed].sort((a, b) => a - b);
              const isWhole = all.length === startMs.length && all.every((row, k) => row === k);
              const isClean = [...train].every((row) =>
                [...test].every((other) => endMs[row] < startMs[other] || startMs[row] > endMs[other]),
              );
              return isWhole && isClean;
            },
          );
        },
      ),
      { numRuns: 200, seed: 1 },
    );
    expect(outcome.counterexample).toBe(null);
  });
});
