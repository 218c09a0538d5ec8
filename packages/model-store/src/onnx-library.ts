/** The library that runs ONNX graphs. Loaded when the first graph is: most commands score without it. */
import { DonchError } from '@donch/core';

export type OnnxLibrary = typeof import('onnxruntime-node');

/** Throws `bad_model` about `file` when the library cannot be loaded on this machine. */
export async function loadOnnxLibrary(
  file: string,
  load: () => Promise<OnnxLibrary> = () => import('onnxruntime-node'),
): Promise<OnnxLibrary> {
  try {
    const library = await load();
    // Its own lines on stderr would say the same as our errors, in other words.
    library.env.logLevel = 'fatal';
    return library;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new DonchError('bad_model', `the ONNX library cannot be loaded, so the model cannot be checked: ${reason}`, {
      file,
      expected: 'onnxruntime-node for this system',
      remedy: remedyFor(process.platform),
      cause,
    });
  }
}

function remedyFor(platform: NodeJS.Platform): string {
  const again = 'Delete node_modules and start donch again, which installs the library';
  if (platform === 'linux') return `${again}. It needs glibc 2.28 or newer (Debian 10, Ubuntu 20.04; Alpine has none).`;
  if (platform === 'win32') return `${again}. It needs the Microsoft Visual C++ Redistributable 2022.`;
  return `${again}. There is one for Linux and Windows (x64, arm64) and for Macs with Apple's own processors.`;
}
