/** The file itself; packages/model-store compares what onnxruntime scores with it. */
import { hashBytes } from '@donch/core';
import { describe, expect, it } from 'vitest';
import type { Booster } from '../booster/booster.ts';
import type { Calibrator } from '../calibration/calibrator.ts';
import { formatOnnx } from './format-onnx.ts';

/** One tree: a <= 0.5 (NaN left) -> 0.1, else -> -0.2. */
const BOOSTER: Booster = {
  featureNames: ['a'],
  featureInfos: ['[0:1]'],
  sigmoid: 1,
  trees: [
    {
      leafCount: 2,
      splitFeature: Int32Array.of(0),
      splitGain: Float64Array.of(1),
      threshold: Float64Array.of(0.5),
      decisionType: Uint8Array.of(10),
      leftChild: Int32Array.of(-1),
      rightChild: Int32Array.of(-2),
      leafValue: Float64Array.of(0.1, -0.2),
      leafWeight: Float64Array.of(1, 1),
      leafRows: Int32Array.of(1, 1),
      internalValue: Float64Array.of(0),
      internalWeight: Float64Array.of(2),
      internalRows: Int32Array.of(2),
      categoryBoundaries: Int32Array.of(),
      categoryBits: Uint32Array.of(),
      shrinkage: 1,
    },
  ],
};

const NONE: Calibrator = { kind: 'none' };

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

describe('an ONNX file', () => {
  it('has the same bytes for the same model, whatever the order of its metadata', () => {
    const one = formatOnnx(
      BOOSTER,
      NONE,
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
    const two = formatOnnx(
      BOOSTER,
      NONE,
      new Map([
        ['b', '2'],
        ['a', '1'],
      ]),
    );
    expect(two).toEqual(one);
    expect(formatOnnx(BOOSTER, NONE, new Map([['a', '1']]))).not.toEqual(one);
  });

  it('keeps its bytes from version to version: bundles are addressed by their hash', () => {
    expect(hashBytes(formatOnnx(BOOSTER, NONE, new Map()))).toBe(
      '5484988ab17747e233bd3838d5683df232519fea405aa8e5586763482623979d',
    );
  });

  it('has the nodes that the model needs and no more', () => {
    const plain = textOf(formatOnnx(BOOSTER, NONE, new Map()));
    expect(plain).toContain('TreeEnsemble');
    for (const op of ['Where', 'Concat', 'Mul', 'Gather']) expect(plain).not.toContain(op);
    expect(textOf(formatOnnx({ ...BOOSTER, sigmoid: 2 }, NONE, new Map()))).toContain('Mul');
  });
});

describe('what cannot be written', () => {
  it.each<[Calibrator, string]>([
    [{ kind: 'platt', a: Number.NaN, b: 0 }, "Platt's parameters are finite"],
    [{ kind: 'isotonic', x: [], y: [] }, 'as many values as thresholds, at least one'],
    [{ kind: 'isotonic', x: [0.1, 0.2], y: [0.1] }, 'as many values as thresholds, at least one'],
    [{ kind: 'isotonic', x: [0.1, 0.1], y: [0.1, 0.2] }, 'finite and ascend'],
    [{ kind: 'isotonic', x: [0.1, 0.2], y: [0.1, Number.NaN] }, 'finite and ascend'],
  ])('the calibrator %o', (calibrator, message) => {
    expect(() => formatOnnx(BOOSTER, calibrator, new Map())).toThrow(message);
  });

  it('a model without trees', () => {
    expect(() => formatOnnx({ ...BOOSTER, trees: [] }, NONE, new Map())).toThrow('a model has trees');
  });
});
