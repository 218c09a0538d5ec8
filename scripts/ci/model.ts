/**
 * The model finds the planted effect and nothing where none is; the same training is the same model on any number of threads; what is
 * changed in a bundle is seen.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { checkIn, donch, must, timed, type Json } from './donch.ts';

/** Predictor and ONNX runtime may differ by rounding. */
const PARITY_MAX = 1e-9;

await checkIn((folder) => {
  const found = modelOf(donch(['demo'], folder));
  must(Number(found['improvementLowR']) > 0 && found['pstar'] !== null, `nothing was found: ${JSON.stringify(found)}`);
  must(Number(found['parityMaxAbsDiff']) <= PARITY_MAX, `the graph differs: ${String(found['parityMaxAbsDiff'])}`);
  must((found['warnings'] as readonly unknown[]).length === 0, `a probe failed: ${String(found['warnings'])}`);
  const project = join(folder, 'donch-demo');
  const bundle = join(project, 'results', 'meta_export');
  const graph = hashOf(join(bundle, 'model.onnx'));
  const [, trainTime] = timed(() => donch(['train', '--no-cache', '--workers', '1'], project));
  must(hashOf(join(bundle, 'model.onnx')) === graph, 'one thread makes another model');
  donch(['model', 'verify'], project);
  const model = join(bundle, 'model.txt');
  const text = readFileSync(model, 'utf8');
  writeFileSync(model, text.replace('shrinkage=1', 'shrinkage=2'));
  donch(['model', 'verify'], project, EXIT.data);
  writeFileSync(model, text);
  const none = modelOf(donch(['demo', '--no-effect', '--dir', 'null'], folder));
  must(none['pstar'] === null, `a p* was found where there is nothing: ${JSON.stringify(none)}`);
  return [
    `with an effect: p* ${String(found['pstar'])}, +${Number(found['improvementR']).toFixed(3)} R (low ${Number(found['improvementLowR']).toFixed(3)})`,
    `without: ${String(none['pstarNote'])}`,
    `the same model.onnx on one thread (${trainTime}): ${graph}`,
  ];
});

function modelOf({ model }: Json): Json {
  return model as Json;
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
