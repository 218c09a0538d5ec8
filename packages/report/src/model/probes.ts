/** Plants and nulls: what a training must find, and what it must not. */
import { textCell, textColumn, type Cell, type Section, type TableBlock, type Tone } from '../blocks.ts';
import { signedText } from '../format/number-text.ts';
import type { ModelProbes, ModelReportInput } from './model-report-input.ts';
import { probabilityText, rowsText } from './model-text.ts';

export interface Probe {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'not run';
  readonly result: string;
  readonly meaning: string;
}

/** Standard errors that the mean of shuffled labels may lie from 0.5. */
const ERRORS_MAX = 3;
/** Shuffled trainings that may name a p*: 2 of 20. */
const NAMED_MAX_FRAC = 0.1;

export function probesOf(probes: ModelProbes): Probe[] {
  const { isPlantFound, isTestBlind, suspicious } = probes;
  const stateOf = (isPassed: boolean): Probe['state'] => (isPassed ? 'passed' : 'failed');
  return [
    ...permutedProbes(probes),
    {
      name: 'planted future',
      state: stateOf(isPlantFound),
      result: isPlantFound ? 'the plant was flagged' : 'the plant was not flagged',
      meaning:
        'A feature that knows the outcome is added on purpose. A check that cannot see it would not see a real leak either.',
    },
    {
      name: 'blind to the test',
      state: stateOf(isTestBlind),
      result: isTestBlind ? 'the same model, bit by bit' : 'another model',
      meaning: 'Test rows are spoilt and the fold is trained again. If its model changes, it has looked at its test.',
    },
    {
      name: 'features that know too much',
      state: stateOf(suspicious.length === 0),
      result:
        suspicious.length === 0
          ? 'none'
          : suspicious.map(({ name, auc }) => `${name} (AUC ${probabilityText(auc)})`).join(', '),
      meaning:
        'No feature of a market orders outcomes almost perfectly all alone. One that does has probably seen them.',
    },
  ];
}

function permutedProbes({ permutations, permutedAuc, permutedAucSe, permutedNamed }: ModelProbes): Probe[] {
  const isRun = permutations > 0;
  const distance = (permutedAuc - 0.5) / permutedAucSe;
  const isJudged = isRun && Number.isFinite(distance);
  const isNull = Math.abs(distance) <= ERRORS_MAX;
  return [
    {
      name: 'shuffled labels: AUC',
      state: isJudged ? (isNull ? 'passed' : 'failed') : 'not run',
      result: isJudged
        ? `${probabilityText(permutedAuc)}, ${signedText(distance, 1)} standard errors from 0.5`
        : 'no standard error: too few shuffles',
      meaning: `Labels and results are shuffled within stretches of time, so there is nothing to learn. The mean AUC must lie within ${ERRORS_MAX} standard errors of 0.5; outside, information of the test reaches the training.`,
    },
    {
      name: 'shuffled labels: p*',
      state: isRun ? (permutedNamed <= NAMED_MAX_FRAC * permutations ? 'passed' : 'failed') : 'not run',
      result: isRun ? `p* named in ${rowsText(permutedNamed)} of ${rowsText(permutations)}` : 'no shuffles',
      meaning: 'Where there is nothing to learn, the rule for p* must stay silent: at most 2 of 20 may slip through.',
    },
  ];
}

export const isFailed = ({ state }: Probe): boolean => state === 'failed';

export function probeSection({ probes }: ModelReportInput): Section {
  const found = probesOf(probes);
  const failed = found.filter(isFailed).length;
  const isRun = found.every(({ state }) => state !== 'not run');
  const lead =
    failed > 0
      ? `${rowsText(failed)} of ${rowsText(found.length)} checks did not pass. Do not trade on this model before the reason is known.`
      : `Checks that every training is put to. ${isRun ? 'All of them passed' : 'None of them failed, but not all were run'}; that makes a leak unlikely, not impossible.`;
  return { id: 'probes', title: 'Could it have cheated?', lead, blocks: [probeTable(found)] };
}

const MARKS = { passed: '✓ passed', failed: '✗ FAILED', 'not run': '- not run' } as const;
const TONES: Readonly<Record<Probe['state'], Tone>> = { passed: 'gain', failed: 'loss', 'not run': 'plain' };

function probeTable(probes: readonly Probe[]): TableBlock {
  return {
    kind: 'table',
    id: 'probe-table',
    caption: 'Leakage probes',
    columns: [textColumn('probe'), textColumn('mark'), textColumn('found'), textColumn('what it means')],
    rows: probes.map(({ name, state, result, meaning }): Cell[] => [
      textCell(name),
      { ...textCell(MARKS[state]), tone: TONES[state] },
      textCell(result),
      textCell(meaning),
    ]),
    note: '',
  };
}

/** What the training was told. */
export function parameterSection({ parameters }: ModelReportInput): Section {
  return {
    id: 'parameters',
    title: 'How it was trained',
    lead: 'The same signals, settings and seed give the same model again, bit by bit.',
    blocks: [
      {
        kind: 'table',
        id: 'parameter-table',
        caption: 'Settings of the training',
        columns: [textColumn('setting'), textColumn('value')],
        rows: parameters.map(([name, value]) => [textCell(name), textCell(value === 'null' ? 'none' : value)]),
        note: parameters.length === 0 ? 'Nothing is known about how this model was trained.' : '',
      },
    ],
  };
}
