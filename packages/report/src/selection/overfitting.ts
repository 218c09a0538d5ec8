/** Does choosing the best on a part of the days lead to something good on the other part? */
import type { SelectionOverfitting, SelectionVerdict } from '@donch/stats';
import { chartBlock, factOf, textBlock, type Block, type Fact, type Section } from '../blocks.ts';
import { binsChart } from '../charts/bins-chart.ts';
import { countText, decimalText, percentText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { chanceText, isRefused } from './figures.ts';

export function overfittingSection({ overfitting, counts }: SelectionVerdict): Section {
  return {
    id: 'overfitting',
    title: 'Does choosing the best work here?',
    lead: 'The days are cut into blocks. On every half of them the best trial is chosen and then looked at on the other half. If the chosen one is no better there than the others, choosing finds luck.',
    blocks: isRefused(overfitting)
      ? [textBlock(`PBO was not computed: ${refusalWords(overfitting)}.`)]
      : [...overfittingBlocks(overfitting, counts.drawn), textBlock(NOT, 'plain', 'What this does not mean.')],
  };
}

const NOT =
  'PBO measures the way of choosing, not one strategy: it is the same for the best and the worst variant. A low PBO does not say that the winner earns money, only that its rank is no accident; near-copies of one idea make it look arbitrary. Trials that were kept because they were good have no part in it.';

function overfittingBlocks({ result, logits }: SelectionOverfitting, drawn: number): Block[] {
  const { pbo, lossFrac, blocks, combinations, droppedRows } = result;
  const count = combinations.logit.length;
  return [
    { kind: 'facts', facts: overfittingFacts(result) },
    chartBlock(
      binsChart({
        id: 'logits',
        title: 'Where the chosen trial ends among all, out of sample',
        description: `Logits of the rank of the chosen trial on the other half of the days, ${countText(count)} choices: ${chanceText(pbo)} at or below 0, which is the middle of all trials. In ${percentText(lossFrac)} of the choices it lost money there.`,
        bins: logits,
        countUnit: 'choices',
        unit: 'logit of the rank; 0 = the middle of all',
      }),
    ),
    textBlock(
      `${countText(drawn)} trials, ${countText(blocks)} blocks of days, ${countText(count)} ways to halve them${droppedRows > 0 ? `; the oldest ${countText(droppedRows)} days are left out so that the blocks are equal` : ''}.`,
    ),
  ];
}

function overfittingFacts({
  pbo,
  pboStrict,
  lossFrac,
  degradation,
  dominance,
}: SelectionOverfitting['result']): Fact[] {
  const better = dominance.firstOrder
    ? 'at every quantile'
    : dominance.secondOrder
      ? 'for those who dislike risk'
      : 'not dominant';
  return [
    factOf(
      'PBO',
      chanceText(pbo),
      `share of the choices that end in the lower half out of sample; 50 % is pure luck, above it choosing does harm${pbo === pboStrict ? '' : ` (${chanceText(pboStrict)} without those exactly in the middle)`}`,
      pbo < 0.5 ? 'plain' : 'loss',
    ),
    factOf('chance of a loss', percentText(lossFrac), 'share of the choices that lost money out of sample'),
    factOf(
      'degradation',
      decimalText(degradation.slope, 2),
      `slope of the Sharpe ratio out of sample on the one in sample (R2 ${ratioText(degradation.rSquared)}): 1 keeps everything, 0 nothing; below 0 the better it looked, the worse it became`,
    ),
    factOf(
      'against drawing lots',
      percentText(dominance.betterFrac),
      `share of the quantiles at which the chosen ones beat the mean of all trials; ${better}`,
    ),
  ];
}
