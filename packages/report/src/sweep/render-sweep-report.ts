/** The page about a sweep: the verdict first, then the variants, then what choosing among them is worth. */
import { formatDay } from '@donch/core';
import type { PageReport } from '../report.ts';
import { selectionSections } from '../selection/selection-sections.ts';
import { bestCurveSection, sharpeSection } from './distribution.ts';
import { leaderboardSection } from './leaderboard.ts';
import { parameterSection } from './parameters.ts';
import { checkSection, sweepGlossarySection, sweepProvenanceSection } from './sweep-reference.ts';
import type { SweepReportInput } from './sweep-report-input.ts';
import { sweepVerdictSection } from './sweep-verdict.ts';
import { textOf } from './variant-rows.ts';

/** The page as plain data, for `reportHtml`, `reportMarkdown` and `chartsOf`. */
export function renderSweepReport(input: SweepReportInput): PageReport {
  const { sweep, leaderboard, selection } = input;
  const names = sweep.strategies.map(({ name, side }) => `${name} (${side})`).join(', ');
  return {
    title: `Sweep of ${leaderboard.length} variants: ${names}, ${formatDay(sweep.startMs)} to ${formatDay(sweep.endMs)}`,
    subtitle: `Sweep ${sweep.id}, DONCH ${sweep.donchVersion}`,
    sections: [
      sweepVerdictSection(input),
      leaderboardSection(input),
      parameterSection(input),
      sharpeSection(input),
      bestCurveSection(input),
      ...selectionSections(selection, { subject: 'the winner', tagOf: tagsOf(input) }),
      checkSection(input),
      sweepProvenanceSection(input),
      sweepGlossarySection(),
    ],
  };
}

/** Names of trials that are variants of this sweep; others keep the begin of their id. */
function tagsOf(input: SweepReportInput): (id: string) => string {
  const tags = textOf(input, 'tag');
  const byTrial = new Map(textOf(input, 'trial_id').map((id, row) => [id, tags[row]]));
  return (id) => byTrial.get(id) ?? id.slice(0, 8);
}
