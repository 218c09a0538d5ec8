import { expect, it } from 'vitest';
import { AddressBan } from './address-ban.ts';

it('lasts ten minutes from the last refusal, and is news once', () => {
  const ban = new AddressBan();
  expect(ban.isActive(0)).toBe(false);
  expect(ban.begin(1_000)).toBe(true);
  expect(ban.begin(2_000)).toBe(false);
  expect(ban.isActive(2_000 + AddressBan.LENGTH_MS - 1)).toBe(true);
  expect(ban.isActive(2_000 + AddressBan.LENGTH_MS)).toBe(false);
  expect(ban.begin(2_000 + AddressBan.LENGTH_MS)).toBe(true);
});
