/**
 * Gives every signal (or trade) its probability out of a file of predictions. By signal id where both sides have one: exact. Else by
 * symbol and time, backward only (`match-by-time.ts`). Rows are never paired by position.
 */
import { joinById } from './join-by-id.ts';
import { joinByTime } from './join-by-time.ts';
import { lowCoverage, unclearLabel } from './join-lines.ts';
import { COVERAGE_MIN_FRAC, type PredictionJoin, type PredictionJoinInput } from './prediction-join.ts';

/**
 * Joins predictions to signals. Throws `low_coverage` below the share that is allowed, `label_unclear` when the label is not stated
 * and the times do not show that both sides stamp alike, `duplicate_predictions` and `duplicate_signals`, `symbol_unclear`,
 * `columns_unclear`, `bad_predictions` and `bad_signals` with the row of a cell that cannot be used, and `bad_argument` for a grid
 * that does not divide the bar. Nothing in the result depends on the order of rows, but for `dedup` by first or last.
 */
export function joinPredictions(input: PredictionJoinInput): PredictionJoin {
  const { signalColumns, predictionColumns, options } = input;
  const join = signalColumns.id !== null && predictionColumns.id !== null ? joinById(input) : joinByTime(input);
  const coverageMinFrac = options.coverageMinFrac ?? COVERAGE_MIN_FRAC;
  if (!(join.matched >= coverageMinFrac * join.signals)) throw lowCoverage(join, coverageMinFrac);
  if (!isLabelKnown(input, join)) throw unclearLabel(join, predictionColumns.time?.name ?? '');
  return join;
}

/** Stated; or our own column of decision times; or shown by the times: of bars one of which follows the other, one side fits. */
function isLabelKnown(
  { options, predictionColumns }: PredictionJoinInput,
  { stamps, matched }: PredictionJoin,
): boolean {
  if (stamps === null || matched === 0 || options.label !== undefined) return true;
  if (predictionColumns.time?.name === 'decision_time') return true;
  return stamps.same > 0 && stamps.oneBarBefore * 2 <= stamps.same;
}
