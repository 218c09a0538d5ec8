/** Fields of the document of `donch holdout`, and of what other commands say about a hold-out. */
import { field, figureFields, list, object, OK, type FieldSpec } from '@donch/cli';

/** How often it was looked at. */
function countFields(): FieldSpec[] {
  return [
    field('startMs', 'number', 'UTC ms', 'first decision of the hold-out'),
    field('looks', 'number', 'count', 'how often donch holdout has opened it'),
    field('configurations', 'number', 'count', 'different configurations among them'),
    field('otherConfigurations', 'number', 'count', 'configurations evaluated on its data in another way; 0 = none'),
    field('lastLookMs', 'number', 'UTC ms', 'the last look', 'not opened yet'),
  ];
}

/** The member `holdout` of other documents. */
export function holdoutMember(): FieldSpec {
  return { ...object('holdout', 'the hold-out', countFields()), nullMeans: 'HOLDOUT_START is not set' };
}

export function holdoutFields(): FieldSpec[] {
  const refused = 'refused: sharpeNote says why';
  return [
    OK,
    ...countFields(),
    field('endMs', 'number', 'UTC ms', 'end of the hold-out, exclusive'),
    field('days', 'number', 'count', 'daily returns in it'),
    field('reason', 'text', 'words', "why it was opened; '' = not said"),
    field('configurationId', 'text', 'id', 'the configuration that was tested'),
    field('trialId', 'text', 'id', 'its trial in the ledger'),
    field('isRepeat', 'boolean', '', 'the same configuration was tested there before'),
    field('triedConfigurations', 'number', 'count', 'all that were ever evaluated there, this one included: k'),
    field('sharpe', 'number', 'per year', 'Sharpe ratio of the hold-out, daily returns x sqrt(365)', refused),
    field('psr', 'number', 'probability', 'that its true Sharpe ratio is above 0', refused),
    field(
      'luckSharpe',
      'number',
      'per year',
      'expected best Sharpe ratio of k configurations without skill on as many days',
      'fewer than 20 days',
    ),
    field('psrAgainstLuck', 'number', 'probability', 'that the true Sharpe ratio is above luckSharpe', refused),
    field('sharpeNote', 'text', 'words', "why there is no Sharpe ratio; '' = there is one"),
    list('warnings', 'text', 'why the figures say less than they seem to'),
    object('inSample', 'the configuration before the hold-out', runFields()),
    object('holdout', 'the configuration in it', runFields()),
  ];
}

const runFields = (): FieldSpec[] => [field('runId', 'text', 'id', 'run'), ...figureFields()];
