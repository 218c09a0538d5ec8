import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeWithShared, sharedDir } from './shared.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('sharedDir', () => {
  it('is the folder "shared" beside the repository', () => {
    vi.stubEnv('DONCH_SHARED', undefined);
    const parts = sharedDir('vectors', 'manifest.json').split(/[\\/]/).slice(-3);
    expect(parts).toEqual(['shared', 'vectors', 'manifest.json']);
  });

  it('follows DONCH_SHARED', () => {
    vi.stubEnv('DONCH_SHARED', '/elsewhere');
    expect(sharedDir('vectors')).toBe(join('/elsewhere', 'vectors'));
  });
});

describe('describeWithShared', () => {
  it('throws in CI when the folder is missing', () => {
    vi.stubEnv('DONCH_SHARED', '/does/not/exist');
    vi.stubEnv('CI', 'true');
    expect(() => describeWithShared('x', () => {})).toThrow('expected the shared reference data in CI');
  });
});

const present = mkdtempSync(join(tmpdir(), 'donch-shared-'));
vi.stubEnv('DONCH_SHARED', present);
describeWithShared('a block with the folder present', () => {
  it('runs', () => {
    expect(basename(present)).toMatch(/^donch-shared-/);
    rmSync(present, { recursive: true });
  });
});
vi.unstubAllEnvs();
