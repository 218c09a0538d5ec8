/** Is the best of all trials better than something that needs no search? */
import { NO_POSITION, type BenchmarkTest, type MeasuredTrial, type SelectionVerdict } from '@donch/stats';
import { numberCell, numberColumn, textBlock, textCell, textColumn, type Cell, type Section } from '../blocks.ts';
import { countText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import { isRefused, pValueText } from './figures.ts';

/** `tagOf`: what people call a trial. */
export function superioritySection(
  { superiority }: SelectionVerdict,
  tagOf: (id: MeasuredTrial['id']) => string,
): Section {
  return {
    id: 'superiority',
    title: 'Better than doing nothing clever?',
    lead: 'The best of all trials against benchmarks that need no search. The null hypothesis is that no trial has a higher mean return; blocks of days are resampled for all trials together (SPA: Hansen 2005; reality check: White 2000).',
    blocks:
      superiority.length === 0
        ? [textBlock('There is no benchmark to test against.')]
        : [
            {
              kind: 'table',
              id: 'spa',
              caption: 'Best trial against benchmarks: p values',
              columns: [
                textColumn('benchmark'),
                numberColumn(
                  'SPA',
                  'consistent: the one to quote. Below 0.05 the best trial is better than luck among so many explains',
                ),
                numberColumn('lower', 'least p value: trials below the benchmark count as they are'),
                numberColumn('upper', 'largest p value: every trial counts as if it were as good as the benchmark'),
                numberColumn('reality check', 'White: not in units of its error; bad trials raise it'),
                textColumn('best trial', 'with the largest mean return above the benchmark, in units of its error'),
              ],
              rows: superiority.map((one) => cells(one, tagOf)),
              note: 'A small p value says that some trial beats the benchmark, not that the chosen one does, and not by how much. Only trials whose daily returns were kept take part; the benchmark knows the same days.',
              isFixed: true,
            },
          ],
  };
}

const NAMES: Readonly<Record<string, string>> = { [NO_POSITION]: 'no position at all' };

function cells({ benchmark, blockDays, test }: BenchmarkTest, tagOf: (id: string) => string): Cell[] {
  const name = NAMES[benchmark] ?? benchmark;
  if (isRefused(test)) {
    const none = numberCell('refused', Number.NaN);
    return [textCell(name, `not computed: ${refusalWords(test)}`), none, none, none, none, textCell('')];
  }
  const { spa, realityCheck, models, bestId } = test;
  const cell = ({ pValue }: { readonly pValue: number }): Cell => numberCell(pValueText(pValue), pValue);
  return [
    textCell(
      name,
      `${plural(models, countText(models), 'trial')}, blocks of ${plural(blockDays, countText(blockDays), 'day')}`,
    ),
    cell(spa.consistent),
    cell(spa.lower),
    cell(spa.upper),
    cell(realityCheck),
    textCell(tagOf(bestId)),
  ];
}
