import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface DataFlags extends ProjectFlags {
  readonly venue?: string;
  readonly interval?: string;
}

export interface StatusFlags extends DataFlags {
  readonly symbols?: string;
  readonly gaps?: boolean;
}

export interface CertificateFlags extends DataFlags {
  readonly symbols?: string;
  readonly verify?: boolean;
  readonly out?: string;
}

export function defineData(program: Command, run: Runner): void {
  const data = program.command('data').description('what the store holds, its hashes, and its upkeep');
  defineStatus(data, run);
  defineCertificate(data, run);
  defineCompact(data, run);
  defineRepair(data, run);
}

/** `--venue --interval`: which part of the store. */
function addDataFlags(command: Command): Command {
  return addProjectFlags(command)
    .option('--venue <venue>', 'only this venue (default: all)')
    .option('--interval <interval>', 'only this bar length (default: all)');
}

function defineStatus(data: Command, run: Runner): void {
  addDataFlags(data.command('status').description('coverage of every instrument: bars, gaps, silence, funding'))
    .option('--symbols <list>', 'comma-separated symbols, or a file with one per line')
    .option('--gaps', 'list every gap')
    .addHelpText(
      'after',
      `
Examples:
  donch data status
  donch data status --symbols BTCUSDT,ETHUSDT --gaps
  donch data status --json`,
    )
    .action((flags: StatusFlags) =>
      run(flags, async (context) => {
        const { dataStatus } = await import('../pipeline/data-status.ts');
        await dataStatus(flags, context);
      }),
    );
}

function defineCertificate(data: Command, run: Runner): void {
  addDataFlags(data.command('certificate').description('content hashes: per series, and one over all'))
    .option('--symbols <list>', 'comma-separated symbols, or a file with one per line')
    .option('--verify', 'decode every month and recompute its hash instead of believing the files')
    .option('--out <file>', 'write the certificate as JSON')
    .addHelpText(
      'after',
      `
The hash depends on the bars alone, not on how they are stored: two stores with the same hash give the same results.

Examples:
  donch data certificate
  donch data certificate --verify --out certificate.json`,
    )
    .action((flags: CertificateFlags) =>
      run(flags, async (context) => {
        const { dataCertificate } = await import('../pipeline/data-certificate.ts');
        return dataCertificate(flags, context);
      }),
    );
}

function defineCompact(data: Command, run: Runner): void {
  addDataFlags(data.command('compact').description('move finished days from the tail log into the month files'))
    .addHelpText(
      'after',
      `
Needs the store for itself: not while the bot or an import writes. Killed at any moment, nothing is lost.

Examples:
  donch data compact`,
    )
    .action((flags: DataFlags) =>
      run(flags, async (context) => {
        const { dataCompact } = await import('../pipeline/data-upkeep.ts');
        await dataCompact(flags, context);
      }),
    );
}

function defineRepair(data: Command, run: Runner): void {
  addDataFlags(data.command('repair').description('rewrite a damaged tail log from its intact bar sets'))
    .addHelpText(
      'after',
      `
The damaged file stays beside the new one. Logs that are whole are left alone. Prints which open times to fetch again.

Examples:
  donch data repair`,
    )
    .action((flags: DataFlags) =>
      run(flags, async (context) => {
        const { dataRepair } = await import('../pipeline/data-upkeep.ts');
        await dataRepair(flags, context);
      }),
    );
}
