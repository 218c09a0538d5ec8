import { describe, expect, it } from 'vitest';
import { DonchError, DonchErrors } from './errors.ts';
import { assertNever, invariant, InvariantError } from './invariant.ts';

describe('DonchError', () => {
  it('says where, what was found, what was expected and the way out', () => {
    const cause = new Error('below');
    const error = new DonchError('bad_key', 'value is "x"', {
      file: 'config.yaml',
      line: 3,
      path: 'RISK_USD',
      expected: 'a number',
      remedy: 'write RISK_USD: 50',
      cause,
    });
    expect(error.message).toBe('config.yaml, line 3, RISK_USD: value is "x"; expected a number\n  write RISK_USD: 50');
    expect([error.code, error.found, error.retryable, error.cause]).toEqual(['bad_key', 'value is "x"', false, cause]);
  });

  it('is short when little is known', () => {
    expect(new DonchError('x', 'found nothing').message).toBe('found nothing');
    expect(new DonchError('x', 'timeout', { retryable: true }).retryable).toBe(true);
  });
});

describe('DonchErrors', () => {
  it('reports several problems together', () => {
    const problems = [new DonchError('a', 'one'), new DonchError('b', 'two', { path: 'entry.x' })];
    expect(new DonchErrors('bad_config', 'config.yaml', problems).message).toBe(
      'config.yaml: 2 problems\n- one\n- entry.x: two',
    );
    expect(new DonchErrors('bad_config', 'config.yaml', problems.slice(0, 1)).message).toContain('1 problem\n');
  });
});

describe('invariant', () => {
  it('states the rule that was broken', () => {
    expect(() => invariant(true, 'x')).not.toThrow();
    expect(() => invariant(false, 'quantity is positive')).toThrow(InvariantError);
    expect(() => invariant(false, 'quantity is positive')).toThrow('Invariant broken: quantity is positive');
  });

  it('names the case that a union lacks', () => {
    expect(() => assertNever({ kind: 'new' } as never, 'exit')).toThrow('exit has no case for {"kind":"new"}');
  });
});
