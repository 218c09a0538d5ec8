/**
 * The kernels of gradient boosting in AssemblyScript (TypeScript that compiles to WebAssembly). The host lays the memory out and says
 * where everything lies; sums are taken in the order of the plain kernels, so that both grow the same trees bit by bit.
 * Addresses are unsigned 32-bit: memory may be larger than 2 GB.
 */

/** log2 of the bytes of a lane's histogram (256 cells of 16 bytes), and of a block's (8 lanes). */
const LANE_SHIFT: usize = 12;
const BLOCK_SHIFT: usize = 15;
/** Bytes of the buffer of row words. */
const WORDS_BYTES: usize = 2048;
const HESSIAN_EPSILON: f64 = <f64>(<f32>1e-15);

let rows: usize = 0;
let features: usize = 0;
let blocks: usize = 0;

let bins: usize = 0;
let histograms: usize = 0;
let gradients: usize = 0;
let order: usize = 0;
let splittable: usize = 0;
let gathered: usize = 0;
let right: usize = 0;
/** {bins, has missing, most frequent bin, 0} of a feature, int32. */
let table: usize = 0;
/** 256 upper bounds, float64. */
let bounds: usize = 0;
/** Values to bin, float32. */
let values: usize = 0;
let words: usize = 0;
/** {gain, left gradient, left hessian}, float64, then {feature, bin, missing left, missing rows}, int32. */
let result: usize = 0;

/** Eight cells. */
let rests: usize = 0;

let rowsInLeafMin: f64 = 0;
let hessianInLeafMin: f64 = 0;
let lambdaL1: f64 = 0;
let lambdaL2: f64 = 0;
let gainMin: f64 = 0;

/** First address that the host may use: the compiler's own data lies below. */
export function heapBase(): usize {
  return __heap_base;
}

export function setShape(rowCount: usize, featureCount: usize): void {
  rows = rowCount;
  features = featureCount;
  blocks = (featureCount + 7) >> 3;
}

export function setData(bin: usize, histogram: usize, gradient: usize, row: usize, split: usize): void {
  bins = bin;
  histograms = histogram;
  gradients = gradient;
  order = row;
  splittable = split;
}

export function setScratch(gather: usize, rightRows: usize, word: usize, value: usize, bound: usize): void {
  gathered = gather;
  right = rightRows;
  words = word;
  values = value;
  bounds = bound;
}

export function setTables(featureTable: usize, restCells: usize, resultAt: usize): void {
  table = featureTable;
  rests = restCells;
  result = resultAt;
}

export function setLimits(rowsMin: f64, hessianMin: f64, l1: f64, l2: f64, gain: f64): void {
  rowsInLeafMin = rowsMin;
  hessianInLeafMin = hessianMin;
  lambdaL1 = l1;
  lambdaL2 = l2;
  gainMin = gain;
}

/** Writes the bins of `count` values, of the training rows from `from` on. The search has no branches to guess. */
export function writeBins(feature: usize, from: usize, count: usize, missingBin: u32): void {
  const end = values + (count << 2);
  let to = bins + (((feature >> 3) * rows + from) << 3) + (feature & 7);
  for (let at = values; at < end; at += 4) {
    const value = <f64>load<f32>(at);
    let bin = bounds;
    bin += (<usize>(value > load<f64>(bin, 127 * 8))) << 10;
    bin += (<usize>(value > load<f64>(bin, 63 * 8))) << 9;
    bin += (<usize>(value > load<f64>(bin, 31 * 8))) << 8;
    bin += (<usize>(value > load<f64>(bin, 15 * 8))) << 7;
    bin += (<usize>(value > load<f64>(bin, 7 * 8))) << 6;
    bin += (<usize>(value > load<f64>(bin, 3 * 8))) << 5;
    bin += (<usize>(value > load<f64>(bin, 1 * 8))) << 4;
    bin += (<usize>(value > load<f64>(bin))) << 3;
    store<u8>(to, value == value ? <u32>((bin - bounds) >> 3) : missingBin);
    to += 8;
  }
}

export function buildHistogram(from: usize, count: usize, slot: usize): void {
  const list = order + (from << 2);
  const isOrdered = count == rows && isInOrder(list, count);
  if (!isOrdered) gatherGradients(list, count);
  for (let block: usize = 0; block < blocks; block++) {
    if (!isWanted(slot, block)) continue;
    const cells = histograms + ((slot * blocks + block) << BLOCK_SHIFT);
    const rowWords = bins + ((block * rows) << 3);
    memory.fill(cells, 0, 1 << BLOCK_SHIFT);
    if (isOrdered) addWords(cells, rowWords, gradients, count);
    else addIndexed(cells, rowWords, list, count);
  }
}

function isInOrder(list: usize, count: usize): bool {
  for (let k: usize = 0; k < count; k++) if (load<u32>(list + (k << 2)) != <u32>k) return false;
  return true;
}

function isWanted(slot: usize, block: usize): bool {
  const first = block << 3;
  const end = min(first + 8, features);
  for (let feature = first; feature < end; feature++) if (load<u8>(splittable + slot * features + feature)) return true;
  return false;
}

function gatherGradients(list: usize, count: usize): void {
  for (let k: usize = 0; k < count; k++)
    store<u64>(gathered + (k << 3), load<u64>(gradients + ((<usize>load<u32>(list + (k << 2))) << 3)));
}

/** Rows that lie apart: their words first come into a buffer, 256 at a time, so that the updates do not wait for memory. */
function addIndexed(cells: usize, rowWords: usize, list: usize, count: usize): void {
  const most = WORDS_BYTES >> 3;
  for (let from: usize = 0; from < count; from += most) {
    const size = min(most, count - from);
    const start = list + (from << 2);
    for (let k: usize = 0; k < size; k++)
      store<u64>(words + (k << 3), load<u64>(rowWords + ((<usize>load<u32>(start + (k << 2))) << 3)));
    addWords(cells, words, gathered + (from << 3), size);
  }
}

/** A word holds the bins of eight features: every one of its bytes updates a cell of its lane. */
function addWords(cells: usize, rowWords: usize, pairs: usize, count: usize): void {
  const end = rowWords + (count << 3);
  for (let at = rowWords; at < end; at += 8) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(pairs));
    pairs += 8;
    const low = load<u32>(at);
    const high = load<u32>(at, 4);
    let cell = cells + ((low << 4) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell), pair));
    cell = cells + ((low >> 4) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell, 1 << LANE_SHIFT), pair), 1 << LANE_SHIFT);
    cell = cells + ((low >> 12) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell, 2 << LANE_SHIFT), pair), 2 << LANE_SHIFT);
    cell = cells + ((low >> 20) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell, 3 << LANE_SHIFT), pair), 3 << LANE_SHIFT);
    cell = cells + ((high << 4) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell, 4 << LANE_SHIFT), pair), 4 << LANE_SHIFT);
    cell = cells + ((high >> 4) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell, 5 << LANE_SHIFT), pair), 5 << LANE_SHIFT);
    cell = cells + ((high >> 12) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell, 6 << LANE_SHIFT), pair), 6 << LANE_SHIFT);
    cell = cells + ((high >> 20) & 0xff0);
    v128.store(cell, f64x2.add(v128.load(cell, 7 << LANE_SHIFT), pair), 7 << LANE_SHIFT);
  }
}

/** Returns how many rows went left; how many had a missing value stands in the result. No branches: half of them would be guessed wrong. */
export function partition(
  from: usize,
  count: usize,
  feature: usize,
  bin: u32,
  missingBin: u32,
  missingLeft: u32,
): usize {
  const column = bins + (((feature >> 3) * rows) << 3) + (feature & 7);
  const start = order + (from << 2);
  const end = start + (count << 2);
  let left = start;
  let rightAt = right;
  let missing: u32 = 0;
  for (let at = start; at < end; at += 4) {
    const row = load<u32>(at);
    const value = <u32>load<u8>(column + ((<usize>row) << 3));
    const isMissing = <u32>(value == missingBin);
    const isLeft = select<u32>(missingLeft, <u32>(value <= bin), isMissing);
    missing += isMissing;
    store<u32>(left, row);
    store<u32>(rightAt, row);
    left += (<usize>isLeft) << 2;
    rightAt += (<usize>(isLeft ^ 1)) << 2;
  }
  memory.copy(left, right, rightAt - right);
  store<u32>(result, missing, 36);
  return (left - start) >> 2;
}

let bestGain: f64 = 0;
let bestBin: u32 = 0;
let bestLeftGradient: f64 = 0;
let bestLeftHessian: f64 = 0;
let bestMissingLeft: u32 = 0;

/**
 * The best split of a leaf over the features that its slot holds as splittable. `minus` = slot of the sibling whose cells are taken off
 * first, or -1 for a histogram built from rows. Features without gain are crossed out. Returns 0 when nothing gains.
 */
export function findBest(slot: usize, minus: i32, sumGradient: f64, sumHessian: f64, sumRows: f64): u32 {
  let found: u32 = 0;
  let gain = -Infinity;
  if (minus < 0) fixMostFrequent(slot, f64x2(sumGradient, sumHessian));
  for (let feature: usize = 0; feature < features; feature++) {
    const flag = splittable + slot * features + feature;
    if (!load<u8>(flag)) continue;
    const cells = cellsOf(slot, feature);
    const entry = table + (feature << 4);
    if (minus >= 0) subtract(cells, cellsOf(<usize>minus, feature), load<u32>(entry));
    const hasSplit = scan(cells, entry, sumGradient, sumHessian, sumRows);
    store<u8>(flag, hasSplit);
    if (!hasSplit || !(bestGain > gain)) continue;
    gain = bestGain;
    found = 1;
    store<f64>(result, bestGain);
    store<f64>(result, bestLeftGradient, 8);
    store<f64>(result, bestLeftHessian, 16);
    store<u32>(result, <u32>feature, 24);
    store<u32>(result, bestBin, 28);
    store<u32>(result, bestMissingLeft, 32);
  }
  return found;
}

function cellsOf(slot: usize, feature: usize): usize {
  return histograms + ((slot * blocks) << BLOCK_SHIFT) + (feature << LANE_SHIFT);
}

function subtract(cells: usize, other: usize, count: u32): void {
  const end = cells + ((<usize>count) << 4);
  for (; cells < end; cells += 16) {
    v128.store(cells, f64x2.sub(v128.load(cells), v128.load(other)));
    other += 16;
  }
}

/**
 * Recomputes the cell of the most frequent bin as the rest of the leaf. One subtraction waits for the other, so the eight features of a
 * block go side by side: the cell itself is emptied first, and empty cells change nothing.
 */
function fixMostFrequent(slot: usize, sums: v128): void {
  for (let block: usize = 0; block < blocks; block++) {
    if (!isWanted(slot, block)) continue;
    const first = block << 3;
    const cells = cellsOf(slot, first);
    const end = min(first + 8, features);
    for (let feature = first; feature < end; feature++) {
      const bin = <usize>load<u32>(table + (feature << 4), 8);
      if (bin != 0) v128.store(cellsOf(slot, feature) + (bin << 4), f64x2.splat(0));
    }
    subtractAll(cells, sums);
    for (let feature = first; feature < end; feature++) {
      const bin = <usize>load<u32>(table + (feature << 4), 8);
      if (bin != 0) v128.store(cellsOf(slot, feature) + (bin << 4), v128.load(rests + ((feature - first) << 4)));
    }
  }
}

/** What all cells of each lane leave of the sums. */
function subtractAll(cells: usize, sums: v128): void {
  let rest0 = sums;
  let rest1 = sums;
  let rest2 = sums;
  let rest3 = sums;
  let rest4 = sums;
  let rest5 = sums;
  let rest6 = sums;
  let rest7 = sums;
  const end = cells + (1 << LANE_SHIFT);
  for (let at = cells; at < end; at += 16) {
    rest0 = f64x2.sub(rest0, v128.load(at));
    rest1 = f64x2.sub(rest1, v128.load(at, 1 << LANE_SHIFT));
    rest2 = f64x2.sub(rest2, v128.load(at, 2 << LANE_SHIFT));
    rest3 = f64x2.sub(rest3, v128.load(at, 3 << LANE_SHIFT));
    rest4 = f64x2.sub(rest4, v128.load(at, 4 << LANE_SHIFT));
    rest5 = f64x2.sub(rest5, v128.load(at, 5 << LANE_SHIFT));
    rest6 = f64x2.sub(rest6, v128.load(at, 6 << LANE_SHIFT));
    rest7 = f64x2.sub(rest7, v128.load(at, 7 << LANE_SHIFT));
  }
  v128.store(rests, rest0);
  v128.store(rests, rest1, 16);
  v128.store(rests, rest2, 32);
  v128.store(rests, rest3, 48);
  v128.store(rests, rest4, 64);
  v128.store(rests, rest5, 80);
  v128.store(rests, rest6, 96);
  v128.store(rests, rest7, 112);
}

/** 1 when the feature has a split that gains; the best stands in the globals. */
function scan(cells: usize, entry: usize, sumGradient: f64, sumHessian: f64, sumRows: f64): u32 {
  const count = load<u32>(entry);
  const hasMissing = load<u32>(entry, 4);
  const hessian = sumHessian + 2 * HESSIAN_EPSILON;
  const total = f64x2(sumGradient, hessian);
  const rowsPerHessian = sumRows / hessian;
  const toBeat = sideGain(sumGradient, hessian) + gainMin;
  const bothWays = hasMissing && count > 2;
  bestGain = -Infinity;
  const fromRight = scanFromRight(cells, bothWays ? count - 2 : count - 1, total, sumRows, rowsPerHessian, toBeat);
  if (hasMissing && !bothWays) bestMissingLeft = 0;
  if (!bothWays) return fromRight;
  return fromRight | scanFromLeft(cells, count, load<u32>(entry, 8), total, sumRows, rowsPerHessian, toBeat);
}

function sideGain(gradient: f64, hessian: f64): f64 {
  const size = Math.abs(gradient) - lambdaL1;
  return size > 0 ? (size * size) / (hessian + lambdaL2) : 0;
}

/** Gain of both sides, given {left, right} gradients and hessians. Without an L1 penalty nothing needs to be cut off. */
function pairGain(gradients: v128, hessians: v128, l1: v128, l2: v128, isPlain: bool): f64 {
  let gain: v128;
  if (isPlain) {
    gain = f64x2.div(f64x2.mul(gradients, gradients), f64x2.add(hessians, l2));
  } else {
    const size = f64x2.sub(f64x2.abs(gradients), l1);
    gain = f64x2.div(f64x2.mul(size, size), f64x2.add(hessians, l2));
    gain = v128.and(gain, f64x2.gt(size, f64x2.splat(0)));
  }
  return f64x2.extract_lane(gain, 0) + f64x2.extract_lane(gain, 1);
}

function keepBetter(gain: f64, bin: u32, left: v128, toBeat: f64, missingLeft: u32): void {
  if (!(gain > bestGain + toBeat)) return;
  bestGain = gain - toBeat;
  bestBin = bin;
  bestLeftGradient = f64x2.extract_lane(left, 0);
  bestLeftHessian = f64x2.extract_lane(left, 1);
  bestMissingLeft = missingLeft;
}

/** Missing values stay left. The rows of a bin are counted in the lane of the hessians, from which they follow. */
function scanFromRight(cells: usize, last: u32, total: v128, sumRows: f64, rowsPerHessian: f64, toBeat: f64): u32 {
  const rowsMin = rowsInLeafMin;
  const rowsMax = f64x2(Infinity, sumRows - rowsMin);
  const hessianMin = f64x2.splat(hessianInLeafMin);
  const l1 = f64x2.splat(lambdaL1);
  const l2 = f64x2.splat(lambdaL2);
  const isPlain = lambdaL1 == 0 && hessianInLeafMin > 0;
  const perHessian = f64x2.splat(rowsPerHessian);
  const half = f64x2.splat(0.5);
  let gainOfBest = toBeat;
  let foundAt: usize = 0;
  let leftOfBest = f64x2.splat(0);
  let sums = f64x2(0, HESSIAN_EPSILON);
  let rightRows = f64x2.splat(0);
  let at = cells + ((<usize>last) << 4);
  for (; at > cells; at -= 16) {
    const cell = v128.load(at);
    sums = f64x2.add(sums, cell);
    rightRows = f64x2.add(rightRows, f64x2.trunc(f64x2.add(f64x2.mul(cell, perHessian), half)));
    if (f64x2.extract_lane(rightRows, 1) < rowsMin) continue;
    const left = f64x2.sub(total, sums);
    const hessians = v128.shuffle<f64>(left, sums, 1, 3);
    const small = f64x2.lt(hessians, hessianMin);
    if (v128.any_true(v128.or(small, f64x2.gt(rightRows, rowsMax)))) {
      if (i64x2.extract_lane(small, 1)) continue;
      break;
    }
    const gain = pairGain(v128.shuffle<f64>(left, sums, 0, 2), hessians, l1, l2, isPlain);
    if (!(gain > gainOfBest)) continue;
    gainOfBest = gain;
    foundAt = at;
    leftOfBest = left;
  }
  if (foundAt == 0) return 0;
  keepBetter(gainOfBest, <u32>((foundAt - cells) >> 4) - 1, leftOfBest, toBeat, 1);
  return 1;
}

/** Missing values go right. */
function scanFromLeft(
  cells: usize,
  count: u32,
  mostFrequentBin: u32,
  total: v128,
  sumRows: f64,
  rowsPerHessian: f64,
  toBeat: f64,
): u32 {
  const rowsMin = rowsInLeafMin;
  const rowsMax = f64x2(Infinity, sumRows - rowsMin);
  const hessianMin = f64x2.splat(hessianInLeafMin);
  const l1 = f64x2.splat(lambdaL1);
  const l2 = f64x2.splat(lambdaL2);
  const isPlain = lambdaL1 == 0 && hessianInLeafMin > 0;
  const perHessian = f64x2.splat(rowsPerHessian);
  const half = f64x2.splat(0.5);
  const end = cells + ((<usize>(count - 1)) << 4);
  let gainOfBest = toBeat;
  let foundAt: usize = 0;
  let leftOfBest = f64x2.splat(0);
  let sums = f64x2(0, HESSIAN_EPSILON);
  let leftRows = f64x2.splat(0);
  let at = cells;
  if (mostFrequentBin == 0) {
    sums = f64x2.sub(total, sums);
    leftRows = f64x2(0, sumRows);
    for (at = cells + 16; at <= end; at += 16) {
      const cell = v128.load(at);
      sums = f64x2.sub(sums, cell);
      leftRows = f64x2.sub(leftRows, f64x2.trunc(f64x2.add(f64x2.mul(cell, perHessian), half)));
    }
    at = cells;
  }
  for (; at < end; at += 16) {
    if (at > cells || mostFrequentBin != 0) {
      const cell = v128.load(at);
      sums = f64x2.add(sums, cell);
      leftRows = f64x2.add(leftRows, f64x2.trunc(f64x2.add(f64x2.mul(cell, perHessian), half)));
    }
    if (f64x2.extract_lane(leftRows, 1) < rowsMin) continue;
    const other = f64x2.sub(total, sums);
    const hessians = v128.shuffle<f64>(sums, other, 1, 3);
    const small = f64x2.lt(hessians, hessianMin);
    if (v128.any_true(v128.or(small, f64x2.gt(leftRows, rowsMax)))) {
      if (i64x2.extract_lane(small, 0)) continue;
      break;
    }
    const gain = pairGain(v128.shuffle<f64>(sums, other, 0, 2), hessians, l1, l2, isPlain);
    if (!(gain > gainOfBest)) continue;
    gainOfBest = gain;
    foundAt = at + 16;
    leftOfBest = sums;
  }
  if (foundAt == 0) return 0;
  keepBetter(gainOfBest, <u32>((foundAt - cells) >> 4) - 1, leftOfBest, toBeat, 0);
  return 1;
}
