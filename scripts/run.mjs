// node scripts/run.mjs [<file.ts> [arguments]]: installs what is missing, then runs the file (if any) under the pinned Node. The
// entry of every package script, so that `npm run <script>` works on a fresh machine. Plain JavaScript for Node 20.

import { ensureInstalled } from './install.mjs';
import { becomeNode, isSupportedNode, noRuntimeMessage, pinnedNode } from './runtime.mjs';

try {
  await ensureInstalled();
  const node = pinnedNode() ?? (isSupportedNode(process.versions.node) ? process.execPath : undefined);
  if (node === undefined) throw new Error(noRuntimeMessage());
  if (process.argv.length > 2) becomeNode(node, process.argv.slice(2));
} catch (error) {
  console.error(`donch: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
