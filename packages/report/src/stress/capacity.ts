/** Participation in the traded volume, and the impact of a larger account. */
import {
  factOf,
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type TableBlock,
} from '../blocks.ts';
import { countText, decimalText, durationText, meanText, percentText, ratioText } from '../format/number-text.ts';
import type { Capacity } from './stress-input.ts';

export function capacityBlocks(capacity: Capacity): Block[] {
  const { entries, withoutVolume, leverageMax, turnoverPerYear, meanHoldingHours, hour } = capacity;
  return [
    {
      kind: 'facts',
      facts: [
        factOf(
          'room, 1 % of an hour',
          moneyText(hour.equityUsd.p95At1Pct),
          'equity at which one entry in twenty takes 1 % of the volume of the hour before it, or more',
        ),
        factOf(
          'room, 10 %',
          moneyText(hour.equityUsd.p95At10Pct),
          'the same for 10 %: beyond it results of a backtest mean nothing',
        ),
        factOf('leverage, most', `${ratioText(leverageMax)} x`, "value of all positions / equity at a bar's close"),
        factOf(
          'turnover per year',
          `${decimalText(turnoverPerYear, 1)} x`,
          'value of all entries and exits / mean equity',
        ),
        factOf('holding time', durationText(meanHoldingHours * 3_600_000), 'mean of all positions'),
      ],
    },
    participationTable(capacity),
    impactTable(capacity),
    textBlock(
      `${countText(entries)} entries${withoutVolume === 0 ? '' : `, ${countText(withoutVolume)} of them into bars without any volume`}. The square-root law (impact = daily volatility x root of the share of a day's volume) holds to an order of magnitude for orders that are worked; a market order in a thin bar moves more.`,
      'plain',
      'How to read it.',
    ),
  ];
}

/** `1,230,000 USD`; `none` where there is no limit. */
function moneyText(usd: number): string {
  return Number.isFinite(usd) ? `${countText(Number(usd.toPrecision(3)))}\u00a0USD` : 'none';
}

function participationTable({ bar, hour }: Capacity): TableBlock {
  const rows = [
    ['the bar of the fill', 'known only afterwards', bar],
    ['the hour before', 'known when it is decided', hour],
  ] as const;
  return {
    kind: 'table',
    id: 'participation',
    caption: 'Value of an entry as a share of the traded volume',
    columns: [textColumn('volume of'), numberColumn('median'), numberColumn('95 % below'), numberColumn('most')],
    rows: rows.map(([name, words, { median, p95, max }]) => [
      textCell(name, words),
      ...[median, p95, max].map((share) => numberCell(shareText(share), share)),
    ]),
    note: '',
    isFixed: true,
  };
}

const shareText = (frac: number): string => (frac > 0 && frac < 0.0005 ? 'below 0.05\u00a0%' : percentText(frac));

function impactTable({ impact }: Capacity): TableBlock {
  return {
    kind: 'table',
    id: 'impact',
    caption: 'By size of the account',
    columns: [
      numberColumn('equity', 'times that of the run'),
      numberColumn('impact, median', 'of one entry or exit, bps of its value'),
      numberColumn('impact, 95 % below'),
      numberColumn('mean R', "after impact on the way in and out, on top of the run's costs"),
    ],
    rows: impact.map(({ equityMult, medianBps, p95Bps, meanR }) => [
      numberCell(`${countText(equityMult)} x`, equityMult),
      numberCell(decimalText(medianBps, 1), medianBps),
      numberCell(decimalText(p95Bps, 1), p95Bps),
      resultCell(meanText(meanR), meanR),
    ]),
    note: '',
    isFixed: true,
  };
}
