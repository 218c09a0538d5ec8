/** Generic rules of the strategy file: `all`, `any`, `veto` over registered features. */
import { DonchError, invariant, type ConfigValues, type GateCheck } from '@donch/core';
import type { FeatureDef } from '../features/feature.ts';
import { featureSettings, findFeature, nearestFeature } from '../features/registry.ts';
import { check } from '../gate-check.ts';
import type { RuleFile, StrategyFile } from '../spec/schema.ts';
import type { FeatureRow, FilterGate } from './gate.ts';

export interface CompiledRules {
  readonly gates: readonly FilterGate[];
  readonly problems: readonly DonchError[];
}

/** One gate per `all` and `veto` rule, one for the whole `any` group; their descriptions name the settings of their features. */
export function compileRules(rules: StrategyFile['rules'], file: string, settings: ConfigValues): CompiledRules {
  const problems: DonchError[] = [];
  const judges = (group: 'all' | 'any' | 'veto'): Judge[] =>
    (rules?.[group] ?? []).flatMap((rule, index) => {
      const judge = compileRule(rule, { file, path: `rules.${group}.${index}` }, settings);
      if (judge instanceof DonchError) {
        problems.push(judge);
        return [];
      }
      return [judge];
    });
  const all = judges('all').map((judge) => gateOf(`rule:${judge.rule.feature}`, judge));
  const any = judges('any');
  const veto = judges('veto').map((judge) => gateOf(`veto:${judge.rule.feature}`, judge, true));
  return { gates: [...all, ...(any.length > 0 ? [anyGate(any)] : []), ...veto], problems };
}

interface Judge {
  readonly rule: RuleFile;
  /** Values of the settings that the feature is computed with. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly judge: (row: FeatureRow, gate: string) => GateCheck;
}

function gateOf(name: string, { rule, settings, judge }: Judge, veto = false): FilterGate {
  return {
    name,
    description: { ...rule, settings, veto },
    features: [rule.feature],
    judge: (row) => (veto ? vetoed(judge(row, name)) : judge(row, name)),
  };
}

/** A veto that applies fails the entry; one whose value is missing cannot be ruled out and does not pass either. */
function vetoed(verdict: GateCheck): GateCheck {
  if (verdict.result === 'not_ready') return verdict;
  return {
    ...verdict,
    result: verdict.result === 'pass' ? 'fail' : 'pass',
    detail: 'veto: fails where the comparison holds',
  };
}

function anyGate(judges: readonly Judge[]): FilterGate {
  return {
    name: 'rules:any',
    description: { any: judges.map(({ rule, settings }) => ({ ...rule, settings })) },
    features: judges.map(({ rule }) => rule.feature),
    judge(row) {
      const checks = judges.map((judge) => judge.judge(row, 'rules:any'));
      const held = checks.filter(({ result }) => result === 'pass').length;
      const blind = held === 0 && checks.some(({ result }) => result === 'not_ready');
      const verdict = check('rules:any', held, '>=', 1);
      return {
        ...verdict,
        result: blind ? 'not_ready' : verdict.result,
        detail: judges.map(({ rule }) => rule.feature).join(', '),
      };
    },
  };
}

interface Place {
  readonly file: string;
  readonly path: string;
}

function compileRule(rule: RuleFile, place: Place, settings: ConfigValues): Judge | DonchError {
  const def = findFeature(rule.feature);
  if (def === undefined) {
    const nearest = nearestFeature(rule.feature);
    return new DonchError('unknown_feature', `feature is "${rule.feature.slice(0, 80)}"`, {
      ...place,
      remedy: nearest === null ? 'docs/FEATURES.md lists every feature' : `did you mean ${nearest}?`,
    });
  }
  const judge = judgeOf(rule, def, place);
  return judge instanceof DonchError ? judge : { rule, settings: featureSettings(def, settings), judge };
}

function judgeOf(rule: RuleFile, def: FeatureDef, place: Place): Judge['judge'] | DonchError {
  if (rule.is !== undefined) return isJudge(rule.feature, rule.is, def, place);
  if (def.dtype === 'category') {
    return new DonchError('bad_rule', `${rule.feature} is a category`, {
      ...place,
      expected: `is: one of ${def.categories?.join(', ')}`,
    });
  }
  const { gte, lte, between } = rule;
  if (between !== undefined) return betweenJudge(rule.feature, between);
  if (gte !== undefined && lte !== undefined) return betweenJudge(rule.feature, [gte, lte]);
  if (gte !== undefined) return (row, gate) => check(gate, row.valueOf(rule.feature), '>=', gte);
  invariant(lte !== undefined, 'a parsed rule has a condition');
  return (row, gate) => check(gate, row.valueOf(rule.feature), '<=', lte);
}

function isJudge(
  feature: string,
  wanted: NonNullable<RuleFile['is']>,
  def: FeatureDef,
  place: Place,
): Judge['judge'] | DonchError {
  const code = codeOf(wanted, def);
  if (code === null) {
    return new DonchError('bad_rule', `${feature} is compared with ${JSON.stringify(wanted)}`, {
      ...place,
      expected: EXPECTED_IS[def.dtype] ?? `one of ${def.categories?.join(', ')}`,
    });
  }
  return (row, gate) => ({
    ...check(gate, row.valueOf(feature), '=', code),
    comparison: 'is',
    detail: String(wanted),
  });
}

const EXPECTED_IS: Readonly<Partial<Record<FeatureDef['dtype'], string>>> = {
  bool: 'true or false',
  int: 'a number',
  float: 'a number',
};

/** The number that stands for a wanted value in a feature row, or null when the feature never has it. */
function codeOf(wanted: NonNullable<RuleFile['is']>, { dtype, categories = [] }: FeatureDef): number | null {
  if (dtype === 'category') {
    const code = categories.indexOf(String(wanted));
    return code < 0 ? null : code;
  }
  if (typeof wanted === 'string') return null;
  if (dtype === 'bool') return wanted === true || wanted === 1 ? 1 : wanted === false || wanted === 0 ? 0 : null;
  return typeof wanted === 'number' ? wanted : null;
}

function betweenJudge(feature: string, [low, high]: readonly [number, number]): Judge['judge'] {
  return (row, gate) => {
    const value = row.valueOf(feature);
    const result = Number.isNaN(value) ? 'not_ready' : value >= low && value <= high ? 'pass' : 'fail';
    return { gate, value, comparison: 'between', threshold: low, thresholdHigh: high, result, detail: '' };
  };
}
