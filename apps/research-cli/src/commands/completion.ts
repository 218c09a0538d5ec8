import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addCommonFlags, PRODUCT_FOLDER, type CommonFlags, type Runner } from '@donch/cli';
import { Argument, type Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export function defineCompletion(program: Command, run: Runner): void {
  addCommonFlags(
    program
      .command('completion')
      .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
      .description('script that completes commands and flags in your shell'),
  )
    .addHelpText(
      'after',
      `
Examples:
  donch completion bash > ~/.local/share/bash-completion/completions/donch
  donch completion zsh > ~/.zfunc/_donch                              a folder of $fpath
  donch completion fish > ~/.config/fish/completions/donch.fish`,
    )
    .action((shell: Shell, flags: CommonFlags) =>
      run(flags, async ({ terminal }) => {
        const script = readFileSync(join(PRODUCT_FOLDER, 'completions', `donch.${shell}`), 'utf8');
        const { documentOf } = await import('../cli/documents.ts');
        if (!terminal.json) terminal.raw(script);
        terminal.document(documentOf('completion', { ok: true, shell, script }));
      }),
    );
}
