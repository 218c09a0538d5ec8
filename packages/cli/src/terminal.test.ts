import { describe, expect, it } from 'vitest';
import { Terminal } from './terminal.ts';

function terminal(options: { json: boolean; quiet: boolean; drawsProgress?: boolean }) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
    drawsProgress: options.drawsProgress ?? false,
    cwd: '/',
    env: {},
    signal: new AbortController().signal,
  };
  return { out, err, terminal: new Terminal(io, options) };
}

describe('Terminal', () => {
  it('with --json puts the document alone on stdout', () => {
    const { out, err, terminal: t } = terminal({ json: true, quiet: false });
    t.info('note');
    t.result('for people');
    t.warn('careful');
    t.document({ ok: true });
    expect(out).toEqual(['{"ok":true}\n']);
    expect(err).toEqual(['note\n', 'warning: careful\n']);
  });

  it('without --json prints results and no document', () => {
    const { out, terminal: t } = terminal({ json: false, quiet: false });
    t.result('for people');
    t.document({ ok: true });
    expect(out).toEqual(['for people\n']);
  });

  it('with --quiet keeps warnings and errors', () => {
    const { err, terminal: t } = terminal({ json: false, quiet: true });
    t.info('note');
    t.warn('careful');
    t.error('error: no');
    expect(err).toEqual(['warning: careful\n', 'error: no\n']);
  });

  it('writes numbers without a value as null', () => {
    const { out, terminal: t } = terminal({ json: true, quiet: false });
    t.document({ a: Number.NaN, b: [Infinity, 1, null], c: { d: -Infinity }, e: -0 });
    expect(JSON.parse(out[0])).toEqual({ a: null, b: [null, 1, null], c: { d: null }, e: 0 });
  });

  it('takes the progress line away before it says something', () => {
    const { err, terminal: t } = terminal({ json: false, quiet: false, drawsProgress: true });
    t.progress('scanning', 2, 'symbols').advance(1);
    t.info('note');
    expect(err).toHaveLength(3);
    expect(err.slice(1)).toEqual(['\r\u001b[2K', 'note\n']);
  });
});
