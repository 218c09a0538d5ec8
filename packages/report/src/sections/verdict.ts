/** The verdict in plain words: did it earn, could it be luck, what made and lost money, what it hangs on, what to doubt. */
import { DAY_MS, formatDay, numbersOf } from '@donch/core';
import {
  concentrationOf,
  drawdownEpisodes,
  equityStatistics,
  exposureOf,
  profitFactor,
  winRateFrac,
  type RunRobustness,
} from '@donch/stats';
import { textBlock, toneOf, type Block, type Fact, type Section, type Tone } from '../blocks.ts';
import {
  amountText,
  changeText,
  countText,
  decimalText,
  percentText,
  ratioText,
  rText,
  usdText,
} from '../format/number-text.ts';
import { exitWords, plural } from '../format/words.ts';
import type { ReportInput } from '../report-input.ts';
import { intervalTable } from '../robustness/intervals.ts';
import { luckSentence } from '../selection/selection-sections.ts';
import { groupRows, symbolsOf, tradeSet, wordsOf, type Group } from '../trade-columns.ts';
import { meanInterval, sumOf } from './groups.ts';
import { costsOf } from './results.ts';

export function verdictSection(input: ReportInput, robustness: RunRobustness): Section {
  const { trades, openAtEnd } = input;
  const sentences: Block[] = [...warnings(input), resultSentence(input)];
  if (trades.length > 0) {
    sentences.push(
      edgeSentence(input),
      ...searchSentence(input),
      ...makerSentences(input),
      dependenceSentence(input),
      costSentence(input),
    );
  }
  sentences.push(drawdownSentence(input));
  if (openAtEnd.length > 0) {
    const text = 'Positions open at the end count in the equity at their last price, and in no statistic of trades.';
    sentences.push(textBlock(text, 'plain', 'Open positions.'));
  }
  sentences.push(universeSentence(input));
  const facts: Block = { kind: 'facts', facts: headlineFacts(input) };
  return {
    id: 'verdict',
    title: 'In plain words',
    lead: '',
    blocks: [...sentences, facts, ...(trades.length === 0 ? [] : [intervalTable(input, robustness)])],
  };
}

/** The run's own line, `survivorship: 55 instruments ...` or `universe: ...`, with its first word as the label. */
function universeSentence({ notes: { survivorship } }: ReportInput): Block {
  const [, word = 'universe', text = survivorship] = /^(\w+): (.*)$/s.exec(survivorship) ?? [];
  return textBlock(`${text}.`, 'plain', `${word.charAt(0).toUpperCase()}${word.slice(1)}.`);
}

/** First and last mark of the equity, and what it was. */
function accountOf({ equity }: ReportInput): { fromMs: number; toMs: number; start: number; end: number } {
  const times = numbersOf(equity, 'time');
  const values = numbersOf(equity, 'equity_usd');
  const last = values.length - 1;
  return { fromMs: times[0], toMs: times[last], start: values[0], end: values[last] };
}

function resultSentence(input: ReportInput): Block {
  const { trades, openAtEnd } = input;
  const { fromMs, toMs, start, end } = accountOf(input);
  const period = `From ${formatDay(fromMs)} to ${formatDay(toMs)} (${countText((toMs - fromMs) / DAY_MS)} days)`;
  if (trades.length === 0 && openAtEnd.length === 0) {
    return textBlock(
      `${period} the strategy made no trade: the account stayed at ${amountText(end)}. The funnel below shows what stopped it.`,
      'plain',
      'Result.',
    );
  }
  const change = end - start;
  const verb = change > 0 ? 'earned' : change < 0 ? 'lost' : 'earned nothing:';
  const open =
    openAtEnd.length === 0
      ? ''
      : `, with ${plural(openAtEnd.length, countText(openAtEnd.length), 'position')} still open at the end`;
  return textBlock(
    `${period} the strategy ${verb} ${amountText(Math.abs(change))} (${changeText(end / start - 1)}) on ${amountText(start)} in ${plural(trades.length, countText(trades.length), 'finished trade')}${open}.`,
    toneOf(change),
    'Result.',
  );
}

/** Is the expectancy distinguishable from zero? */
function edgeSentence(input: ReportInput): Block {
  const [tone, text] = edgeWords(input);
  return textBlock(text, tone, 'Skill or luck?');
}

/** What the search that the run is a part of leaves of it, where the ledger was asked. */
function searchSentence({ selection }: ReportInput): Block[] {
  if (selection === undefined || selection.kind === 'none') return [];
  return [luckSentence(selection.verdict, 'this run')];
}

function edgeWords(input: ReportInput): [Tone, string] {
  const set = tradeSet(input.trades);
  const meanR = sumOf(set.pnlR) / set.length;
  const found = meanInterval(set, input.run.seed);
  const first = `The average trade made ${rText(meanR)}`;
  if (found.kind === 'refused') {
    return [
      'plain',
      `${first}. Whether that is more than luck cannot be said: there are trades in ${plural(found.found, countText(found.found), 'week')}, and below ${countText(found.needed)} no honest interval exists.`,
    ];
  }
  const range = `${first}; the true average plausibly lies between ${rText(found.low)} and ${rText(found.high)} (95 % interval)`;
  if (found.low > 0) {
    return [
      'gain',
      `${range}. That is above zero: luck of the weeks alone is an unlikely explanation. It says nothing about how many variants were tried before this one.`,
    ];
  }
  if (found.high < 0) return ['loss', `${range}. That is below zero: it lost more than bad luck explains.`];
  return [
    'plain',
    `${range}. Zero lies inside: this run does not show that the strategy earns anything; luck explains it as well.`,
  ];
}

interface Named {
  readonly name: string;
  readonly usd: number;
  readonly count: number;
}

function namedSums({ trades }: ReportInput, groups: readonly Group[]): Named[] {
  const sums = groups.map(({ name, rows }) => ({
    name,
    usd: sumOf(tradeSet(trades, rows).pnlUsd),
    count: rows.length,
  }));
  return sums.sort((a, b) => b.usd - a.usd);
}

/** Most names in one sentence. */
const NAMES_MAX = 3;

/** What made and what lost money: exits, then symbols. */
function makerSentences(input: ReportInput): Block[] {
  const exits = namedSums(input, groupRows(wordsOf(input.trades, 'exit_reason').map(exitWords)));
  const symbols = namedSums(input, groupRows(symbolsOf(input.trades)));
  const made = (list: readonly Named[]): Named[] => list.filter(({ usd }) => usd > 0);
  const lost = (list: readonly Named[]): Named[] => list.filter(({ usd }) => usd < 0).reverse();
  const exitText = `Made by ${namesText(made(exits))}; lost by ${namesText(lost(exits))}.`;
  const symbolText = `Best: ${namesText(made(symbols))}. Worst: ${namesText(lost(symbols))}.`;
  return [
    textBlock(exitText, 'plain', 'Where the money came from and went.'),
    textBlock(symbolText, 'plain', 'Symbols.'),
  ];
}

function namesText(list: readonly Named[]): string {
  if (list.length === 0) return 'none';
  const shown = list.slice(0, NAMES_MAX);
  return shown
    .map(({ name, usd, count }) => `${name} ${usdText(usd)} in ${plural(count, countText(count), 'trade')}`)
    .join(', ');
}

function dependenceSentence(input: ReportInput): Block {
  const { pnlUsd, rows, pnlR } = tradeSet(input.trades);
  const best = pnlUsd.reduce((known, value, row) => (value > pnlUsd[known] ? row : known), 0);
  const { restSum } = concentrationOf(pnlUsd, 1);
  const total = sumOf(pnlUsd);
  const five = concentrationOf(pnlUsd, 5);
  const name = symbolsOf(input.trades)[rows[best]];
  const without = `Without its best trade (${name}, ${usdText(pnlUsd[best])}, ${rText(pnlR[best])}) the finished trades together come to ${usdText(restSum)} instead of ${usdText(total)}`;
  const flips = total > 0 && restSum <= 0 ? ': one trade makes the difference between gain and loss' : '';
  const share = Number.isNaN(five.shareOfGainsFrac)
    ? ''
    : ` The best ${countText(five.count)} hold ${percentText(five.shareOfGainsFrac)} of all gains.`;
  return textBlock(`${without}${flips}.${share}`, flips === '' ? 'plain' : 'loss', 'What it hangs on.');
}

function costSentence(input: ReportInput): Block {
  const { usd, r } = costsOf(input);
  const share = usd.gross > 0 && usd.costs > 0 ? ` (${percentText(usd.costs / usd.gross)} of it)` : '';
  const verb = usd.costs < 0 ? 'brought' : 'took';
  const perTrade = rText(-r.costs / input.trades.length);
  return textBlock(
    `Before costs the trades made ${usdText(usd.gross)}; fees, slippage and funding together ${verb} ${amountText(Math.abs(usd.costs))}${share}, which is ${perTrade} per trade.`,
    'plain',
    'Costs.',
  );
}

function drawdownSentence({ equity }: ReportInput): Block {
  const times = numbersOf(equity, 'time');
  const episodes = drawdownEpisodes(numbersOf(equity, 'equity_usd'));
  if (episodes.length === 0) return textBlock('Equity never lay below its peak.', 'plain', 'Worst time.');
  const worst = episodes.reduce((deepest, episode) => (episode.depthFrac < deepest.depthFrac ? episode : deepest));
  const { depthFrac, peakIndex, troughIndex, recoveryIndex } = worst;
  const back =
    recoveryIndex < 0 ? 'and had not come back at the end' : `and was back on ${formatDay(times[recoveryIndex])}`;
  return textBlock(
    `At its worst the account lay ${percentText(-depthFrac)} below its peak: it fell from ${formatDay(times[peakIndex])} to ${formatDay(times[troughIndex])} ${back}.`,
    'plain',
    'Worst time.',
  );
}

/** What a careful reader has to know before believing anything else. */
function warnings({ run, notes, trades }: ReportInput): Block[] {
  const texts: string[] = [];
  const { participationWarnings: large, abortReason, watermark = '' } = notes;
  if (watermark !== '') texts.push(`${watermark}.`);
  if (run.isSynthetic)
    texts.push('The prices are invented (synthetic market): the figures say nothing about real markets.');
  if (abortReason !== '') texts.push(`The run stopped early: ${abortReason}.`);
  if (large > 0) {
    texts.push(
      `${plural(large, countText(large), 'fill')} took more than 5 % of the volume of the bar: such prices are doubtful.`,
    );
  }
  if (trades.length > 0 && trades.length < TRADES_MIN) {
    texts.push(`${plural(trades.length, countText(trades.length), 'trade')}: too few for any conclusion.`);
  }
  return texts.map((text) => textBlock(text, 'loss', 'Beware.'));
}

/** Below so many trades a single one decides about the average. */
const TRADES_MIN = 30;

function headlineFacts(input: ReportInput): Fact[] {
  const { trades, openAtEnd } = input;
  const { fromMs, toMs, start, end } = accountOf(input);
  const set = tradeSet(trades);
  const { pnlR } = set;
  const meanR = sumOf(pnlR) / set.length;
  const found = meanInterval(set, input.run.seed);
  const figures = equityStatistics(numbersOf(input.equity, 'time'), numbersOf(input.equity, 'equity_usd'));
  const held = (name: string): number[] => [...numbersOf(trades, name), ...numbersOf(openAtEnd, name)];
  const exposure = exposureOf({ fromMs: held('entry_time'), toMs: held('exit_time') }, fromMs, toMs);
  const fact = (label: string, value: string, words: string, tone: Tone = 'plain'): Fact => ({
    label,
    value,
    words,
    tone,
  });
  return [
    fact(
      'final equity',
      amountText(end),
      `what ${amountText(start)} became, open positions included`,
      toneOf(end - start),
    ),
    fact(
      'total return',
      changeText(figures.totalReturnFrac),
      'final equity against the starting capital',
      toneOf(end - start),
    ),
    fact(
      'expectancy',
      rText(meanR),
      'average result per trade after all costs; 1 R = the planned loss at the stop',
      toneOf(meanR),
    ),
    fact(
      '95 % interval',
      found.kind === 'interval' ? `${rText(found.low)} to ${rText(found.high)}` : 'none',
      found.kind === 'interval'
        ? `where the true expectancy plausibly lies; ${found.weeks} whole weeks resampled ${countText(found.draws)} times`
        : `trades in ${found.found} weeks, at least ${found.needed} are needed`,
    ),
    fact(
      'win rate',
      percentText(winRateFrac(pnlR)),
      'share of trades that made money; says nothing without the size of gains and losses',
    ),
    fact('profit factor', ratioText(profitFactor(pnlR)), 'sum of gains / sum of losses in R; 1 = break even'),
    fact(
      'max drawdown',
      percentText(-figures.drawdownFrac),
      'deepest fall of equity from a peak, open positions included',
    ),
    fact('finished trades', countText(trades.length), frequencyWords((toMs - fromMs) / DAY_MS, trades.length)),
    fact(
      'time in market',
      percentText(exposure.timeInMarketFrac),
      `at most ${countText(exposure.positionsMax)} positions at a time`,
    ),
  ];
}

function frequencyWords(days: number, trades: number): string {
  return trades === 0
    ? 'entered and closed in the period'
    : `entered and closed; one every ${decimalText(days / trades, 1)} days`;
}
