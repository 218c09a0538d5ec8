/** Generic rules of the strategy file: `all`, `any`, `veto` over registered features. */
import { DonchError, type GateCheck } from '@donch/core';
import { check } from '../entry/breakout-setup.ts';
import type { FeatureDef } from '../features/feature.ts';
import { findFeature, nearestFeature } from '../features/registry.ts';
import type { RuleFile, StrategyFile } from '../spec/schema.ts';
import type { FeatureRow, FilterGate } from './gate.ts';

export interface CompiledRules {
  readonly gates: readonly FilterGate[];
  readonly problems: readonly DonchError[];
}

/** One gate per `all` and `veto` rule, one for the whole `any` group. */
export function compileRules(rules: StrategyFile['rules'], file: string): CompiledRules {
  const problems: DonchError[] = [];
  const judges = (group: 'all' | 'any' | 'veto'): Judge[] =>
    (rules?.[group] ?? []).flatMap((rule, index) => {
      const judge = compileRule(rule, { file, path: `rules.${group}.${index}` });
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
  judge(row: FeatureRow, gate: string): GateCheck;
}

function gateOf(name: string, { rule, judge }: Judge, veto = false): FilterGate {
  return {
    name,
    description: { ...rule, veto },
    features: [rule.feature],
    judge: (row) => (veto ? vetoed(judge(row, name)) : judge(row, name)),
  };
}

/** A veto that applies fails the entry; one whose value is missing cannot be ruled out and does not pass either. */
function vetoed(check_: GateCheck): GateCheck {
  if (check_.result === 'not_ready') return check_;
  return {
    ...check_,
    result: check_.result === 'pass' ? 'fail' : 'pass',
    detail: 'veto: fails where the comparison holds',
  };
}

function anyGate(judges: readonly Judge[]): FilterGate {
  return {
    name: 'rules:any',
    description: { any: judges.map(({ rule }) => rule) },
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

function compileRule(rule: RuleFile, place: { readonly file: string; readonly path: string }): Judge | DonchError {
  const def = findFeature(rule.feature);
  if (def === undefined) {
    const nearest = nearestFeature(rule.feature);
    return new DonchError('unknown_feature', `feature is "${rule.feature}"`, {
      ...place,
      ...(nearest === null ? {} : { remedy: `did you mean ${nearest}?` }),
    });
  }
  if (rule.is !== undefined) return compileIs(rule, def, place);
  if (def.dtype === 'category') {
    return new DonchError('bad_rule', `${rule.feature} is a category`, {
      ...place,
      expected: `is: one of ${def.categories?.join(', ')}`,
    });
  }
  if (rule.between !== undefined) return betweenJudge(rule, rule.between);
  return boundsJudge(rule);
}

function compileIs(
  rule: RuleFile,
  def: FeatureDef,
  place: { readonly file: string; readonly path: string },
): Judge | DonchError {
  const wanted = rule.is;
  const code =
    def.dtype === 'category'
      ? (def.categories ?? []).indexOf(String(wanted))
      : typeof wanted === 'string'
        ? Number.NaN
        : Number(wanted);
  if (Number.isNaN(code) || code < 0) {
    const expected = def.dtype === 'category' ? `one of ${def.categories?.join(', ')}` : 'true, false or a number';
    return new DonchError('bad_rule', `${rule.feature} is compared with ${JSON.stringify(wanted)}`, {
      ...place,
      expected,
    });
  }
  return {
    rule,
    judge: (row, gate) => ({
      ...check(gate, row.valueOf(rule.feature), '=', code),
      comparison: 'is',
      detail: String(wanted),
    }),
  };
}

function betweenJudge(rule: RuleFile, [low, high]: readonly [number, number]): Judge {
  return {
    rule,
    judge(row, gate) {
      const value = row.valueOf(rule.feature);
      const result = Number.isNaN(value) ? 'not_ready' : value >= low && value <= high ? 'pass' : 'fail';
      return { gate, value, comparison: 'between', threshold: low, thresholdHigh: high, result, detail: '' };
    },
  };
}

function boundsJudge(rule: RuleFile): Judge {
  const { gte, lte } = rule;
  if (gte !== undefined && lte !== undefined) return betweenJudge(rule, [gte, lte]);
  return {
    rule,
    judge: (row, gate) =>
      gte !== undefined
        ? check(gate, row.valueOf(rule.feature), '>=', gte)
        : check(gate, row.valueOf(rule.feature), '<=', lte ?? Number.NaN),
  };
}
