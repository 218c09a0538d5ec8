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
const LIVE_COMMANDS = new Set(['live', 'replay', 'db', 'chaos']);

const args = process.argv.slice(2);
const main = await prepare(args[0] ?? '');
if (main !== undefined) await start(main);

/**
 * Makes everything ready for the command and returns the main file of its app; undefined after a failure, which is printed.
 * @param {string} command
 */
async function prepare(command) {
  const app = LIVE_COMMANDS.has(command) ? 'live-bot' : 'research-cli';
  const path = join(ROOT, 'apps', app, 'src', 'main.ts');
  try {
    if (!existsSync(path)) throw new Error(`this copy cannot run "${command}": "${path}" does not exist`);
    await ensureInstalled();
    if (!isSupportedNode(process.versions.node) && pinnedNode() === undefined) throw new Error(noRuntimeMessage());
    return path;
  } catch (error) {
    console.error(`donch: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    return undefined;
  }
}

/**
 * Runs the app: in this process where its Node can (one start less to pay for), else in the pinned Node.
 * @param {string} path
 */
async function start(path) {
  if (!isSupportedNode(process.versions.node)) {
    becomeNode(pinnedNode() ?? process.execPath, [path, ...args]);
    return;
  }
  nodeModule.enableCompileCache(COMPILE_CACHE);
  process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE; // for the workers and children of the app
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}
