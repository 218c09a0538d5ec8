import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completions } from './completion.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'donch-completion-'));
  for (const [path, text] of completions()) writeFileSync(join(folder, path.split('/').at(-1) ?? ''), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers for the last word. */
function offered(...words: string[]): string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _donch; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const path = join(folder, 'donch.bash');
  const output = execFileSync('bash', ['-c', script, 'bash', path, ...words], { encoding: 'utf8' });
  return output.split('\n').filter((word) => word !== '');
}

// the shell that is there on every system that has ./donch
describe.skipIf(process.platform === 'win32')('completion in bash', () => {
  it('offers commands of both apps', () => {
    expect(offered('donch', 'r')).toEqual(['run', 'rollback-model', 'report', 'replay']);
    expect(offered('donch', 'li')).toEqual(['list', 'live']);
  });

  it('offers flags, subcommands and closed lists', () => {
    expect(offered('donch', 'run', '--st')).toEqual(['--start', '--strategy']);
    expect(offered('donch', 'data', 'c')).toEqual(['certificate', 'compact']);
    expect(offered('donch', 'data', 'certificate', '--ver')).toEqual(['--verify']);
    expect(offered('donch', 'lookahead', '--plant', 'rs')).toEqual(['rs_week']);
    expect(offered('donch', 'export', 'lab')).toEqual(['labels']);
    expect(offered('donch', 'replay', '--js')).toEqual(['--json']);
  });
});

it('the other shells know every command', () => {
  const [bash, zsh, fish] = [...completions().values()];
  const names = [...bash.matchAll(/^ {6}'([^']+)'\) words=/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    expect(zsh).toContain(`'${name}') candidates=`);
    expect(fish).toContain(`__fish_seen_subcommand_from ${name.split(' ')[0]}`);
  }
});
