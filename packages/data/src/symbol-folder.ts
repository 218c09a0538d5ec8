/** Symbols as folder and file names that mean the same on every file system: case-insensitive ones and Windows included. */
import { DonchError, isSymbol } from '@donch/core';

/** Names that Windows keeps for devices, alone or before a dot, in any case. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=$|\.)/i;

/** Set after a reserved name. No symbol holds it, so the way back is exact. */
const ESCAPE = '~';

/** Folder name of a symbol: the symbol itself, `CON~` for a name that Windows keeps. */
export function folderOfSymbol(symbol: string): string {
  if (!isSymbol(symbol)) {
    throw new DonchError('bad_instrument', `symbol is "${symbol}"`, { expected: 'letters, digits, _ . -' });
  }
  if (symbol !== symbol.normalize('NFC')) {
    throw new DonchError('bad_instrument', `symbol "${symbol}" is not in Unicode normal form C`, {
      expected: `"${symbol.normalize('NFC')}"`,
    });
  }
  return symbol.replace(RESERVED, (reserved) => reserved + ESCAPE);
}

/** Symbol of a folder name, or null for a folder that is not one of ours. */
export function symbolOfFolder(name: string): string | null {
  const symbol = name.normalize('NFC').replace(ESCAPE, '');
  return isSymbol(symbol) && folderOfSymbol(symbol) === name.normalize('NFC') ? symbol : null;
}

/** Two symbols with the same key are one folder on a file system that ignores case. */
export function caseKey(symbol: string): string {
  return symbol.toUpperCase().toLowerCase();
}

/** Throws `symbol_case_conflict` when another of the names differs from the symbol in case only. */
export function checkCaseConflict(symbol: string, existing: Iterable<string>): void {
  const key = caseKey(symbol);
  for (const other of existing) {
    if (other === symbol || caseKey(other) !== key) continue;
    throw new DonchError('symbol_case_conflict', `symbols "${symbol}" and "${other}" differ in case only`, {
      expected: 'names that a case-insensitive file system can tell apart',
      remedy: `Use "${other}" as it is stored, or delete it first.`,
    });
  }
}
