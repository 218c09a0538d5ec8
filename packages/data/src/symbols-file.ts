/** symbols.txt: one symbol per line, `#` starts a comment, empty lines are fine. */
import { readFileSync } from 'node:fs';
import { DonchError, isSymbol, nearestWord } from '@donch/core';
import { withIoErrors } from './io-error.ts';
import { caseKey } from './symbol-folder.ts';

export interface ListedSymbol {
  readonly symbol: string;
  /** 1-based line on which it stands first. */
  readonly line: number;
}

export interface SymbolsFile {
  /** In file order, each once. Unknown ones are among them; malformed ones are not. */
  readonly symbols: readonly ListedSymbol[];
  /** `duplicate_symbol`, `bad_symbol`, `unknown_symbol`, each with file and line. The caller decides what stops it. */
  readonly problems: readonly DonchError[];
}

/** Reads symbols.txt (or blacklist.txt). With `known`, symbols that are not in it are reported. Throws the errors of the disk. */
export function readSymbolsFile(path: string, known?: ReadonlySet<string>): SymbolsFile {
  return parseSymbols(
    withIoErrors(path, 'read the list of symbols', () => readFileSync(path, 'utf8')),
    path,
    known,
  );
}

/** As `readSymbolsFile`, from text. */
export function parseSymbols(text: string, file: string, known?: ReadonlySet<string>): SymbolsFile {
  const lines = new Map<string, number>();
  const problems: DonchError[] = [];
  for (const [k, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const symbol = raw.replace(/#.*/, '').trim();
    const line = k + 1;
    if (symbol === '') continue;
    const first = lines.get(symbol);
    if (!isSymbol(symbol)) {
      const expected = 'one symbol per line: letters, digits, _ . -';
      problems.push(new DonchError('bad_symbol', `"${symbol}" is no symbol`, { file, line, expected }));
    } else if (first !== undefined) {
      problems.push(new DonchError('duplicate_symbol', `"${symbol}" stands on line ${first} already`, { file, line }));
    } else {
      lines.set(symbol, line);
      if (known !== undefined && !known.has(symbol)) problems.push(unknownSymbol(symbol, { file, line }, known));
    }
  }
  return { symbols: Array.from(lines, ([symbol, line]) => ({ symbol, line })), problems };
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function unknownSymbol(symbol: string, place: Place, known: ReadonlySet<string>): DonchError {
  const near = nearest(symbol, known);
  return new DonchError('unknown_symbol', `"${symbol}" is not known`, {
    ...place,
    ...(near !== null && { expected: `"${near}"` }),
  });
}

/** The usual slips: another case, the quote currency left out, a separator too many; else the nearest name. */
function nearest(symbol: string, known: ReadonlySet<string>): string | null {
  const key = caseKey(symbol);
  const keys = new Set([key, `${key}usdt`, key.replaceAll(/[-_.]/g, ''), `1000${key}`]);
  for (const candidate of known) if (keys.has(caseKey(candidate))) return candidate;
  return nearestWord(symbol, [...known]);
}
