/**
 * Fast seeded randomness for the synthetic market: bulk standard normals, and uniforms that are addressed by a counter.
 * Not a general source of chance: everything else uses `createPrng` of core, which also seeds the streams here.
 */
import { createPrng } from '@donch/core';

/** Layers of the ziggurat; the low bits of a word choose one, the other bits the position in it. */
const LAYERS = 256;
const LAYER_BITS = 8;
const LAYER_MASK = LAYERS - 1;
/** Spacing of positions in a strip of half width 1: 24 signed bits. */
const GRID_STEP = 2 ** -23;
/** Rows of a block of `NormalRows`: a few tens of kB, which stay in the cache. */
const ROWS_PER_BLOCK = 256;
/** Right edge of the base strip and area of a strip for 256 layers (J. Doornik, "An Improved Ziggurat Method", 2005, table 1 form). */
const TAIL_START = 3.6541528853610088;
const STRIP_AREA = 0.00492867323399;
/** Entries of the tables of quantiles: small enough for the first-level cache. */
const TABLE_BITS = 12;
const TABLE_SIZE = 2 ** TABLE_BITS;
const WORD_BITS = 32;
const TWO_POW_32 = 4_294_967_296;
const UNIFORM_STEP = 1 / TWO_POW_32;

const density = (x: number): number => Math.exp(-0.5 * x * x);

/** Right edges of the strips, wide to narrow; entry LAYERS is 0. */
const STRIP_EDGE = stripEdges();
/** Density at the edges. */
const STRIP_DENSITY = STRIP_EDGE.map(density);

function stripEdges(): Float64Array {
  const edges = new Float64Array(LAYERS + 1);
  edges[0] = STRIP_AREA / density(TAIL_START);
  edges[1] = TAIL_START;
  for (let i = 2; i < LAYERS; i += 1) {
    edges[i] = Math.sqrt(-2 * Math.log(STRIP_AREA / edges[i - 1] + density(edges[i - 1])));
  }
  return edges;
}

/**
 * Standard normals of one stream of a seed (ziggurat; the layer and the position use different bits of a word, which
 * repairs the correlation of the original method). Exactly symmetric: positions lie on the midpoints of a grid of 2^-23.
 * Words: sfc32 (C. Doty-Humphrey, PractRand, public domain), seeded by core's generator.
 */
export class NormalStream {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(seed: number, label: string) {
    const prng = createPrng(seed, label);
    this.a = prng.below(TWO_POW_32) | 0;
    this.b = prng.below(TWO_POW_32) | 0;
    this.c = prng.below(TWO_POW_32) | 0;
    this.counter = 1;
  }

  /** Overwrites `out` with independent standard normals. */
  draw(out: Float64Array): void {
    // The generator of `word` on local variables: three times as fast as on fields.
    let { a, b, c, counter } = this;
    for (let i = 0; i < out.length; i += 1) {
      const word = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      const layer = word & LAYER_MASK;
      const x = ((word >> LAYER_BITS) + 0.5) * GRID_STEP * STRIP_EDGE[layer];
      if (Math.abs(x) < STRIP_EDGE[layer + 1]) {
        out[i] = x;
        continue;
      }
      this.store(a, b, c, counter);
      out[i] = this.outsideRectangle(layer, x);
      ({ a, b, c, counter } = this);
    }
    this.store(a, b, c, counter);
  }

  /**
   * Overwrites `out` (of even length) with standard normals that take only 4,096 values, the quantiles of the law: eight
   * times as fast as `draw`. For the steps inside a bar, where nothing depends on the far tail.
   */
  drawCoarse(out: Float64Array): void {
    let { a, b, c, counter } = this;
    const quantiles = normalQuantiles();
    for (let i = 0; i < out.length; i += 2) {
      const word = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      out[i] = quantiles[word >>> (WORD_BITS - TABLE_BITS)];
      out[i + 1] = quantiles[(word >>> 8) & (TABLE_SIZE - 1)];
    }
    this.store(a, b, c, counter);
  }

  private store(a: number, b: number, c: number, counter: number): void {
    this.a = a;
    this.b = b;
    this.c = c;
    this.counter = counter;
  }

  /** The 1 % of draws that fall outside the rectangle of their strip: keep x, or draw afresh. */
  private outsideRectangle(firstLayer: number, firstX: number): number {
    let layer = firstLayer;
    let x = firstX;
    for (;;) {
      if (Math.abs(x) < STRIP_EDGE[layer + 1]) return x;
      if (layer === 0) return x < 0 ? -this.tail() : this.tail();
      const y = STRIP_DENSITY[layer] + this.uniform() * (STRIP_DENSITY[layer + 1] - STRIP_DENSITY[layer]);
      if (y < density(x)) return x;
      const word = this.word();
      layer = word & LAYER_MASK;
      x = ((word >> LAYER_BITS) + 0.5) * GRID_STEP * STRIP_EDGE[layer];
    }
  }

  /** A normal beyond the base strip (Marsaglia 1964). */
  private tail(): number {
    for (;;) {
      const x = -Math.log(this.uniform()) / TAIL_START;
      const y = -Math.log(this.uniform());
      if (y + y > x * x) return TAIL_START + x;
    }
  }

  /** Uniform in (0, 1). */
  private uniform(): number {
    return ((this.word() >>> 0) + 0.5) / TWO_POW_32;
  }

  private word(): number {
    const word = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + word) | 0;
    return word;
  }
}

let quantilesMade: Float64Array | null = null;

/** Standard normal quantiles at (k + 1/2) / TABLE_SIZE, scaled to variance 1; made at first use. */
function normalQuantiles(): Float64Array {
  if (quantilesMade !== null) return quantilesMade;
  const quantiles = new Float64Array(TABLE_SIZE);
  const half = TABLE_SIZE / 2;
  let x = 0;
  let sumSquares = 0;
  for (let k = 0; k < half; k += 1) {
    const above = (k + 0.5) / TABLE_SIZE;
    for (let round = 0; round < 4; round += 1) x -= (probabilityAboveZero(x) - above) / (density(x) * INV_SQRT_TWO_PI);
    quantiles[half + k] = x;
    quantiles[half - 1 - k] = -x;
    sumSquares += 2 * x * x;
  }
  const scale = Math.sqrt(TABLE_SIZE / sumSquares);
  quantilesMade = quantiles.map((quantile) => quantile * scale);
  return quantilesMade;
}

const INV_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** P(0 < N < x) by its series (G. Marsaglia, "Evaluating the Normal Distribution", J. Stat. Software 11, 2004). */
function probabilityAboveZero(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return sum * density(x) * INV_SQRT_TWO_PI;
}

/** Rows of independent standard normals, `width` per bar, drawn in blocks. */
export class NormalRows {
  /** The block; `advance` says where the current row begins. */
  readonly values: Float64Array;
  private readonly stream: NormalStream;
  private readonly width: number;
  private readonly coarse: boolean;
  private next: number;

  /** `coarse`: the rows come from `drawCoarse`. */
  constructor(stream: NormalStream, width: number, coarse = false) {
    this.stream = stream;
    this.width = width;
    this.coarse = coarse;
    this.values = new Float64Array(width * ROWS_PER_BLOCK);
    this.next = this.values.length;
  }

  /** Goes to the next row and returns its offset in `values`. */
  advance(): number {
    if (this.next === this.values.length) {
      if (this.coarse) this.stream.drawCoarse(this.values);
      else this.stream.draw(this.values);
      this.next = 0;
    }
    const offset = this.next;
    this.next = offset + this.width;
    return offset;
  }
}

/** Uniform in (0, 1) that is a pure function of key and counter: how many are drawn cannot shift what comes after. */
export function uniformAt(key: number, counter: number): number {
  return (wordAt(key, counter) >>> 0) * UNIFORM_STEP + 0.5 * UNIFORM_STEP;
}

/** No exponential from `exponentialAt` is larger. */
export const EXPONENTIAL_MAX = 9.1;
const EXPONENTIALS = exponentialQuantiles();

/**
 * Exponential variate with mean 1 that is a pure function of key and counter; one of 4,096 values, the quantiles of the law,
 * which saves the logarithm.
 */
export function exponentialAt(key: number, counter: number): number {
  return EXPONENTIALS[wordAt(key, counter) >>> (WORD_BITS - TABLE_BITS)];
}

function exponentialQuantiles(): Float64Array {
  const raw = Float64Array.from({ length: TABLE_SIZE }, (_, k) => -Math.log((k + 0.5) / TABLE_SIZE));
  const mean = raw.reduce((sum, x) => sum + x, 0) / TABLE_SIZE;
  return raw.map((x) => x / mean);
}

/**
 * 32 random bits: finaliser of MurmurHash3 (A. Appleby, public domain) on a Weyl sequence, as in splitmix32. The key is
 * combined by xor, so that two keys never see the same sequence shifted.
 */
function wordAt(key: number, counter: number): number {
  let z = Math.imul(counter, 0x9e3779b9) ^ key;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** A 32-bit key for `uniformAt`. */
export function uniformKey(seed: number, label: string): number {
  return createPrng(seed, label).below(TWO_POW_32) | 0;
}
