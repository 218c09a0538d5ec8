/** The months in order of time, each with a model of its past. */
import { formatMonth } from '@donch/core';
import { numberColumn, textBlock, textCell, textColumn, type Block, type Section, type TableBlock } from '../blocks.ts';
import type { Banded, ModelReportInput, ModelWalkForward } from './model-report-input.ts';
import {
  figureCell,
  hasInterval,
  intervalText,
  meanRCell,
  meanRText,
  MISSING,
  probabilityText,
  rowsText,
} from './model-text.ts';
import { gainOf } from './threshold.ts';

export function walkForwardSection({ walkForward }: ModelReportInput): Section {
  const { months, improvement } = walkForward;
  return {
    id: 'walk-forward',
    title: 'Month by month, in order of time',
    lead: 'As it would have gone: the model of a month, its calibrator and its p* come only from outcomes that were known before that month. This is the figure behind a gated backtest.',
    blocks:
      months.length === 0
        ? [
            textBlock(
              'No month has a model: there were too few signals with an outcome before any of them. A gated backtest on walk-forward predictions has nothing to go by.',
            ),
          ]
        : [gainSentence(improvement), monthTable(walkForward)],
  };
}

function gainSentence(improvement: Banded): Block {
  if (Number.isNaN(improvement.estimate))
    return textBlock('Nothing was taken in any month, so there is no gain to speak of.', 'plain', 'Gated minus all.');
  const range = hasInterval(improvement)
    ? `95 % interval ${intervalText(improvement)}${improvement.low > 0 ? '' : '; zero is not excluded'}`
    : 'no interval: there are trades in fewer than 12 weeks';
  const isShown = hasInterval(improvement) && improvement.low > 0;
  return textBlock(
    `${meanRText(improvement.estimate)} per trade, ${range}.`,
    isShown ? 'gain' : 'plain',
    'Gated minus all.',
  );
}

function monthTable({ months }: ModelWalkForward): TableBlock {
  return {
    kind: 'table',
    id: 'month-table',
    caption: 'Months with a model of their own past',
    columns: [
      textColumn('month'),
      numberColumn('gain', 'mean R taken minus mean R of all'),
      numberColumn('taken', 'at or above p*'),
      numberColumn('signals', 'of the month, with an outcome'),
      numberColumn('mean R taken'),
      numberColumn('mean R of all'),
      numberColumn('p*', 'threshold known at the start of the month'),
      numberColumn('learned from', 'signals whose outcome was known before the month'),
      numberColumn('ROC-AUC', 'order of the probabilities in this month; 0.5 = none'),
    ],
    rows: months.map((month) => {
      const { fromMs, trainRows, pstar, rows, n, evR, evAllR, rocAuc } = month;
      const why = Number.isNaN(pstar) ? 'no p* yet' : 'nothing taken';
      return [
        textCell(Number.isFinite(fromMs) ? formatMonth(fromMs) : MISSING),
        meanRCell(gainOf(month), why),
        figureCell(rowsText, n),
        figureCell(rowsText, rows),
        meanRCell(evR, why),
        meanRCell(evAllR, 'no signal'),
        figureCell(probabilityText, pstar, 'none known then'),
        figureCell(rowsText, trainRows),
        figureCell(probabilityText, rocAuc, 'one outcome only'),
      ];
    }),
    note: 'A month without p* takes nothing and is not compared. Single months have few signals: their figures scatter.',
  };
}
