/** What the same days and trades could have brought with other luck. */
import type { RunKelly, RunRobustness, TradeShuffle } from '@donch/stats';
import {
  factOf,
  numberCell,
  numberColumn,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type Cell,
  type Fact,
  type Section,
} from '../blocks.ts';
import { changeText, countText, percentText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import { chanceText, factOrRefusal, isRefused } from '../selection/figures.ts';

export function luckSection(robustness: RunRobustness): Section {
  const { isOutOfSample } = robustness;
  return {
    id: 'luck',
    title: 'What luck could have done',
    lead: 'The days of the run, drawn again and again in blocks, and its trades in another order: how far results of the same quality spread by chance alone.',
    blocks: [
      ...simulationBlocks(robustness),
      { kind: 'facts', facts: luckFacts(robustness) },
      textBlock(
        `The bootstrap assumes that the future is made of the same days: no crash that was not seen, no edge that wears off, nothing that lasts longer than a block. The shuffle assumes independent trades of fixed size that never overlap; losses that came together because the market fell are spread out, so true drawdowns are deeper. Its final result is the same in every order and says nothing.${isOutOfSample ? '' : ' The run was chosen or may have been chosen on these very days, so every figure here is too good.'}`,
        'plain',
        'What this does not mean.',
      ),
    ],
  };
}

function simulationBlocks({ monteCarlo, shuffle }: RunRobustness): Block[] {
  const rows: Cell[][] = [];
  const blocks: Block[] = [];
  if (isRefused(monteCarlo)) {
    blocks.push(textBlock(`Drawing days again was not possible: ${refusalWords(monteCarlo)}.`));
  } else {
    const { totalReturnFrac, cagrFrac, drawdownFrac, underwaterDaysMax } = monteCarlo.simulation;
    rows.push(row('total return', changeText, totalReturnFrac));
    if (isRefused(cagrFrac)) blocks.push(textBlock(`CAGR: not computed, ${refusalWords(cagrFrac)}.`));
    else rows.push(row('CAGR', changeText, cagrFrac));
    rows.push(row('max drawdown', depthText, drawdownFrac), row('longest wait, days', countText, underwaterDaysMax));
  }
  if (isRefused(shuffle)) blocks.push(textBlock(`Shuffling trades was not possible: ${refusalWords(shuffle)}.`));
  else rows.push(row('max drawdown, shuffled', depthText, shuffle.drawdownFrac));
  if (rows.length === 0) return blocks;
  return [
    {
      kind: 'table',
      id: 'simulation',
      caption: 'The run, and what luck alone would spread',
      columns: [
        textColumn('figure'),
        numberColumn('the run', 'at ends of days; inside of a day a drawdown was deeper'),
        numberColumn('median', 'of the simulated paths'),
        numberColumn('95 % of the paths', '2.5 % of them lie beyond either end'),
      ],
      rows,
      note: noteOf(monteCarlo, shuffle),
      isFixed: true,
    },
    ...blocks,
  ];
}

const depthText = (frac: number): string => percentText(-frac);

function row(
  name: string,
  text: (value: number) => string,
  { estimate, median, low, high }: TradeShuffle['drawdownFrac'],
): Cell[] {
  // a drawdown is below 0 and shown above: its deep end comes last
  const [from, to] = text === depthText ? [high, low] : [low, high];
  return [
    textCell(name),
    ...[estimate, median].map((value) => numberCell(text(value), value)),
    numberCell(`${text(from)} to ${text(to)}`, from),
  ];
}

const BLOCK_FROM = {
  holding_time: 'as long as trades are held',
  days: 'the cube root of the number of days',
  option: 'as asked for',
} as const;

function noteOf(monteCarlo: RunRobustness['monteCarlo'], shuffle: TradeShuffle | { readonly kind: 'refused' }): string {
  const parts: string[] = [];
  if (!isRefused(monteCarlo)) {
    const { simulation, blockFrom } = monteCarlo;
    parts.push(
      `${countText(simulation.draws)} paths of ${countText(simulation.days)} days in blocks of ${plural(simulation.blockLength, countText(simulation.blockLength), 'day')} on average (${BLOCK_FROM[blockFrom]}).`,
    );
  }
  if (shuffle.kind === 'shuffle')
    parts.push(`${countText(shuffle.draws)} orders of ${countText(shuffle.trades)} trades.`);
  return parts.join(' ');
}

function luckFacts({ monteCarlo, killLevel, kelly }: RunRobustness): Fact[] {
  const shares = isRefused(monteCarlo)
    ? []
    : [
        factOf(
          'chance of ruin',
          chanceText(monteCarlo.simulation.ruin.estimate),
          `share of the paths that lose ${percentText(monteCarlo.ruinLossFrac)} of the starting capital or more at some time; at most ${percentText(monteCarlo.simulation.ruin.high)} with the error of the simulation`,
        ),
        factOf(
          `drawdown beyond ${percentText(monteCarlo.drawdownLimitFrac)}`,
          chanceText(monteCarlo.simulation.drawdownBeyondLimit.estimate),
          'share of the paths with a deeper one',
        ),
      ];
  return [
    ...shares,
    factOrRefusal(killLevel, {
      label: 'kill level',
      value: ({ drawdownFrac }) => percentText(-drawdownFrac),
      words: 'drawdown that 2.5 % of the paths reach: a live account there is a reason to stop and look, not a proof',
    }),
    factOrRefusal(kelly, {
      label: 'Kelly, a quarter',
      value: ({ quarterCapped }) => percentText(quarterCapped),
      words: isRefused(kelly) ? 'share of capital to risk per trade' : kellyWords(kelly),
    }),
  ];
}

function kellyWords({ fraction, capFrac, isOutOfSample }: RunKelly): string {
  if (fraction === 0) return 'no edge in these trades: nothing to risk on them';
  const chosen = isOutOfSample ? '' : ', and the trades were chosen from, so both are too large';
  return `of capital at risk per trade, capped at ${percentText(capFrac)}; all of Kelly would be ${percentText(fraction)}, which nobody can bear${chosen}`;
}
