import { DonchError, DonchErrors } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { answer, valueOf } from './sent-error.ts';

/** What a thread's answer is on the other side. */
async function across<T>(work: () => T): Promise<T> {
  return valueOf(structuredClone(await answer(work)));
}

describe('answer and valueOf', () => {
  it('carry a value', async () => {
    expect(await across(() => ({ rows: new Float64Array([1, 2]) }))).toEqual({ rows: new Float64Array([1, 2]) });
  });

  it('carry an error with class, code, place and remedy, and leave its cause behind', async () => {
    const error = new DonchError('parquet_damaged', 'the file ends early', {
      file: 'x.parquet',
      line: 3,
      expected: 'a whole file',
      remedy: 'Import it again.',
      retryable: true,
      cause: () => 'cannot be cloned',
    });
    const received = await across(() => {
      throw error;
    }).catch((caught: unknown) => caught);
    expect(received).toBeInstanceOf(DonchError);
    expect(received).toMatchObject({ code: 'parquet_damaged', found: error.found, retryable: true });
    expect((received as DonchError).message).toBe(error.message);
  });

  it('carry several problems with the same words', async () => {
    const problems = [new DonchError('bad_yaml', 'a', { line: 1 }), new DonchError('bad_yaml', 'b', { remedy: 'c' })];
    const error = new DonchErrors('bad_yaml', 'x.yaml', problems);
    const received = await across(() => {
      throw error;
    }).catch((caught: unknown) => caught);
    expect(received).toBeInstanceOf(DonchErrors);
    expect((received as DonchErrors).message).toBe(error.message);
    expect((received as DonchErrors).problems.map(({ detail }) => detail)).toEqual(
      problems.map(({ detail }) => detail),
    );
  });

  it('let a bug pass as it is', async () => {
    await expect(
      across(() => {
        throw new TypeError('oops');
      }),
    ).rejects.toThrow(TypeError);
  });
});
