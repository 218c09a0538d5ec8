import { addProjectFlags, collect, type Runner } from '@donch/cli';
import type { Command } from 'commander';
import type { ModelFlags } from './model.ts';

export function defineDeployModel(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('deploy-model')
      .argument('[path]', 'folder of the bundle, or its id (default: WINPROB_ARTIFACT_DIR, results/meta_export)'),
  )
    .option('--strategy <file>', 'strategy file (repeatable)', collect)
    .description('copy a verified bundle under models/ and make it the current one')
    .addHelpText(
      'after',
      `
The copy lies under models/<yyyymmdd>-<id>/, and models/current names it; nothing is in between. The last six deployed are kept.
The bundle is verified first, as donch model verify does.

Examples:
  donch deploy-model
  donch deploy-model models/0123456789abcdef`,
    )
    .action((path: string | undefined, flags: ModelFlags) =>
      run(flags, async (context) => {
        const { deployModel } = await import('../pipeline/model-deploy.ts');
        await deployModel(path, flags, context);
      }),
    );
}

export function defineRollbackModel(program: Command, run: Runner): void {
  addProjectFlags(program.command('rollback-model'))
    .option('--strategy <file>', 'strategy file (repeatable)', collect)
    .description('make the bundle that was deployed before the current one again')
    .addHelpText(
      'after',
      `
It is verified first: a bundle that would not be loaded does not become the current one.

Examples:
  donch rollback-model`,
    )
    .action((flags: ModelFlags) =>
      run(flags, async (context) => {
        const { rollbackModel } = await import('../pipeline/model-deploy.ts');
        await rollbackModel(flags, context);
      }),
    );
}
