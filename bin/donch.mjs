#!/usr/bin/env node
// The launcher: installs what is missing on first use, picks the app by the command, runs it on a Node that can.
// Plain JavaScript for Node 20: this file works before anything is installed.

import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from '../scripts/install.mjs';
import { becomeNode, COMPILE_CACHE, isSupportedNode, noRuntimeMessage, pinnedNode, ROOT } from '../scripts/runtime.mjs';

/** Commands of the live bot; every other command is research. */
const LIVE_COMMANDS = new Set(['live', 'db', 'chaos']);

const app = await prepare();
if (app !== undefined) await start(app);

/** Path of the app that knows the command, with everything installed; undefined after a failure, which is printed. */
async function prepare() {
  const name = LIVE_COMMANDS.has(process.argv[2]) ? 'live-bot' : 'research-cli';
  const path = join(ROOT, 'apps', name, 'src', 'main.ts');
  try {
    if (!existsSync(path)) throw new Error(`this copy cannot run the command: "${path}" does not exist`);
    await ensureInstalled();
    if (!isSupportedNode(process.versions.node) && pinnedNode() === undefined) throw new Error(noRuntimeMessage());
    return path;
  } catch (error) {
    console.error(`donch: ${error.message}`);
    process.exitCode = 1;
    return undefined;
  }
}

/** In this process where its Node can run the sources (one start less to pay for), else in the pinned Node. */
async function start(path) {
  const args = process.argv.slice(2);
  if (!isSupportedNode(process.versions.node)) return becomeNode(pinnedNode(), [path, ...args]);
  nodeModule.enableCompileCache(COMPILE_CACHE);
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}
