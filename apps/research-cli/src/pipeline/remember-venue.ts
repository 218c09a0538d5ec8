/** A project learns its venue and its base interval from the first data that come into it. */
import { readFileSync } from 'node:fs';
import type { CommandContext } from '@donch/cli';
import { writeFileAtomic } from '@donch/data';
import type { ProjectContext } from '@donch/project';

export interface FirstData {
  readonly venue: string | null;
  readonly interval: string | null;
  /** The command that brought them. */
  readonly by: 'import' | 'fetch';
}

/** Writes what config.yaml does not say yet, at its end, so that the user's text stays as it is. */
export function rememberVenue(
  { config, configPath }: ProjectContext,
  { venue, interval, by }: FirstData,
  terminal: CommandContext['terminal'],
): void {
  const lines: string[] = [];
  if (venue !== null && config.origins.VENUE.layer === 'default') lines.push(`VENUE: ${venue}`);
  if (interval !== null && config.origins.TIMEFRAME.layer === 'default') lines.push(`TIMEFRAME: ${interval}`);
  if (lines.length === 0) return;
  const text = readFileSync(configPath, 'utf8');
  writeFileAtomic(configPath, `${text.trimEnd()}\n\n# Written by the first donch ${by}.\n${lines.join('\n')}\n`);
  terminal.info(`${configPath}: wrote ${lines.join(', ')}`);
}
