/** The way of choosing on all combinations of groups of days: a distribution of histories instead of one. */
import { histogram, type SelectionPaths, type SelectionVerdict } from '@donch/stats';
import { chartBlock, factOf, textBlock, type Block, type Section } from '../blocks.ts';
import { binsChart } from '../charts/bins-chart.ts';
import { countText, percentText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import { isRefused } from './figures.ts';

export function pathSection({ paths }: SelectionVerdict, subject: string): Section {
  return {
    id: 'cpcv',
    title: 'Many histories instead of one',
    lead: 'Combinatorial purged cross-validation: the days are cut into groups; in every split the best trial on most of them is chosen and tried on the others. Every path is one whole history that was never chosen on its own days.',
    blocks: isRefused(paths) ? [textBlock(`Not computed: ${refusalWords(paths)}.`)] : pathBlocks(paths, subject),
  };
}

function pathBlocks(paths: SelectionPaths, subject: string): Block[] {
  const { groups, testGroups, embargoDays, splits, sharpe, medianSharpe, lowSharpe, lossFrac } = paths;
  const known = sharpe.filter((value) => Number.isFinite(value));
  const size = `${countText(groups)} groups of days, ${countText(testGroups)} tested at a time, ${plural(embargoDays, countText(embargoDays), 'day')} of embargo: ${countText(splits)} splits, ${countText(sharpe.length)} paths`;
  return [
    {
      kind: 'facts',
      facts: [
        factOf('median Sharpe', ratioText(medianSharpe), 'of the paths, per year'),
        factOf('5 % of the paths', ratioText(lowSharpe), 'have a lower Sharpe ratio than this'),
        factOf('paths below 0', percentText(lossFrac), 'share of the histories that lost money'),
        factOf(
          'same choice',
          percentText(paths.sameChoiceFrac),
          `of the splits choose ${subject}, as the best of their own days; ${countText(paths.distinctChosen)} different trials were chosen`,
        ),
      ],
    },
    ...(known.length === 0
      ? []
      : [
          chartBlock(
            binsChart({
              id: 'cpcv-paths',
              title: 'Sharpe ratios of the paths',
              description: `${size}. Median ${ratioText(medianSharpe)}, 5 % of the paths below ${ratioText(lowSharpe)}, ${percentText(lossFrac)} below 0.`,
              bins: histogram(known, binWidth(known)),
              countUnit: 'paths',
              unit: 'Sharpe ratio per year',
              marks: [
                { x: medianSharpe, name: `median ${ratioText(medianSharpe)}` },
                { x: lowSharpe, name: `5 % below ${ratioText(lowSharpe)}` },
              ],
            }),
          ),
        ]),
    textBlock(`${size}.`),
    textBlock(
      'The paths are not independent: they share days and choices, so their spread understates what is not known, and 55 paths are not 55 observations.',
      'plain',
      'What this does not mean.',
    ),
  ];
}

const BINS_MAX = 32;
const WIDTHS = [0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10];

/** The narrowest round width with which Sharpe ratios and 0 fit into 32 bars. */
export function binWidth(values: ArrayLike<number>): number {
  let [low, high] = [0, 0];
  for (let k = 0; k < values.length; k += 1) {
    low = Math.min(low, values[k]);
    high = Math.max(high, values[k]);
  }
  return WIDTHS.find((width) => (high - low) / width <= BINS_MAX) ?? (high - low) / BINS_MAX;
}
