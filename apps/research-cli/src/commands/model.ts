import { addProjectFlags, collect, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface ModelFlags extends ProjectFlags {
  readonly strategy?: readonly string[];
}

export interface ModelImportFlags extends ModelFlags {
  readonly model?: string;
  readonly featureNames?: string;
  readonly categories?: string;
  readonly calibrator?: string;
  readonly pstar?: string;
  readonly trainedUntil?: string;
  readonly outdir?: string;
  readonly onnx?: string;
  readonly features?: string;
  readonly signals?: string;
  readonly out?: string;
}

const WHICH =
  'folder of the bundle, its id, or current = the deployed one (default: WINPROB_ARTIFACT_DIR, results/meta_export, the deployed one)';

export function defineModel(program: Command, run: Runner): void {
  const model = program.command('model').description('what a model bundle is, whether it is whole, models of others');
  defineInspect(model, run);
  defineVerify(model, run);
  defineImport(model, run);
}

/** `--strategy`: whose set-up, features and settings a bundle is held against. */
function addModelFlags(command: Command): Command {
  return addProjectFlags(command).option('--strategy <file>', 'strategy file (repeatable)', collect);
}

function defineInspect(model: Command, run: Runner): void {
  addProjectFlags(model.command('inspect').argument('[path]', WHICH))
    .description('features, label, training, p*, what it is bound to, files')
    .addHelpText(
      'after',
      `
Examples:
  donch model inspect
  donch model inspect results/meta_export
  donch model inspect --json`,
    )
    .action((path: string | undefined, flags: ProjectFlags) =>
      run(flags, async (context) => {
        const { inspectModel } = await import('../pipeline/model-inspect.ts');
        inspectModel(path, flags, context);
      }),
    );
}

function defineVerify(model: Command, run: Runner): void {
  addModelFlags(model.command('verify').argument('[path]', WHICH))
    .description('hashes, features, parity rows, ONNX graph, what it is bound to')
    .addHelpText(
      'after',
      `
Every file is compared with its hash and every feature with how it is computed here and now; the parity rows are computed again by the
predictor, to the bit, and by onnxruntime, within 1e-12. The first difference ends the command with exit code 3: file, field, what was
found, what was expected. Files that the manifest does not list are not looked at; an ev_curve.csv that was written anew is told.

Examples:
  donch model verify
  donch model verify models/0123456789abcdef --strategy strategies/mine.yaml`,
    )
    .action((path: string | undefined, flags: ModelFlags) =>
      run(flags, async (context) => {
        const { verifyModel } = await import('../pipeline/model-verify.ts');
        await verifyModel(path, flags, context);
      }),
    );
}

function defineImport(model: Command, run: Runner): void {
  addModelFlags(model.command('import').description('a model that was trained elsewhere, as a bundle'))
    .option('--model <file>', "LightGBM's model as text (donch_meta_lgbm.txt)")
    .option('--feature-names <file>', 'JSON: names of the columns in the order of the training')
    .option('--categories <file>', 'JSON: values by category feature (default: those of the registry)')
    .option('--calibrator <file>', 'JSON: {"kind": "platt", "a": ..., "b": ...} or "isotonic" with x and y')
    .option('--pstar <p>', 'threshold; without one the bundle names none')
    .option('--trained-until <date>', 'end of the last label of the training, UTC (default: today)')
    .option('--outdir <folder>', 'show the bundle there, too')
    .option('--onnx <file>', 'in place of --model: an ONNX graph, which can score but not become a bundle')
    .option('--features <file>', 'with --onnx: JSON, names of its columns in their order')
    .option('--signals <file>', 'with --onnx: signals to score (TABLES.signals with their features)')
    .option('--out <file>', 'with --onnx: where the predictions go, .parquet or .csv')
    .addHelpText(
      'after',
      `
Names of the earlier system (rs_pct, atr_pct, ...) are read and reported. A column that is no feature here, a doubled name and a category
value that is never computed here are refused by name. The model is bound to the strategy and its settings as they are now; signals before
--trained-until count as known to it. A pickle (.joblib) cannot be read: docs/MIGRATION.md shows how the text is written on the old side.

An ONNX graph of another program is no bundle: trading decides synchronously with trees that it can recompute to the bit. The graph is tried
out, and with --signals it writes predictions that donch ev and donch apply-meta read; whether they are out of sample is known to you alone.

Examples:
  donch model import --model model.txt --feature-names feature_names.json --categories ohe.json --pstar 0.60
  donch model import --onnx model.onnx --features feature_names.json --signals signals/signals.parquet --out pred.parquet`,
    )
    .action((flags: ModelImportFlags) =>
      run(flags, async (context) => {
        const { importForeignModel } = await import('../pipeline/model-import.ts');
        await importForeignModel(flags, context);
      }),
    );
}
