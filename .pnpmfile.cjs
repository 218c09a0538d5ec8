'use strict';

/**
 * The packages that carry the pinned Node runtime publish `os` and `cpu` as a plain string. pnpm reads lists only and would
 * install the runtime of every platform (70 MB each), so the hook turns the string into a list.
 * @param {Record<string, unknown>} manifest
 */
function readPackage(manifest) {
  for (const field of ['os', 'cpu']) {
    if (typeof manifest[field] === 'string') manifest[field] = [manifest[field]];
  }
  return manifest;
}

module.exports = { hooks: { readPackage } };
