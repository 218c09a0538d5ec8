/**
 * Compiles the training kernels (packages/meta/assembly) to WebAssembly and writes them as text, so that nobody needs a compiler to run
 * them. The same source and compiler give the same bytes; a test demands that the checked-in file is current.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = 'packages/meta/assembly/kernels.ts';
const OPTIONS = ['--runtime', 'stub', '--importMemory', '-O3', '--converge', '--noAssert', '--enable', 'simd'];

/** Path of the generated file, from the root. */
export const KERNELS_FILE = 'packages/meta/src/trainer/kernels-wasm.ts';

/** Text of the generated file. Throws an Error with the compiler's messages. */
export async function kernelsFile(): Promise<string> {
  let wasm: Uint8Array | undefined;
  let messages = '';
  const { error } = await main([SOURCE, '--baseDir', ROOT, '--outFile', 'kernels.wasm', ...OPTIONS], {
    stderr: { write: (chunk) => void (messages += String(chunk)) },
    writeFile: (name, contents) => {
      if (name === 'kernels.wasm' && typeof contents !== 'string') wasm = contents;
    },
  });
  if (error !== null) throw new Error(`${SOURCE} does not compile: ${error.message}\n${messages}`);
  if (wasm === undefined) throw new Error(`the compiler wrote no WebAssembly for ${SOURCE}`);
  const text = Buffer.from(wasm).toString('base64');
  return [
    `/** Made from ${SOURCE} by \`npm run build:kernels\`; base64. */`,
    `export const KERNELS_WASM =\n  '${text}';\n`,
  ].join('\n');
}

if (import.meta.main) {
  writeFileSync(join(ROOT, KERNELS_FILE), await kernelsFile());
  console.log(`wrote ${KERNELS_FILE}`);
}
