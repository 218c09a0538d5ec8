/** The page about a model: one HTML file that needs nothing else. What a trader has to know first, then what a quant asks. */
import { pageHtml } from '../page/page-html.ts';
import { tablePageScript } from '../page/script.ts';
import { calibrationSection } from './calibration.ts';
import { discriminationSection } from './discrimination.ts';
import { modelGlossarySection } from './glossary.ts';
import { importanceSection, learningSection } from './importance.ts';
import type { ModelReportInput } from './model-report-input.ts';
import { rowsText } from './model-text.ts';
import { parameterSection, probeSection } from './probes.ts';
import { evSection, groupSection } from './threshold.ts';
import { dayText, modelVerdictSection } from './verdict.ts';
import { walkForwardSection } from './walk-forward.ts';

/** The whole page. Missing numbers (NaN) become `-` with their reason. */
export function renderModelReport(input: ModelReportInput): string {
  const { strategy, side, target, rows, fromMs, toMs } = input;
  const title = `Win-probability model: ${strategy} (${side})`;
  return pageHtml({
    title,
    subtitle: `Predicts: ${target}. Learned from ${rowsText(rows)} signals, ${dayText(fromMs)} to ${dayText(toMs)}. All times are UTC; results are in R, after all costs.`,
    footer: title,
    sections: [
      modelVerdictSection(input),
      groupSection(input),
      walkForwardSection(input),
      evSection(input),
      calibrationSection(input),
      discriminationSection(input),
      importanceSection(input),
      learningSection(input),
      probeSection(input),
      parameterSection(input),
      modelGlossarySection(),
    ],
    script: tablePageScript(),
    data: '',
    parts: { readout: '', trades: '' },
  });
}
