/** The verdict on a sweep in plain words: what the best shows, how many were tried, what luck alone would show, plateau or needle. */
import { DAY_MS, formatDay } from '@donch/core';
import { factOf, textBlock, toneOf, type Block, type Fact, type Section } from '../blocks.ts';
import { amountText, countText, percentText, ratioText, meanText } from '../format/number-text.ts';
import { plural } from '../format/words.ts';
import { chanceText, isRefused } from '../selection/figures.ts';
import { selectionSentences } from '../selection/selection-sections.ts';
import type { SweepReportInput } from './sweep-report-input.ts';
import { bestRow, figureOf, parametersText, textOf } from './variant-rows.ts';

export function sweepVerdictSection(input: SweepReportInput): Section {
  const best = bestRow(input);
  const { selection } = input;
  return {
    id: 'verdict',
    title: 'In plain words',
    lead: '',
    blocks: [
      ...warningBlocks(input),
      triedSentence(input),
      ...(best < 0 ? [] : [bestSentence(input, best)]),
      ...(selection.kind === 'selection'
        ? selectionSentences(selection.verdict)
        : [textBlock(`What luck alone would show was not computed: ${selection.why}.`, 'plain', 'Skill or luck?')]),
      ...(best < 0 ? [] : [plateauSentence(input, best)]),
      agreementSentence(input),
      ...(best < 0 ? [] : [{ kind: 'facts', facts: headlineFacts(input, best) } satisfies Block]),
    ],
  };
}

function warningBlocks(input: SweepReportInput): Block[] {
  const { watermark, isSynthetic, survivorship } = input.sweep;
  const texts: string[] = [];
  if (watermark !== '') texts.push(`${watermark}.`);
  if (isSynthetic)
    texts.push('The prices are invented (synthetic market): the figures say nothing about real markets.');
  if (bestRow(input) < 0) texts.push('Every variant is guarded: there is none whose figures are evidence of anything.');
  const blocks = texts.map((text) => textBlock(text, 'loss', 'Beware.'));
  return survivorship.startsWith('survivorship')
    ? [...blocks, textBlock(`${survivorship}.`, 'loss', 'Beware.')]
    : blocks;
}

function triedSentence(input: SweepReportInput): Block {
  const { sweep, leaderboard, axes } = input;
  const { startMs, endMs, interval, gridSize } = sweep;
  const guarded = textOf(input, 'guard').filter((guard) => guard !== '').length;
  const all = plural(leaderboard.length, countText(leaderboard.length), 'variant');
  const drawn = gridSize > leaderboard.length ? `, drawn by lot from ${countText(gridSize)}` : '';
  const keys = axes.length === 0 ? '' : ` of ${axes.map(({ key }) => key).join(', ')}`;
  const marked =
    guarded === 0
      ? ''
      : ` ${countText(guarded)} of them are guarded: their figures are no evidence, and they stand last.`;
  return textBlock(
    `${all}${keys}${drawn}, on ${interval} bars from ${formatDay(startMs)} to ${formatDay(endMs)} (${countText((endMs - startMs) / DAY_MS)} days).${marked}`,
    'plain',
    'What was tried.',
  );
}

function bestSentence(input: SweepReportInput, row: number): Block {
  const [low, high] = [figureOf(input, 'mean_r_low')[row], figureOf(input, 'mean_r_high')[row]];
  const [meanR, trades] = [figureOf(input, 'mean_r')[row], figureOf(input, 'trades')[row]];
  const range = Number.isNaN(low)
    ? ' (trades in too few weeks for an interval)'
    : ` (95 % interval ${meanText(low)} to ${meanText(high)}, as if it had been the only one)`;
  const parameters = parametersText(input, row);
  return textBlock(
    `${textOf(input, 'tag')[row]}${parameters === '' ? '' : ` (${parameters})`} made ${meanText(meanR)} per trade${range} in ${plural(trades, countText(trades), 'trade')}, with a profit factor of ${ratioText(figureOf(input, 'profit_factor')[row])} and a drawdown of ${percentText(-figureOf(input, 'max_drawdown_frac')[row])} at ends of days. As the best of all variants, it looks better than it is.`,
    'plain',
    'The best variant.',
  );
}

function plateauSentence(input: SweepReportInput, row: number): Block {
  const label = 'Plateau or needle?';
  const [neighbours, median, kept] = ['neighbours', 'neighbour_mean_r', 'plateau_frac'].map(
    (name) => figureOf(input, name)[row],
  );
  if (!(neighbours > 0)) return textBlock('It has no neighbour in the grid, so nobody knows.', 'plain', label);
  const text = `The ${plural(neighbours, countText(neighbours), 'variant')} next to it (one step of one parameter) made ${meanText(median)} per trade in the median`;
  if (Number.isNaN(kept)) return textBlock(`${text}; the best one is not above zero itself.`, 'plain', label);
  const share = `${text}: ${percentText(kept)} of the peak`;
  return kept >= PLATEAU_FRAC
    ? textBlock(`${share}. That is a plateau: the result does not hang on the exact values.`, 'gain', label)
    : textBlock(
        `${share}. That is a needle: a small change of a parameter takes most of the result away.`,
        'loss',
        label,
      );
}

/** Neighbours that keep this share of a peak are called a plateau; half is what a peak of pure noise hardly ever keeps. */
const PLATEAU_FRAC = 0.5;

function agreementSentence({ agreement }: SweepReportInput): Block {
  const { checked, agreed, byEngine } = agreement;
  const rest = byEngine === 0 ? '' : ` ${plural(byEngine, countText(byEngine), 'variant')} ran through it anyway.`;
  if (checked === 0) return textBlock(`No variant was run again through the engine.${rest}`, 'plain', 'Checked.');
  return agreed === checked
    ? textBlock(
        `${countText(checked)} variants, drawn by lot, were run again bar by bar through the engine: every trade was the same, byte by byte.${rest}`,
        'plain',
        'Checked.',
      )
    : textBlock(
        `${countText(checked - agreed)} of ${countText(checked)} variants that were run again through the engine gave other trades: the figures cannot be trusted.`,
        'loss',
        'Checked.',
      );
}

function headlineFacts(input: SweepReportInput, row: number): Fact[] {
  const of = (name: string): number => figureOf(input, name)[row];
  const { selection } = input;
  const facts = [
    factOf('mean R, best', meanText(of('mean_r')), 'average result per trade after all costs', toneOf(of('mean_r'))),
    factOf('trades', countText(of('trades')), 'finished trades of the best variant'),
    factOf('Sharpe, best', ratioText(of('daily_sharpe')), 'daily returns, per year of 365 days'),
    factOf(
      'max drawdown',
      percentText(-of('max_drawdown_frac')),
      'at ends of days; a run marks every bar and may be deeper',
    ),
    factOf('final equity', amountText(of('final_equity_usd')), 'of the best variant'),
  ];
  if (selection.kind === 'none') return facts;
  const {
    deflation: { dsr, expectedMax },
    overfitting,
    counts,
  } = selection.verdict;
  if (!isRefused(expectedMax))
    facts.push(
      factOf(
        'best by luck',
        ratioText(expectedMax.annualSharpe),
        `Sharpe ratio that the best of ${countText(counts.configurations)} without skill is expected to show`,
      ),
    );
  if (!isRefused(dsr))
    facts.push(
      factOf('DSR', chanceText(dsr.probability), 'probability of more skill than that; 95 % is the usual bar'),
    );
  if (!isRefused(overfitting))
    facts.push(
      factOf(
        'PBO',
        chanceText(overfitting.result.pbo),
        'chance that the best of one half is below the middle on the other; 50 % is pure luck',
      ),
    );
  return facts;
}
